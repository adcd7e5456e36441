// Slack against the record: each live card and each message to an owner says what the row says, and no button is left.

import { approver, FINANCE_LEAD, type Message, type PlaygroundState, words } from '@placet/playground';
import { until } from '../support/wait.ts';
import type { RecordRow } from './check-record.ts';
import type { World } from './world.ts';

type MessageRow = {
  readonly request_id: string;
  readonly kind: 'card' | 'reminder' | 'outcome';
  readonly destination: string;
  readonly state: string;
  readonly channel_id: string | null;
  readonly ts: string | null;
  readonly is_audited: boolean;
};

const HEADS = { approved: 'Approved: ', denied: 'Denied: ', expired: 'Expired: ', cancelled: 'Cancelled: ' } as const;
/** A press of a button on a copy that is out of date takes its buttons away within a second or two. */
const DISABLE_MS_MAX = 20_000;

const MESSAGES = `select m.request_id, m.kind, m.destination, m.state, m.channel_id, m.ts,
  exists (select from placet.audit_events e where e.request_id = m.request_id and e.type = 'notify.failed'
    and e.facts ->> 'kind' = m.kind) as is_audited
  from placet.slack_messages m`;

/** What is wrong with the messages of requests that needed people; empty when nothing is. */
export async function faultsOfCards(
  world: World,
  rows: readonly RecordRow[],
  disable_ms = DISABLE_MS_MAX,
): Promise<string[]> {
  const state = await world.slack.state();
  const messages = await world.rows<MessageRow>(MESSAGES);
  const input = rows.filter(({ effect }) => effect === 'require');
  const faults = input.flatMap((row) => {
    const mine = messages.filter(({ request_id }) => request_id === row.id);
    return [...faultsOfCard(row, mine, state), ...faultsOfOutcome(row, mine, state)];
  });
  return [...faults, ...(await faultsOfCopies({ world, rows: input, messages, disable_ms }))];
}

function faultsOfCard(row: RecordRow, messages: readonly MessageRow[], state: PlaygroundState): string[] {
  const cards = messages.filter(({ kind }) => kind === 'card');
  if (cards.length === 0) return [`${row.id}: has no card`];
  return cards.flatMap((card) => {
    if (card.state === 'failed') return card.is_audited ? [] : [`${row.id}: its card failed without an event`];
    const shown = messageAt(state, card);
    if (shown === undefined) return [`${row.id}: the card in ${card.destination} is not where the record says`];
    const text = words(shown);
    const wrong = [...missingWords(row, text), ...(approver.buttonsOf(shown).length > 0 ? ['buttons are left'] : [])];
    return wrong.map((what) => `${row.id}: card in ${card.destination}: ${what}`);
  });
}

function missingWords(row: RecordRow, text: string): string[] {
  const wanted = [row.state === 'pending' ? '?' : HEADS[row.state], row.resource, closingWords(row)];
  return wanted.filter((each) => !text.includes(each)).map((each) => `does not say "${each}": ${text.slice(-120)}`);
}

/** What became of an approval, as the last line of the card says it. */
function closingWords({ state, result, leases, lease_state, has_credential, is_awaited }: RecordRow): string {
  if (state !== 'approved') return '';
  if (result !== null) return `, ${result}`;
  if (leases === 0) return has_credential ? (is_awaited ? 'Not claimed yet' : 'never claimed') : '';
  if (lease_state === 'used') return 'no result reported';
  return lease_state === 'expired' ? 'never used' : 'Claimed at ';
}

function faultsOfOutcome(row: RecordRow, messages: readonly MessageRow[], state: PlaygroundState): string[] {
  const outcome = messages.find(({ kind }) => kind === 'outcome');
  if (outcome === undefined) return [`${row.id}: the owner was not told`];
  if (outcome.state === 'failed') return outcome.is_audited ? [] : [`${row.id}: its outcome failed without an event`];
  const shown = messageAt(state, outcome);
  if (shown === undefined) return [`${row.id}: the message to the owner is not where the record says`];
  const text = words(shown);
  const head = row.state === 'pending' ? '' : HEADS[row.state].replace(': ', '');
  const missing = [head, row.resource, closingWords(row)].filter((each) => !text.includes(each));
  return missing.map((each) => `${row.id}: the owner was not told "${each}": ${text.slice(-120)}`);
}

function messageAt({ channels }: PlaygroundState, { channel_id, ts }: MessageRow): Message | undefined {
  return channels.find(({ id }) => id === channel_id)?.messages.find((message) => message.ts === ts);
}

type Copies = {
  readonly world: World;
  readonly rows: readonly RecordRow[];
  readonly messages: readonly MessageRow[];
  readonly disable_ms: number;
};

/** A copy whose answer was lost may stand beside the live card: a press of its button changes nothing and takes it away. */
async function faultsOfCopies({ world, rows, messages, disable_ms }: Copies): Promise<string[]> {
  const state = await world.slack.state();
  const live = new Set(messages.map(({ channel_id, ts }) => `${channel_id}/${ts}`));
  const copies = rows.flatMap(({ id }) =>
    approver
      .cardsIn(state, id)
      .filter((card) => !live.has(`${card.channel}/${card.ts}`) && approver.buttonsOf(card).length > 0)
      .map((card) => ({ id, card })),
  );
  const faults: string[] = [];
  for (const { id, card } of copies) {
    const { channel, ts } = card;
    await approver.clickLate(world, FINANCE_LEAD, { channel, ts });
    const isDead = async () => {
      const shown = approver
        .cardsIn(await world.slack.state(), id)
        .find((copy) => copy.ts === ts && copy.channel === channel);
      return shown === undefined || approver.buttonsOf(shown).length === 0;
    };
    world.trace.note('click on a copy', id, `${channel}/${ts}`);
    await until(isDead, { limit_ms: disable_ms }).catch(() => {
      faults.push(`${id}: the copy at ${channel}/${ts} keeps its buttons after a click`);
    });
  }
  return faults;
}
