// Use and result: the tool spends the lease once, then the agent or the tool reports what happened.

import { recordEvent } from '../../audit/record.ts';
import type { LockedTx, Tx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import { inOrder } from '../../db/in-order.ts';
import type { LeaseToUse } from '../../db/leases.ts';
import * as leases from '../../db/leases.ts';
import { REPORT } from '../../db/record-parts.ts';
import * as requests from '../../db/requests.ts';
import * as results from '../../db/results.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import type { SigningKeyRow } from '../../db/tables.ts';
import { type ExecutionResult, type UseRefusal, useRefusal } from '../../domain/credential/lease.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import type { AgentPrincipal, TokenPrincipal } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';
import { lockRequestRecord } from '../locked.ts';
import { SMALL_NEWS_SECONDS, tell } from '../news.ts';
import { recordingRefusal } from './refused-credential.ts';

export type UseDeps = ServiceDeps & {
  readonly tenant_id: string;
  /** Whoever holds a credential of ours, verified against the tenant's keys; throws credential_invalid. */
  readonly verify: (presented: Presented, keys: VerifyingKeys) => Promise<TokenPrincipal>;
};

export type VerifyingKeys = readonly Pick<SigningKeyRow, 'kid' | 'public_jwk'>[];

export type Presented = {
  readonly token: string | undefined;
  readonly audience: string;
  readonly of: { readonly lease_id: string } | { readonly request_id: string };
  readonly now: Date;
  /** Accept one that ended this many seconds ago. */
  readonly late_seconds: number;
};

/** A tool may take this long after its credential's end to say how it went. */
const REPORT_LATE_SECONDS = 3_600;

export type Used = { readonly id: string; readonly state: 'used'; readonly used_at: Date };

/** Spends the lease that the credential names; a wrong digest is refused and spends nothing. */
export async function use(
  deps: UseDeps,
  input: { readonly lease_id: string; readonly token: string | undefined; readonly digest: string },
): Promise<Used> {
  const { lease_id } = input;
  const answer = await recordingRefusal(deps, { lease_id }, () => attemptUse(deps, input));
  if (typeof answer === 'string') throw new PlacetError(answer);
  return answer;
}

function attemptUse(
  deps: UseDeps,
  input: { readonly lease_id: string; readonly token: string | undefined; readonly digest: string },
): Promise<Used | UseRefusal> {
  return deps.transact(deps.tenant_id, async (begun): Promise<Used | UseRefusal> => {
    const { tx, lease, actor } = await lockVerified(deps, begun, input);
    const { id: lease_id, request_id, digest } = lease;
    const refusal = useRefusal(lease, input.digest, tx.now);
    if (refusal === null && (await leases.markUsed(tx, lease_id, input.digest))) {
      await inOrder(tx, [
        (tx) =>
          recordEvent(deps, tx, {
            type: 'lease.used',
            outcome: 'success',
            actor,
            request_id,
            lease_id,
            digest,
            facts: {},
          }),
        (tx: LockedTx) => tell(tx, { id: request_id, effect: lease.effect }, SMALL_NEWS_SECONDS),
      ]);
      return { id: lease_id, state: 'used', used_at: tx.now };
    }
    const code = refusal ?? 'already_used';
    await recordEvent(deps, tx, {
      type: 'lease.use_refused',
      outcome: 'failure',
      actor,
      request_id,
      lease_id,
      digest,
      facts: { code },
    });
    return code;
  });
}

/** The lease of the credential, locked and as it is then; nobody without the credential makes others wait. */
async function lockVerified(
  deps: UseDeps,
  begun: Tx,
  { lease_id, token }: { readonly lease_id: string; readonly token: string | undefined },
): Promise<{ readonly tx: LockedTx; readonly lease: LeaseToUse; readonly actor: TokenPrincipal }> {
  if (!isId('lease', lease_id)) throw new PlacetError('credential_invalid');
  const [known, public_keys] = await inOrder(begun, [
    (tx) => leases.readLease(tx, lease_id),
    (tx) => signingKeys.listPublicKeys(tx),
  ]);
  if (known === null) throw new PlacetError('credential_invalid');
  const presented = { token, audience: known.audience, of: { lease_id }, now: begun.now, late_seconds: 0 };
  const actor = await deps.verify(presented, public_keys);
  // The request's lock, as everywhere: a result that is being reported meanwhile comes before or after, never beside.
  // The lease is read after the lock was got, although both are asked for at once.
  const [tx, lease] = await inOrder(begun, [
    (tx) => requests.lockRequest(tx, known.request_id),
    (tx) => leases.readLease(tx, lease_id),
  ]);
  if (tx === null || lease === null) throw new PlacetError('credential_invalid');
  return { tx, lease, actor };
}

export type Report = Pick<ExecutionResult, 'status' | 'detail' | 'result_digest'>;
export type Reporter = { readonly caller: AgentPrincipal } | { readonly token: string };

/** Records the result once; the same again is the same answer, another is a conflict. */
export function report(deps: UseDeps, reporter: Reporter, id: string, reported: Report): Promise<ExecutionResult> {
  return recordingRefusal(deps, { request_id: id }, () => attemptReport(deps, reporter, id, reported));
}

function attemptReport(deps: UseDeps, reporter: Reporter, id: string, reported: Report): Promise<ExecutionResult> {
  return deps.transact(deps.tenant_id, async (begun) => {
    // Who may report is settled before the lock: nobody else makes others wait.
    const actor = await reporterOf(deps, begun, reporter, id);
    const locked = await lockRequestRecord(begun, id, REPORT);
    if (locked === null) throw new PlacetError('not_found');
    const { tx, record: known } = locked;
    if (known.result !== null) return sameOrConflict(known.result, reported);
    if (known.request.state !== 'approved') throw new PlacetError('not_approved');
    // An approval needs no credential to be acted on; but one that was claimed is spent before its success is told.
    const isUnspent = known.lease !== null && known.lease.state !== 'used';
    if (reported.status === 'succeeded' && isUnspent) throw new PlacetError('lease_not_used');
    const result: ExecutionResult = { ...reported, reported_at: tx.now };
    await inOrder(tx, [
      (tx) => results.insertResult(tx, id, result),
      (tx) =>
        recordEvent(deps, tx, {
          type: 'result.reported',
          outcome: reported.status === 'succeeded' ? 'success' : 'failure',
          actor,
          request_id: id,
          digest: known.request.digest,
          facts: { status: reported.status, detail: reported.detail, result_digest: reported.result_digest },
        }),
      (tx: LockedTx) => tell(tx, known.request),
    ]);
    return result;
  });
}

/** The requester itself, or whoever holds the credential of this very request; anyone else learns nothing. */
async function reporterOf(
  deps: UseDeps,
  tx: Tx,
  reporter: Reporter,
  request_id: string,
): Promise<AgentPrincipal | TokenPrincipal> {
  const isAsked = isId('request', request_id);
  if ('caller' in reporter) {
    const { caller } = reporter;
    if (!isAsked || (await requests.findRequester(tx, request_id)) !== caller.id) throw new PlacetError('not_found');
    return caller;
  }
  const grant = isAsked ? await grants.readGrant(tx, request_id) : null;
  if (grant === null) throw new PlacetError('credential_invalid');
  const { token } = reporter;
  const { audience } = grant.credential;
  const keys = await signingKeys.listPublicKeys(tx);
  return deps.verify({ token, audience, of: { request_id }, now: tx.now, late_seconds: REPORT_LATE_SECONDS }, keys);
}

function sameOrConflict(stands: ExecutionResult, reported: Report): ExecutionResult {
  const isSame =
    stands.status === reported.status &&
    stands.detail === reported.detail &&
    stands.result_digest === reported.result_digest;
  if (!isSame) throw new PlacetError('result_already_reported');
  return stands;
}
