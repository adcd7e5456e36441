// Where the slack process is killed: between a click's arrival and its answer.

import type pg from 'pg';
import { HOLD_REQUEST, holdLock, isSomeoneWaiting } from '../support/locks.ts';
import { until } from '../support/wait.ts';
import { PATIENCE_MS } from './patience.ts';
import {
  type Attempt,
  after,
  atCommit,
  atSlackCall,
  before,
  inTries,
  type Point,
  REACH_MS_MAX,
  type Scene,
} from './points.ts';
import type { World } from './world.ts';

const role = 'slack';
const WAITS_FOR_LOCK = 'slack: decision waits for a lock';
const from = 'decide';
/** A statement gives up after ten seconds. */
const LOCK_MS_MAX = 9_000;

export const SLACK_POINTS: readonly Point[] = [
  atSlackCall('slack: asking who clicked', { role, plan: 'ran', from, method: 'users.info' }),
  atSlackCall('slack: opening the window of a denial', { role, plan: 'denied', from, method: 'views.open' }),
  {
    name: WAITS_FOR_LOCK,
    role,
    stands: 'last',
    stand: (scene) => inTries(scene, WAITS_FOR_LOCK, lockedOut),
  },
  atCommit('slack: decision written, not committed', { role, plan: 'ran', from, moment: before('decision.recorded') }),
  atCommit('slack: decision committed, click not acknowledged', {
    ...{ role, plan: 'ran, two approved', from, moment: after('decision.recorded') },
  }),
  atCommit('slack: denial committed, window not answered', {
    ...{ role, plan: 'denied', from, moment: after('decision.recorded') },
  }),
];

/** A click while the request's row is locked by another connection. */
function lockedOut({ world, stories }: Scene): Attempt {
  const locked = new Promise<pg.Client>((resolve) => {
    stories.begin('denied', { decide: async ({ id }) => resolve(await lock(world, id ?? '')) });
  });
  const release = () => locked.then((locker) => locker.end());
  const standing = locked.then(async () => {
    const isWaiting = () => isSomeoneWaiting({ asSuperuser: world.rows }, 'placet slack');
    await until(isWaiting, { what: WAITS_FOR_LOCK, limit_ms: REACH_MS_MAX });
    const until_ms = Date.now() + LOCK_MS_MAX;
    return { isStanding: () => Date.now() < until_ms, release };
  });
  return { standing, abandon: () => void release() };
}

/** Holds the request's row until the connection ends, once its card is there to be clicked. */
async function lock({ database, rows }: World, id: string): Promise<pg.Client> {
  const posted = `select from placet.slack_messages where request_id = $1 and kind = 'card' and state = 'posted'`;
  await until(async () => (await rows(posted, [id])).length > 0, { what: 'a card to click', limit_ms: PATIENCE_MS });
  return holdLock(database, HOLD_REQUEST, [id]);
}
