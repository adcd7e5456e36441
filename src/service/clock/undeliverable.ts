// The event that nobody of some groups could be asked, or that too few of them are left.

import { recordEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import { CLOCK } from '../../domain/people/principal.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';

type Undeliverable = { readonly name: string; readonly error: string | null };

/** Records which groups it is about, and why of each. */
export function recordUndeliverable(
  deps: ServiceDeps,
  tx: Tx,
  { id: request_id, digest }: Pick<ApprovalRequest, 'id' | 'digest'>,
  groups: readonly Undeliverable[],
): Promise<void> {
  const facts = { groups: groups.map(({ name }) => name), errors: groups.map(({ error }) => error) };
  const type = 'approval_request.undeliverable';
  return recordEvent(deps, tx, { type, outcome: 'failure', actor: CLOCK, request_id, digest, facts });
}
