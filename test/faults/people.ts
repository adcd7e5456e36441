// People before their Slack: each does one thing at a time, and tries again until the record has the decision or is closed.

import { approver, DANA, DBA, FINANCE_LEAD, PAYMENTS, TREASURER } from '@placet/playground';
import { until } from '../support/wait.ts';
import { PATIENCE_MS } from './patience.ts';
import type { World } from './world.ts';

export type Choice = 'approve' | 'deny';
export type Person = typeof FINANCE_LEAD | typeof TREASURER | typeof DANA;

const CHANNELS: Readonly<Record<string, string>> = { [FINANCE_LEAD]: PAYMENTS, [TREASURER]: PAYMENTS, [DANA]: DBA };
/** A click that had no effect for this long is made again. */
const EFFECT_MS_MAX = 4_000;
const REASON = 'Not this one.';

type Place = { readonly channel_id: string; readonly ts: string };

/** Gives the world its people. */
export function createPeople(world: World): {
  readonly decide: (request_id: string, who: Person, choice: Choice) => Promise<void>;
} {
  const busy = new Map<Person, Promise<unknown>>();
  /** A person does one thing at a time. */
  const inTurn = <T>(who: Person, work: () => Promise<T>): Promise<T> => {
    const mine = (busy.get(who) ?? Promise.resolve()).then(work);
    busy.set(
      who,
      mine.catch(() => undefined),
    );
    return mine;
  };
  const decide = async (request_id: string, who: Person, choice: Choice): Promise<void> => {
    const decided = async () => {
      if (await isOver(world, request_id, who)) return true;
      const place = await placeOf(world, request_id, who);
      if (place === null) return false;
      await inTurn(who, () => act(world, who, choice, place));
      return until(() => isOver(world, request_id, who), { limit_ms: EFFECT_MS_MAX }).catch(() => false);
    };
    await until(decided, { what: `the decision of ${who} on ${request_id}`, limit_ms: PATIENCE_MS });
  };
  return { decide };
}

async function isOver(world: World, request_id: string, who: Person): Promise<boolean> {
  const sql = `select from placet.approval_requests r where r.id = $1 and (r.state <> 'pending' or exists (
    select from placet.decisions d where d.request_id = r.id and split_part(d.account, '/', 2) = $2))`;
  return (await world.rows(sql, [request_id, who])).length > 0;
}

/** Where the record says that the card stands in the person's channel. */
async function placeOf(world: World, request_id: string, who: Person): Promise<Place | null> {
  const sql = `select channel_id, ts from placet.slack_messages
    where request_id = $1 and kind = 'card' and state = 'posted' and destination = $2`;
  return (await world.rows<Place>(sql, [request_id, CHANNELS[who]]))[0] ?? null;
}

/** One click, and for a denial the window that it opens. Whatever becomes of it, the record tells. */
async function act({ slack, trace }: World, as: Person, choice: Choice, { channel_id, ts }: Place): Promise<void> {
  const screen = { slack, wait_ms_max: EFFECT_MS_MAX };
  const clicked = await approver.clickLate(screen, as, { channel: channel_id, ts }, choice);
  trace.note(`click ${choice}`, `${as} ${channel_id}/${ts}`, clicked.ok ? 'taken' : clicked.error);
  if (choice === 'approve') return;
  const window = await approver.openModalOf(screen, as).catch(() => null);
  if (window === null) return;
  const submitted = await approver.submit(screen, as, window, { reason: REASON });
  trace.note('submit denial', `${as} ${channel_id}/${ts}`, submitted.ok ? 'taken' : submitted.error);
  await approver.closeModals(screen, as);
}
