// The named points at which a process is killed. Each is a place in the flow that can be held or seen from outside: at a
// transaction's commit, at a call to Slack or Temporal. A point that is not reached is a fault of the driver, not a pass.

import type { Role } from '../support/product.ts';
import { inTime, until } from '../support/wait.ts';
import type { Held, Moment } from './gate.ts';
import { PATIENCE_MS } from './patience.ts';
import type { PLANS, Step, Stories, Story } from './stories.ts';
import type { World } from './world.ts';

export type Scene = { readonly world: World; readonly stories: Stories };

/** A role that stands at a point, about to be killed. */
export type Standing = {
  /** False when it went on in the meantime. */
  readonly isStanding: () => boolean;
  /** What stopped it is taken away, once the role was killed. */
  readonly release: () => unknown;
};

/**
 * Whether one kill may hit it together with others: beside them; last of them, because it stops what they need or stands
 * for seconds only; or by itself, while the role starts: then it finds the role killed.
 */
export type Stands = 'beside' | 'last' | 'at start';

export type Point = {
  readonly name: string;
  readonly role: Role;
  readonly stands: Stands;
  /** Begins a story and resolves once the role stands at the point in it. */
  readonly stand: (scene: Scene) => Promise<Standing>;
};

type PlanName = keyof typeof PLANS;

type AtCommit = {
  readonly role: Role;
  readonly plan: PlanName;
  /** From which step of the story on the moment may come; null: as soon as the request is known, before its workflow. */
  readonly from: Step | null;
  readonly moment: (story: Story, world: World) => Moment | Promise<Moment>;
  readonly stands?: Stands;
};

export type Attempt = {
  readonly standing: Promise<Standing>;
  /** Takes away what this attempt put in the way. */
  readonly abandon: () => unknown;
};

/** After so long the story has passed its point by: an expiry, say, while the api that knew its id was killed. */
export const REACH_MS_MAX = 40_000;
const TRIES_MAX = 5;

/** Begins another story when one has passed the point by. */
export async function inTries(scene: Scene, name: string, attempt: (scene: Scene) => Attempt): Promise<Standing> {
  for (let tries = 1; ; tries += 1) {
    const { standing, abandon } = attempt(scene);
    try {
      return await inTime(name, standing, REACH_MS_MAX);
    } catch (error) {
      standing.catch(() => undefined);
      await abandon();
      scene.world.trace.note('passed by', name, String(error));
      if (tries === TRIES_MAX) throw error;
    }
  }
}

/** A point at the commit of a transaction. */
export function atCommit(name: string, { role, plan, from, moment, stands = 'beside' }: AtCommit): Point {
  const attempt = ({ world, stories }: Scene): Attempt => {
    let thaw = () => {};
    const armed = new Promise<Held>((resolve) => {
      const arm = async (story: Story) => resolve(world.gates[role].hold(await moment(story, world)));
      if (from !== null) return stories.begin(plan, { [from]: arm });
      // The role stands still until the gate knows the id.
      const ask = () => {
        thaw = standStill(world, role);
      };
      return stories.begin(plan, { ask, decide: (story) => arm(story).finally(thaw) });
    });
    const standing = armed.then((held) => held.reached.then(() => held));
    const abandon = () => {
      thaw();
      void armed.then(({ release }) => release());
    };
    return { standing, abandon };
  };
  const stand = (scene: Scene) => inTries(scene, name, attempt);
  return { name, role, stands, stand };
}

/** Stops a role where it is; what is answered lets it go on, if it still lives. */
function standStill({ childOf }: World, role: Role): () => void {
  const pid = childOf(role)?.pid;
  const signal = (name: NodeJS.Signals) => {
    if (pid === undefined) return;
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  signal('SIGSTOP');
  return () => signal('SIGCONT');
}

/** A moment before the commit, or after it, by texts of the transaction beside the request's id. */
export const before =
  (...texts: string[]) =>
  ({ id }: Story): Moment => ({ markers: [id ?? '', ...texts], at: 'before commit' });
export const after =
  (...texts: string[]) =>
  ({ id }: Story): Moment => ({ markers: [id ?? '', ...texts], at: 'after commit' });

/** Below the eight seconds after which our calls to Slack are given up. */
const SLOW_MS = 7_000;

/** A point at which Slack has done what it was asked and its answer is still under way. */
export function atSlackCall(
  name: string,
  { role, plan, from, method }: { role: Role; plan: PlanName; from: Step; method: string },
): Point {
  const stand = async ({ world, stories }: Scene): Promise<Standing> => {
    const calls = () => world.slack.calls({ method });
    const known = (await calls()).at(-1)?.seq ?? 0;
    const arm = () => world.slack.faults({ kind: 'slow', method, ms: SLOW_MS, count: 1 });
    stories.begin(plan, { [from]: arm });
    const met = await until(async () => (await calls()).find(({ seq, fault }) => seq > known && fault === 'slow'), {
      what: name,
      limit_ms: PATIENCE_MS,
    });
    return { isStanding: () => Date.now() < met.at_ms + SLOW_MS, release: () => undefined };
  };
  return { name, role, stands: 'last', stand };
}
