// Result: the agent, or the tool that used the credential, reports once how the action went.

import { numberEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import { inOrder } from '../../db/in-order.ts';
import * as requests from '../../db/requests.ts';
import * as results from '../../db/results.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import type { ExecutionResult } from '../../domain/credential/lease.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import type { AgentPrincipal, TokenPrincipal } from '../../domain/people/principal.ts';
import { recordingRefusal } from './refused-credential.ts';
import type { PresentedCredential, VerifyDeps } from './use.ts';

/** A tool may take this long after its credential's end to say how it went. */
const REPORT_LATE_SECONDS = 3_600;

export type Report = Pick<ExecutionResult, 'status' | 'detail' | 'result_digest'>;
export type Reporter = { readonly caller: AgentPrincipal } | (PresentedCredential & { readonly token: string });

/** Records the result once; the same again is the same answer, another is a conflict. */
export function report(deps: VerifyDeps, reporter: Reporter, id: string, reported: Report): Promise<ExecutionResult> {
  return recordingRefusal(deps, { request_id: id }, () => attemptReport(deps, reporter, id, reported));
}

function attemptReport(deps: VerifyDeps, reporter: Reporter, id: string, reported: Report): Promise<ExecutionResult> {
  return deps.transact(deps.tenant_id, async (tx) => {
    // Who may report is settled before the lock: nobody else makes others wait.
    const { actor, digest, lease_id } = await reporterOf(deps, tx, reporter, id);
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
          (tx) => results.readReported(tx, { request_id: id, lease_id }),
          (tx) => results.insertResult(tx, { request_id: id, lease_id, status, detail, result_digest }, event),
        ]),
      ),
    );
    if (known === null) throw new PlacetError('not_found');
    return reported_at === null ? refuseReport(known, reported) : { status, detail, result_digest, reported_at };
  });
}

type Reporting = {
  readonly actor: AgentPrincipal | TokenPrincipal;
  readonly digest: string;
  /** The lease whose use is told of; null for the one that was claimed last. */
  readonly lease_id: string | null;
};

/** The requester itself, or whoever holds the credential of this very request; anyone else learns nothing. */
async function reporterOf(deps: VerifyDeps, tx: Tx, reporter: Reporter, request_id: string): Promise<Reporting> {
  const isAsked = isId('request', request_id);
  if ('caller' in reporter) {
    const { caller } = reporter;
    const request = isAsked ? await requests.findRequester(tx, request_id) : null;
    if (request?.agent_id !== caller.id) throw new PlacetError('not_found');
    return { actor: caller, digest: request.digest, lease_id: null };
  }
  const grant = isAsked ? await grants.readGrant(tx, request_id) : null;
  if (grant === null) throw new PlacetError('credential_invalid');
  const { token, scheme, proof } = reporter;
  const { audience } = grant.credential;
  const keys = await signingKeys.listPublicKeys(tx);
  const presented = {
    token,
    scheme,
    proof,
    audience,
    of: { request_id },
    now: tx.now,
    late_seconds: REPORT_LATE_SECONDS,
  };
  const actor = await deps.verify(presented, keys);
  return { actor, digest: grant.digest, lease_id: actor.id };
}

/** Why the result was not recorded, or the same one that stands. */
function refuseReport({ state, lease_state, is_revoked, result }: results.Reported, reported: Report): ExecutionResult {
  if (result !== null) return sameOrConflict(result, reported);
  if (state !== 'approved') throw new PlacetError('not_approved');
  if (is_revoked) throw new PlacetError('approval_revoked');
  if (lease_state === 'revoked') throw new PlacetError('lease_revoked');
  // An approval needs no credential to be acted on; but one that was claimed is spent before its success is told.
  if (lease_state !== null && lease_state !== 'used') throw new PlacetError('lease_not_used');
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
