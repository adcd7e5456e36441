// Receipts: for the agent that asked, and for a tool with its credential, what proves that the record says what it says. And the
// log's public key, for anyone.

import { type Receipts, readLogKey, readReceipts } from '../../audit/receipts.ts';
import { PlacetError } from '../../domain/errors.ts';
import { recordingRefusal } from './refused-credential.ts';
import { type Reporter, reporterOf } from './report.ts';
import type { VerifyDeps } from './use.ts';

/** Half of what passes between two checkpoints. */
const RETRY_SECONDS = 30;

/** The receipts of the caller's own request, once all that happened to it is under a signed checkpoint. */
export async function listReceipts(deps: VerifyDeps, reporter: Reporter, id: string): Promise<Receipts> {
  const receipts = await recordingRefusal(deps, { request_id: id }, () =>
    deps.transact(deps.tenant_id, async (tx) => {
      await reporterOf(deps, tx, reporter, { id, lease_id: null });
      return readReceipts(tx, id, 'caller' in reporter ? 'requester' : 'tool');
    }),
  );
  if (receipts === 'waiting') throw new PlacetError('receipt_not_ready', { retry_after_seconds: RETRY_SECONDS });
  return receipts;
}

/** The public key of the log, by which its checkpoints and receipts are checked. */
export async function showLogKey(deps: Pick<VerifyDeps, 'transact' | 'tenant_id'>): Promise<{ readonly key: string }> {
  const key = await deps.transact(deps.tenant_id, readLogKey);
  if (key === null) throw new PlacetError('unavailable', { dependency: 'audit log' });
  return { key };
}
