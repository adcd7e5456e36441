// What one reconcile delivers together: which messages it takes a turn for at once, and what became of them. Calls nothing.

import { isTime } from '../../domain/work/message.ts';
import { isOutcomeStale, staleCards } from '../../domain/work/pending-work.ts';
import type { QueueKey } from '../../domain/work/queue.ts';
import type { Advanced, Opened } from '../../service/clock/advance.ts';
import type { SlackMessage } from '../../service/clock/deliveries.ts';
import type { Settled, Wanted } from '../../service/clock/together.ts';
import type { Delivery, Snapshot, Together } from './delivery.ts';

/** The cards and the outcome that are due, as a reconcile asks for their turns. */
export function wantedOf(team_id: string, advanced: Advanced): readonly Wanted[] {
  const { record, messages, now } = advanced;
  const at = { team_id, record, now };
  const want = (kind: Wanted['kind'], destination: string): Wanted => ({
    kind,
    destination,
    queueOf: (row) => queueFor(at, { destination, can_redraw: true }, row),
  });
  return [
    ...staleCards(record, messages, now).map((channel) => want('card', channel)),
    ...(isOutcomeStale(record, messages, now) ? [want('outcome', record.agent.owner.id)] : []),
  ];
}

/** In which queue the message calls now; null when there is nothing to call. */
export function queueFor(
  { team_id, record, now }: Pick<Snapshot, 'team_id' | 'record' | 'now'>,
  delivery: Pick<Delivery, 'destination'> & { readonly can_redraw: boolean },
  row: SlackMessage,
): QueueKey | null {
  // Another try was refused meanwhile, waits for its turn, or failed for good.
  if (!isTime(row, now) || (row.state === 'failed' && row.next_attempt_at === null)) return null;
  // What is told in a thread is named by its channel and more.
  const [channel = ''] = delivery.destination.split('/');
  if (row.state !== 'posted') return { team_id, method: 'chat.postMessage', channel };
  if (!delivery.can_redraw || row.channel_id === null || row.ts === null) return null;
  // Another try drew a later moment meanwhile: never go back behind it. The revision counts; a clock may step back.
  const { revision } = record.request;
  if (row.revision > revision || (row.revision === revision && row.drawn_at > now)) return null;
  return { team_id, method: 'chat.update', channel: row.channel_id };
}

/** Holds what was opened together until it is settled together. */
export function createTogether({ opened, is_tied, owner_accounts }: Opened): Together {
  const left = new Set(opened);
  const settled: Settled[] = [];
  return {
    is_tied,
    owner_accounts,
    take: ({ kind, destination }) => {
      const found = [...left].find(({ row }) => row.kind === kind && row.destination === destination);
      if (found === undefined) return null;
      left.delete(found);
      return { ...found, settle: (each) => void settled.push(each) };
    },
    all: () => [...settled, ...[...left].map(({ row, key }) => ({ kind: 'uncalled' as const, row, key }))],
  };
}
