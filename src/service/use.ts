// Use and result: the tool spends the lease once, then the agent or the tool reports what happened.

import { PlacetError } from '../domain/errors.ts';
import { isId } from '../domain/ids.ts';
import { type ExecutionResult, type UseRefusal, useRefusal } from '../domain/lease.ts';
import { type Caller, type Records, record } from './records.ts';
import type { ResultView } from './view.ts';

/** What a presented credential says, once it has been verified. */
export type Presented = {
  readonly tenant_id: string;
  readonly lease_id: string;
  readonly request_id: string;
  readonly agent_id: string;
};

export type UseDeps = Records & {
  /** Verifies a credential of ours; throws credential_invalid. `late_seconds`: accept one that ended this long ago. */
  readonly verify: (token: string | undefined, late_seconds: number) => Promise<Presented>;
};

/** A tool may take this long after its credential's end to say how it went. */
const REPORT_LATE_SECONDS = 3_600;

export type Used = { readonly id: string; readonly state: 'used'; readonly used_at: Date };

/** Spends the lease that the credential names; a wrong digest is refused and spends nothing. */
export async function use(
  deps: UseDeps,
  asked: { readonly lease_id: string; readonly token: string | undefined; readonly digest: string },
): Promise<Used> {
  const presented = await deps.verify(asked.token, 0);
  if (presented.lease_id !== asked.lease_id) throw new PlacetError('credential_invalid');
  const { lease_id, request_id } = presented;
  const actor = { kind: 'agent', id: presented.agent_id } as const;
  const answer = await deps.transact(presented.tenant_id, async (tx): Promise<Used | UseRefusal> => {
    const lease = await deps.store.leases.readLease(tx, lease_id);
    if (lease === null) throw new PlacetError('credential_invalid');
    const { digest } = lease;
    const refusal = useRefusal(lease, asked.digest, tx.now);
    if (refusal === null && (await deps.store.leases.markUsed(tx, lease_id, asked.digest))) {
      await record(deps, tx, {
        type: 'lease.used',
        outcome: 'success',
        actor,
        request_id,
        lease_id,
        digest,
        facts: {},
      });
      await deps.store.requests.touchRequest(tx, request_id);
      return { id: lease_id, state: 'used', used_at: tx.now };
    }
    const code = refusal ?? 'already_used';
    await record(deps, tx, {
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
  if (typeof answer === 'string') throw new PlacetError(answer);
  return answer;
}

export type Report = Pick<ExecutionResult, 'status' | 'detail' | 'result_digest'>;
export type Reporter = { readonly caller: Caller } | { readonly token: string };

/** Records the result once; the same again is the same answer, another is a conflict. */
export async function report(deps: UseDeps, reporter: Reporter, id: string, said: Report): Promise<ResultView> {
  const who = 'caller' in reporter ? reporter.caller : await deps.verify(reporter.token, REPORT_LATE_SECONDS);
  if ('request_id' in who && who.request_id !== id) throw new PlacetError('not_found');
  return deps.transact(who.tenant_id, async (tx) => {
    const { requests, dossiers, results, outbox } = deps.store;
    const dossier =
      isId('request', id) && (await requests.lockRequest(tx, id)) ? await dossiers.readDossier(tx, id) : null;
    if (dossier?.request.agent_id !== who.agent_id) throw new PlacetError('not_found');
    if (dossier.result !== null) return sameOrConflict(dossier.result, said);
    if (dossier.request.state !== 'approved') throw new PlacetError('not_approved');
    if (said.status === 'succeeded' && dossier.grant !== null && dossier.lease?.state !== 'used') {
      throw new PlacetError('lease_not_used');
    }
    const result: ExecutionResult = { ...said, reported_at: tx.now };
    await results.insertResult(tx, id, result);
    await record(deps, tx, {
      type: 'result.reported',
      outcome: said.status === 'succeeded' ? 'success' : 'failure',
      actor: { kind: 'agent', id: who.agent_id },
      request_id: id,
      digest: dossier.request.digest,
      facts: { status: said.status },
    });
    await requests.touchRequest(tx, id);
    if (dossier.request.effect === 'require') await outbox.enqueue(tx, id, 'nudge');
    return result;
  });
}

function sameOrConflict(stands: ExecutionResult, said: Report): ResultView {
  const isSame =
    stands.status === said.status && stands.detail === said.detail && stands.result_digest === said.result_digest;
  if (!isSame) throw new PlacetError('result_already_reported');
  return stands;
}
