// What agents and people do in a round: a story is one request from the asking to its end, with patience at every step.
// What the agent was told is kept, to be held against the record at the end.
import { DANA, FINANCE_LEAD, TREASURER } from '@placet/playground';
import { PlacetApiError, PlacetSpentError, spendCredential } from '@placet/sdk';
import { AGENT_RETRY, PATIENCE_MS } from './patience.ts';
import { type Choice, createPeople, type Person } from './people.ts';
import type { World } from './world.ts';

type Deciding = readonly [Person, Choice];

export type Plan = {
  readonly action: string;
  /** In this order, unless all act at once. */
  readonly decisions: readonly Deciding[];
  readonly isRace?: boolean;
  readonly isCancelled?: boolean;
  readonly timeoutSeconds?: number;
  /** What the agent does with an approval. */
  readonly next?: 'run' | 'claim' | 'tell';
};

const REFUND = 'orders.refund';
const PAYOUT = 'payouts.send';

export const PLANS = {
  ran: { action: REFUND, decisions: [[FINANCE_LEAD, 'approve']], next: 'run' },
  'ran, two approved': {
    action: PAYOUT,
    decisions: [
      [FINANCE_LEAD, 'approve'],
      [TREASURER, 'approve'],
    ],
    next: 'run',
  },
  'ran, two channels': { action: 'orders.purge', decisions: [[DANA, 'approve']], next: 'run' },
  'never used': { action: REFUND, decisions: [[TREASURER, 'approve']], next: 'claim' },
  'never claimed': { action: REFUND, decisions: [[FINANCE_LEAD, 'approve']] },
  'not run': { action: REFUND, decisions: [[TREASURER, 'approve']], next: 'tell' },
  denied: { action: REFUND, decisions: [[TREASURER, 'deny']] },
  'denied at one of two': {
    action: PAYOUT,
    decisions: [
      [FINANCE_LEAD, 'approve'],
      [TREASURER, 'deny'],
    ],
  },
  cancelled: { action: REFUND, decisions: [], isCancelled: true },
  expired: { action: REFUND, decisions: [], timeoutSeconds: 3 },
  reminded: { action: REFUND, decisions: [], timeoutSeconds: 8 },
  raced: {
    action: PAYOUT,
    decisions: [
      [FINANCE_LEAD, 'approve'],
      [TREASURER, 'deny'],
    ],
    isRace: true,
    isCancelled: true,
  },
  allowed: { action: 'reports.read', decisions: [], next: 'run' },
  'denied by the policy': { action: 'orders.forge', decisions: [] },
} as const satisfies Record<string, Plan>;

export type Step = 'ask' | 'decide' | 'cancel' | 'claim' | 'use' | 'report';

/** What the agent of one story did and was told. */
export type Story = {
  readonly plan: string;
  readonly key: string;
  readonly resource: string;
  id: string | null;
  /** The final state that a long poll told. */
  heard: string | null;
  /** "credential", or why there was none. */
  claimed: string | null;
  /** "used", or why not. */
  used: string | null;
  /** How often the action really ran. */
  runs: number;
  reported: boolean;
  /** Why the story did not come to its end. */
  failure: string | null;
};

/** Called right before a step; the step waits for it. */
export type Hooks = Partial<Record<Step, (story: Story) => unknown>>;

export type Stories = {
  readonly all: readonly Story[];
  /** Begins a story and answers at once. */
  readonly begin: (plan: keyof typeof PLANS, hooks?: Hooks) => Story;
  /** Resolves once each has come to its end, or given up. */
  readonly ended: () => Promise<void>;
};

const codeOf = (error: unknown) =>
  error instanceof PlacetApiError || error instanceof PlacetSpentError ? error.code : String(error);

/** The stories of a world; each asks under a key of its own. */
export function createStories(world: World): Stories {
  const all: Story[] = [];
  const running: Promise<void>[] = [];
  const people = createPeople(world);
  const begin: Stories['begin'] = (plan, hooks = {}) => {
    const key = `story-${all.length + 1}`;
    const story: Story = {
      ...{ plan, key, resource: `order/${key}-end`, id: null, heard: null, claimed: null, used: null },
      ...{ runs: 0, reported: false, failure: null },
    };
    all.push(story);
    const telling = tell({ world, people, story, plan: PLANS[plan], hooks }).catch((error: unknown) => {
      story.failure = codeOf(error);
      world.trace.note('story failed', story.key, story.failure);
    });
    running.push(telling);
    return story;
  };
  const ended = async () => {
    // A story that has ended begins no other one, but whoever waits may do so meanwhile.
    for (let seen = 0; seen < running.length; ) {
      seen = running.length;
      await Promise.all(running);
    }
  };
  return { all, begin, ended };
}

type Telling = {
  readonly world: World;
  readonly people: ReturnType<typeof createPeople>;
  readonly story: Story;
  readonly plan: Plan;
  readonly hooks: Hooks;
};

async function tell({ world, people, story, plan, hooks }: Telling): Promise<void> {
  const { agent, apiUrl, trace } = world;
  const before = async (step: Step) => {
    trace.note(step, story.key, story.id ?? story.plan);
    await hooks[step]?.(story);
  };
  await before('ask');
  const input = await agent.request(askOf(story, plan), { idempotencyKey: story.key });
  story.id = input.id;
  const { id, digest } = input;
  const hearing = agent.waitForDecision(id, { timeoutSeconds: PATIENCE_MS / 1_000 });
  hearing.catch(() => undefined);
  const cancel = async () => {
    await before('cancel');
    await agent.cancel(id).catch((error: unknown) => {
      if (codeOf(error) !== 'not_pending') throw error;
    });
  };
  await before('decide');
  const acts = plan.decisions.map(
    ([who, choice]) =>
      () =>
        people.decide(id, who, choice),
  );
  if (plan.isCancelled === true) acts.push(cancel);
  if (plan.isRace === true) await Promise.all(acts.map((act) => act()));
  else for (const act of acts) await act();
  story.heard = (await hearing).state;
  trace.note('heard', story.key, story.heard);
  if (story.heard !== 'approved' || plan.next === undefined) return;
  if (plan.next !== 'tell') {
    await before('claim');
    const claimed = await agent.claim(id).catch(codeOf);
    story.claimed = typeof claimed === 'string' ? claimed : 'credential';
    trace.note('claimed', story.key, story.claimed);
    if (plan.next === 'claim' || typeof claimed === 'string') return;
    await before('use');
    const { token } = claimed.credential;
    const spent = await spendCredential({ url: apiUrl, token, digest, retry: AGENT_RETRY }).catch(codeOf);
    story.used = typeof spent === 'string' ? spent : 'used';
    trace.note('used', story.key, story.used);
    if (story.used === 'used') story.runs += 1;
  }
  await before('report');
  await agent.report(id, { status: story.runs === 1 ? 'succeeded' : 'failed', detail: story.key });
  story.reported = true;
}

function askOf({ resource, key }: Story, { action, timeoutSeconds }: Plan) {
  const input = { action, resource, parameters: { amount: 120, currency: 'EUR' }, justification: `For ${key}.` };
  return timeoutSeconds === undefined ? input : { ...input, timeoutSeconds };
}
