// What Slack refuses: kept, audited once, told to operators, and tried again while that can help.

import { isId } from '../../domain/ids.ts';
import { isFinal } from '../../domain/request/request.ts';
import { nextAttemptAt } from '../../domain/work/message.ts';
import { type Of, recordRefused, type SlackMessage } from '../../service/clock/deliveries.ts';
import type { DeliverDeps, Snapshot } from './delivery.ts';
import { isAboutPerson, isGone } from './slack-errors.ts';

/** Slack does not take it as things are: what was decided stands, the refusal is on record, and operators see it once. */
export async function refuse(
  deps: DeliverDeps,
  snapshot: Snapshot,
  row: SlackMessage,
  code: string,
): Promise<SlackMessage> {
  const { request } = snapshot.record;
  const isPending = !isFinal(request.state);
  const next_attempt_at = canHelp(row, isPending, code) ? nextAttemptAt(row.attempts, isPending, snapshot.now) : null;
  // What stands and may be drawn later keeps its place: its buttons are still to be taken away.
  const has_failed = row.state !== 'posted' || next_attempt_at === null;
  const isNew = await recordRefused(deps, of(snapshot), { row, error: code, next_attempt_at, has_failed });
  if (isNew) deps.onRefused({ request_id: request.id, kind: row.kind, code, next_attempt_at });
  const undelivered_at = row.undelivered_at ?? (row.state === 'posted' ? snapshot.now : null);
  const refused = { ...row, error: code, attempts: row.attempts + 1, next_attempt_at, undelivered_at };
  return has_failed ? { ...refused, state: 'failed', ts: null } : refused;
}

/** True while another try may be of use to somebody: what is gone, or out of date before it is posted, helps nobody. */
function canHelp({ kind, destination, state }: SlackMessage, isPending: boolean, code: string): boolean {
  // Whether a person takes messages of ours is theirs to say; what keeps one out of a channel somebody mends.
  if (isId('person', destination) && isAboutPerson(code)) return false;
  switch (kind) {
    case 'card':
      return isPending || (state === 'posted' && !isGone(code));
    case 'copy':
      return !isGone(code);
    case 'reminder':
    case 'stage':
    case 'undeliverable':
      return isPending;
    case 'outcome':
      return !isGone(code);
  }
}

/** The request of a snapshot, as the record's side of a delivery names it. */
export function of({ tenant_id, record: { request } }: Pick<Snapshot, 'tenant_id' | 'record'>): Of {
  return { tenant_id, request };
}
