// A process is killed at the very moment at which Slack is at fault: it speaks to Slack, Slack fails in one of its ways, and
// the process dies before it has heard of that, or right after. What comes next meets the same fault once more.

import { setTimeout as pause } from 'node:timers/promises';
import { inTime } from '../support/wait.ts';
import type { Chance } from './chance.ts';
import type { Held } from './gate.ts';
import { REACH_MS_MAX, type Scene } from './points.ts';
import { type Kind, makeFault } from './slack-faults.ts';
import type { PLANS, Step } from './stories.ts';
import type { World } from './world.ts';

/** A place in the flow at which a role speaks to Slack: the first call of this method after that step of a story. */
type Place = {
  readonly role: 'slack' | 'worker';
  readonly method: string;
  readonly plan: keyof typeof PLANS;
  readonly from: Step;
};

export type Clash = Place & { readonly kind: Kind };

const CALL_KINDS: readonly Kind[] = ['http_error', 'lost_answer', 'api_error', 'rate_limited', 'slow'];
const ASKING: Place = { role: 'slack', method: 'users.info', plan: 'ran', from: 'decide' };
const PLACES: readonly Place[] = [
  { role: 'worker', method: 'chat.postMessage', plan: 'ran', from: 'ask' },
  { role: 'worker', method: 'chat.update', plan: 'ran, two approved', from: 'decide' },
  { role: 'worker', method: 'conversations.open', plan: 'denied', from: 'decide' },
  ASKING,
  { role: 'slack', method: 'views.open', plan: 'denied', from: 'decide' },
];
/** Faults of what Slack delivers: the click that comes all the same is in the middle of its work, or the socket is. */
const DELIVERIES: readonly Clash[] = [
  { ...ASKING, kind: 'duplicate_delivery' },
  { ...ASKING, kind: 'app_rate_limited' },
  { ...ASKING, kind: 'no_delivery' },
  { ...ASKING, kind: 'socket_drop', method: 'apps.connections.open' },
];

/** Every kind of Slack's faults at every place where it can be met. */
export const CLASHES: readonly Clash[] = [
  ...PLACES.flatMap((place) => CALL_KINDS.map((kind) => ({ ...place, kind }))),
  ...DELIVERIES,
];

/** Met once by the process that is killed, and once by what comes next. */
const TIMES = 2;
const FAULT_ID = 'clash';
/** The kill comes so much after the answer at most: in the middle of what follows from it. */
const HEARD_MS_MAX = 300;
const TRIES_MAX = 3;

/** What a clash is called in the table and the trace. */
export const nameOfClash = ({ role, method, kind }: Clash): string => `${role} killed at ${kind} of ${method}`;

/** Plays one clash until its stories have ended; says when the fault and the kill did not meet. */
export async function sufferClash(scene: Scene, clash: Clash, chance: Chance): Promise<string[]> {
  const { world, stories } = scene;
  const name = nameOfClash(clash);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const isMet = await meet(scene, clash, chance);
    await world.start(clash.role);
    await stories.ended();
    await world.slack.clearFaults();
    if (isMet) return [];
    world.trace.note('passed by', name);
  }
  return [`${name} did not come about`];
}

/** True when the role was killed while, or right after, Slack was at fault; the role is killed in any case. */
async function meet({ world, stories }: Scene, clash: Clash, chance: Chance): Promise<boolean> {
  const { role, method, kind, plan, from } = clash;
  const name = nameOfClash(clash);
  const fault = { ...makeFault(kind, chance, method), id: FAULT_ID, count: TIMES };
  const heard_ms = chance.below(2) * (1 + chance.below(HEARD_MS_MAX));
  const held = new Promise<Held>((resolve) => {
    const arm = async () => {
      await world.slack.faults(fault);
      resolve(world.lines[role].hold(method));
    };
    stories.begin(plan, { [from]: arm });
  });
  const reached = held.then((one) => one.reached);
  const isReached = await inTime(name, reached, REACH_MS_MAX).then(
    () => true,
    () => false,
  );
  const { isStanding, release } = await held;
  const isAtFault = isReached && (await timesLeft(world)) < TIMES && isStanding();
  world.trace.note(isAtFault ? 'reached' : 'not reached', name, JSON.stringify(fault));
  if (heard_ms > 0) {
    release();
    // How long after the answer the kill comes is its nature; nothing is expected to have happened by then.
    await pause(heard_ms);
  }
  await world.kill(role);
  release();
  if (isAtFault) world.trace.note('hit', name, heard_ms > 0 ? `${heard_ms} ms after the answer` : 'before the answer');
  return isAtFault;
}

async function timesLeft({ slack }: World): Promise<number> {
  const fault = (await slack.state()).faults.find(({ id }) => id === FAULT_ID);
  return fault?.count ?? 0;
}
