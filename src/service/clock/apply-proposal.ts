// Applies an approved proposal, once: the people who agreed are looked at again, and the version that it changes must still be
// the newest. Whatever dies half-way, the next look at the request does it.

import { numberEvent, recordEvent } from '../../audit/record.ts';
import type { LockedTx } from '../../db/database.ts';
import * as executions from '../../db/executions.ts';
import * as groups from '../../db/groups.ts';
import * as policies from '../../db/policies.ts';
import * as proposals from '../../db/proposals.ts';
import { APPROVED } from '../../db/record-parts.ts';
import * as results from '../../db/results.ts';
import { startRefusal } from '../../domain/credential/lease.ts';
import { PlacetError } from '../../domain/errors.ts';
import { WORKER } from '../../domain/people/principal.ts';
import { POLICY_APPLY } from '../../domain/policy/proposal.ts';
import type { ApprovedRecord } from '../../domain/request/record.ts';
import type { ApprovalInput } from '../../domain/work/workflow.ts';
import { hexOf, writeVersion } from '../admin/write-version.ts';
import { isStillApproved } from '../agent/approved.ts';
import type { ServiceDeps } from '../deps.ts';
import { lockRequestRecord } from '../locked.ts';
import { tell } from '../news.ts';

/** True for an approved change of policy of which nobody knows yet how it ended. */
export function isProposalDue({
  request,
  execution,
  result,
}: Pick<ApprovedRecord, 'request' | 'execution' | 'result'>): boolean {
  return request.action === POLICY_APPLY && request.state === 'approved' && execution === null && result === null;
}

/** Does nothing for a request that is no proposal, and for one that has ended. */
export async function applyProposal(deps: ServiceDeps, input: ApprovalInput): Promise<void> {
  try {
    await attempt(deps, input, null);
  } catch (error) {
    // The record contradicts the document by now, or it would leave no owner: nothing of it was written, and that is its end.
    if (!(error instanceof PlacetError) || (error.code !== 'policy_invalid' && error.code !== 'last_owner'))
      throw error;
    await attempt(deps, input, error.code);
  }
}

function attempt(deps: ServiceDeps, { tenant_id, request_id }: ApprovalInput, failed: string | null): Promise<void> {
  return deps.transact(tenant_id, async (begun) => {
    // Policies first, as everybody who takes both locks.
    const locking = await policies.lockPolicies(begun);
    const locked = await lockRequestRecord(locking, request_id, APPROVED);
    const proposal = await proposals.readProposal(locking, request_id);
    if (locked === null || proposal === null || proposal.outcome !== null || !isProposalDue(locked.record)) return;
    const { tx, record } = locked;
    await groups.keepAdministrators(
      tx,
      record.groups.map(({ id }) => id),
    );
    const { state, closed_at: approved_at, digest: approved_digest } = record.request;
    const has_quorum = await isStillApproved(tx, record, []);
    const digest = digestOf(record, proposal);
    const about = { state, approved_at, approved_digest, digest, has_quorum };
    const facts = { ...about, grant: null, execution: null, revocation: null, has_result: false };
    const refusal = startRefusal(facts, tx.now);
    if (refusal !== null) return refuse(deps, tx, record, refusal);
    await executions.insertExecution(tx, request_id, { idempotency_key: request_id, digest, started_at: tx.now });
    const current = await policies.readNewest(tx);
    const code = failed ?? ((current?.number ?? 0) === proposal.base_number ? null : 'policy_changed');
    if (code !== null) {
      await report(deps, tx, record, { status: 'failed', detail: `not applied: ${code}` });
      return refuse(deps, tx, record, code);
    }
    const { document, source, via } = proposal;
    await proposals.endProposal(tx, request_id, 'applied');
    const version = { current, document, source, digest: proposal.digest, via, request_id, actor: WORKER };
    const { number } = await writeVersion(deps, tx, version);
    await report(deps, tx, record, { status: 'succeeded', detail: `applied as version ${number}` });
    await tell(tx, record.request);
  });
}

/** The digest of what is about to run: the approved one only where the document is the one that it covers. */
function digestOf({ request }: ApprovedRecord, proposal: proposals.StoredProposal): string {
  const { document } = request.parameters as { readonly document?: { readonly digest?: unknown } };
  const own = hexOf(proposal.digest);
  return document?.digest === own ? request.digest : own;
}

async function refuse(deps: ServiceDeps, tx: LockedTx, { request }: ApprovedRecord, code: string): Promise<void> {
  await proposals.endProposal(tx, request.id, code);
  const about = { outcome: 'failure', actor: WORKER, request_id: request.id, digest: request.digest } as const;
  await recordEvent(deps, tx, { ...about, type: 'policy.proposal_refused', facts: { code } });
  await tell(tx, request);
}

type Outcome = { readonly status: 'succeeded' | 'failed'; readonly detail: string };

async function report(
  deps: ServiceDeps,
  tx: LockedTx,
  { request: { id: request_id, digest } }: ApprovedRecord,
  outcome: Outcome,
): Promise<void> {
  const event = numberEvent(deps, tx.now, {
    type: 'result.reported',
    outcome: outcome.status === 'succeeded' ? 'success' : 'failure',
    actor: WORKER,
    request_id,
    digest,
    facts: { status: outcome.status },
  });
  await results.insertResult(tx, { ...outcome, request_id, lease_id: null, result_digest: null }, event);
}
