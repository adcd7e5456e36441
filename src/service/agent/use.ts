// Use and result: the tool spends the lease once, then the agent or the tool reports what happened.

import { numberEvent, recordEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import { inOrder } from '../../db/in-order.ts';
import type { LeaseToUse } from '../../db/leases.ts';
import * as leases from '../../db/leases.ts';
import { REPORT } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import * as requests from '../../db/requests.ts';
import * as results from '../../db/results.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import type { SigningKeyRow } from '../../db/tables.ts';
import { type ExecutionResult, type UseRefusal, useRefusal } from '../../domain/credential/lease.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import type { AgentPrincipal, TokenPrincipal } from '../../domain/people/principal.ts';
import type { ReportRecord } from '../../domain/request/record.ts';
import type { ServiceDeps } from '../deps.ts';
import { SMALL_NEWS_SECONDS } from '../news.ts';
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

type Presenting = { readonly lease_id: string; readonly token: string | undefined; readonly digest: string };

async function attemptUse(deps: UseDeps, input: Presenting): Promise<Used | UseRefusal> {
  const used_at = await deps.transact(deps.tenant_id, async (tx) => {
    const { lease, actor } = await verifyLease(deps, tx, input);
    const { id: lease_id, request_id, digest } = lease;
    const event = numberEvent(deps, tx.now, {
      type: 'lease.used',
      outcome: 'success',
      actor,
      request_id,
      lease_id,
      digest,
      facts: {},
    });
    const named = { id: lease_id, request_id, digest: input.digest };
    // The request's lock, as everywhere: a result that is being reported meanwhile comes before or after, never beside. The
    // statement behind it decides, so it is committed with it.
    return tx.commitWith(() =>
      requests.behindLock(tx, request_id, (tx) =>
        leases.spendLease(tx, named, { event, tell_seconds: SMALL_NEWS_SECONDS }),
      ),
    );
  });
  return used_at === null ? refuseUse(deps, input) : { id: input.lease_id, state: 'used', used_at };
}

/** Says why the lease was not spent, by what it is under the lock. None is ever spent again, nor gets a later end. */
function refuseUse(deps: UseDeps, input: Presenting): Promise<UseRefusal> {
  return deps.transact(deps.tenant_id, async (begun) => {
    const { actor, lease: known } = await verifyLease(deps, begun, input);
    const { id: lease_id, request_id, digest } = known;
    // The lease is read after the lock was got, although both are asked for at once.
    const [tx, lease] = await inOrder(begun, [
      (tx) => requests.lockRequest(tx, request_id),
      (tx) => leases.readLease(tx, lease_id),
    ]);
    if (tx === null || lease === null) throw new PlacetError('credential_invalid');
    const code = useRefusal(lease, input.digest, tx.now) ?? 'already_used';
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

/** The lease that the credential is of, before any lock: nobody without the credential makes others wait. */
async function verifyLease(
  deps: UseDeps,
  tx: Tx,
  { lease_id, token }: Presenting,
): Promise<{ readonly lease: LeaseToUse; readonly actor: TokenPrincipal }> {
  if (!isId('lease', lease_id)) throw new PlacetError('credential_invalid');
  const [lease, public_keys] = await inOrder(tx, [
    (tx) => leases.readLease(tx, lease_id),
    (tx) => signingKeys.listPublicKeys(tx),
  ]);
  if (lease === null) throw new PlacetError('credential_invalid');
  const presented = { token, audience: lease.audience, of: { lease_id }, now: tx.now, late_seconds: 0 };
  return { lease, actor: await deps.verify(presented, public_keys) };
}

export type Report = Pick<ExecutionResult, 'status' | 'detail' | 'result_digest'>;
export type Reporter = { readonly caller: AgentPrincipal } | { readonly token: string };

/** Records the result once; the same again is the same answer, another is a conflict. */
export function report(deps: UseDeps, reporter: Reporter, id: string, reported: Report): Promise<ExecutionResult> {
  return recordingRefusal(deps, { request_id: id }, () => attemptReport(deps, reporter, id, reported));
}

function attemptReport(deps: UseDeps, reporter: Reporter, id: string, reported: Report): Promise<ExecutionResult> {
  return deps.transact(deps.tenant_id, async (tx) => {
    // Who may report is settled before the lock: nobody else makes others wait.
    const { actor, digest } = await reporterOf(deps, tx, reporter, id);
    const { status, detail, result_digest } = reported;
    const event = numberEvent(deps, tx.now, {
      type: 'result.reported',
      outcome: status === 'succeeded' ? 'success' : 'failure',
      actor,
      request_id: id,
      digest,
      facts: { status },
    });
    // Committed with the statement that decides; the record is read between the lock and it, to say why it did not.
    const [known, reported_at] = await tx.commitWith(() =>
      requests.behindLock(tx, id, (locking) =>
        inOrder(locking, [
          (tx) => requestRecords.readRequestRecord(tx, id, REPORT),
          (tx) => results.insertResult(tx, { request_id: id, status, detail, result_digest }, event),
        ]),
      ),
    );
    if (known === null) throw new PlacetError('not_found');
    return reported_at === null ? refuseReport(known, reported) : { status, detail, result_digest, reported_at };
  });
}

/** The requester itself, or whoever holds the credential of this very request; anyone else learns nothing. */
async function reporterOf(
  deps: UseDeps,
  tx: Tx,
  reporter: Reporter,
  request_id: string,
): Promise<{ readonly actor: AgentPrincipal | TokenPrincipal; readonly digest: string }> {
  const isAsked = isId('request', request_id);
  if ('caller' in reporter) {
    const { caller } = reporter;
    const request = isAsked ? await requests.findRequester(tx, request_id) : null;
    if (request?.agent_id !== caller.id) throw new PlacetError('not_found');
    return { actor: caller, digest: request.digest };
  }
  const grant = isAsked ? await grants.readGrant(tx, request_id) : null;
  if (grant === null) throw new PlacetError('credential_invalid');
  const { token } = reporter;
  const { audience } = grant.credential;
  const keys = await signingKeys.listPublicKeys(tx);
  const presented = { token, audience, of: { request_id }, now: tx.now, late_seconds: REPORT_LATE_SECONDS };
  return { actor: await deps.verify(presented, keys), digest: grant.digest };
}

/** Why the result was not recorded, or the same one that stands. */
function refuseReport({ request, lease, result }: ReportRecord, reported: Report): ExecutionResult {
  if (result !== null) return sameOrConflict(result, reported);
  if (request.state !== 'approved') throw new PlacetError('not_approved');
  // An approval needs no credential to be acted on; but one that was claimed is spent before its success is told.
  if (lease !== null && lease.state !== 'used') throw new PlacetError('lease_not_used');
  throw new PlacetError('internal', {}, new Error('a result was refused for no reason'));
}

function sameOrConflict(stands: ExecutionResult, reported: Report): ExecutionResult {
  const isSame =
    stands.status === reported.status &&
    stands.detail === reported.detail &&
    stands.result_digest === reported.result_digest;
  if (!isSame) throw new PlacetError('result_already_reported');
  return stands;
}
