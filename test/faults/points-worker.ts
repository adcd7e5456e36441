// Where the worker is killed: between the record and Temporal, between the record and Slack, and when time is up.
import { inTime, until } from '../support/wait.ts';
import type { Moment } from './gate.ts';
import { PATIENCE_MS } from './patience.ts';
import { after, atCommit, atSlackCall, before, type Point } from './points.ts';
import type { Story } from './stories.ts';
import type { World } from './world.ts';

const role = 'worker';
const NOT_TOLD = 'worker: outbox row read, Temporal not told';
const SWEEPING = 'worker: sweeping';
const noted = (kind: string) => before('notify.sent', `"kind":"${kind}"`);
/** One call to Temporal is given up after five seconds. */
const CALL_MS_MAX = 4_500;

export const WORKER_POINTS: readonly Point[] = [
  {
    name: NOT_TOLD,
    role,
    stands: 'last',
    stand: async ({ world, stories }) => {
      let release = () => {};
      const ask = () => {
        release = world.temporalProxy.freeze();
      };
      const story = stories.begin('ran', { ask });
      await until(() => isRowTaken(world, story), { what: NOT_TOLD, limit_ms: PATIENCE_MS }).catch((error: unknown) => {
        release();
        throw error;
      });
      const until_ms = Date.now() + CALL_MS_MAX;
      return { isStanding: () => Date.now() < until_ms, release };
    },
  },
  atCommit('worker: workflow started, outbox row not removed', {
    ...{ role, plan: 'ran', from: null, moment: before('start'), stands: 'last' },
  }),
  atCommit('worker: workflow nudged, outbox row not removed', {
    ...{ role, plan: 'ran', from: 'decide', moment: before('nudge'), stands: 'last' },
  }),
  atCommit('worker: card about to be posted', { role, plan: 'ran', from: null, moment: after('msg_') }),
  atSlackCall('worker: posted, answer not heard', { role, plan: 'ran', from: 'ask', method: 'chat.postMessage' }),
  atCommit('worker: card posted, place not stored', {
    ...{ role, plan: 'ran, two channels', from: null, moment: noted('card') },
  }),
  atCommit('worker: card redrawn, not marked', { role, plan: 'ran, two approved', from: 'decide', moment: marking }),
  atCommit('worker: owner told, place not stored', { role, plan: 'denied', from: 'decide', moment: noted('outcome') }),
  atCommit('worker: reminded, place not stored', {
    ...{ role, plan: 'reminded', from: 'decide', moment: noted('reminder') },
  }),
  atCommit('worker: expiry written, not committed', {
    ...{ role, plan: 'expired', from: 'decide', moment: before('approval_request.expired') },
  }),
  atCommit('worker: expiry committed, not heard', {
    ...{ role, plan: 'expired', from: 'decide', moment: after('approval_request.expired') },
  }),
  {
    name: SWEEPING,
    role,
    stands: 'at start',
    stand: async ({ world, stories }) => {
      stories.begin('ran');
      // Only a new connection says the words of a statement; a sweep is the first thing that a worker does.
      const held = world.gates[role].hold({ markers: ['min(late.rank)'], at: 'before commit' });
      world.start(role).catch(() => undefined);
      await inTime(SWEEPING, held.reached, PATIENCE_MS);
      return held;
    },
  },
];

/** True while the story's outbox row stands, and is locked by the relay. */
async function isRowTaken({ database, rows }: World, { id }: Story): Promise<boolean> {
  if (id === null) return false;
  const stands = 'select from placet.outbox where request_id = $1';
  if ((await rows(stands, [id])).length === 0) return false;
  return (await database.asSuperuser(`${stands} for update skip locked`, [id])).length === 0;
}

/** The card's mark names its row and not the request. */
async function marking({ id }: Story, { rows }: World): Promise<Moment> {
  const sql = `select id from placet.slack_messages where request_id = $1 and kind = 'card' and state = 'posted'`;
  const posted = async () => (await rows<{ id: string }>(sql, [id]))[0];
  const card = await until(posted, { what: 'a card', limit_ms: PATIENCE_MS });
  return { markers: [card.id], without: [id ?? ''], at: 'before commit' };
}
