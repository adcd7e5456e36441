// The real product for the adapters' tests, one for each file with all that it imports: an agent of its own for each test, and
// people who click in the playground.
import { afterAll, beforeAll } from '@jest/globals';
import { approver, FINANCE_LEAD } from '@placet/playground';
import { type ApprovalRequest, createPlacet, type Gate, type GateOptions } from '@placet/sdk';
import { type Agent, type Product, startProduct } from '../../test/support/product.ts';
import { until } from '../../test/support/wait.ts';

/** Three roles, and a framework to load, on a machine that may be busy with other tests. */
export const START_MS_MAX = 180_000;

export type TestPlacet = {
  readonly product: Product;
  /** An agent with a key of its own, and its gate; `calls` are the calls of the API that the gate has made. */
  readonly newAgent: (options?: GateOptions) => Promise<TestAgent>;
  readonly close: () => Promise<void>;
};

export type TestAgent = {
  readonly agent: Agent;
  readonly gate: Gate;
  readonly calls: string[];
  /** Makes the API unreachable, or lets it be reached again. */
  readonly setAway: (isAway: boolean) => void;
  /** All requests of the agent, oldest first. */
  readonly requests: () => Promise<readonly ApprovalRequest[]>;
  /** Waits for the agent's requests with these parameters to be asked, and clicks on the card of each. */
  readonly decide: (decision: 'approve' | 'deny', wanted: ApprovalRequest['parameters']) => Promise<ApprovalRequest>;
};

/** How the tools of the tests are named for the policy: refunds and purges ask people, reads are allowed. */
const ACTIONS: NonNullable<GateOptions['actions']> = {
  refund: ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` }),
  purge: ({ order }) => ({ action: 'orders.purge', resource: `order/${order}` }),
  read: ({ order }) => ({ action: 'orders.read', resource: `order/${order}` }),
};

let shared: TestPlacet | undefined;
let isUsed = false;

/** The product of the test file that is being loaded: there from its first test on, and closed after its last. */
export function usePlacet(): Pick<TestPlacet, 'product' | 'newAgent'> {
  if (!isUsed) {
    beforeAll(async () => {
      shared = await startPlacet();
    }, START_MS_MAX);
    afterAll(() => shared?.close(), START_MS_MAX);
  }
  isUsed = true;
  const started = () => shared ?? fail('no test runs yet');
  return {
    get product() {
      return started().product;
    },
    newAgent: (options) => started().newAgent(options),
  };
}

function fail(why: string): never {
  throw new Error(why);
}

export async function startPlacet(): Promise<TestPlacet> {
  const product = await startProduct();
  await product.applyPolicy((document) => {
    const everywhere = { agents: ['*'], environments: ['*'], resource: '*' };
    const reads = { name: 'reads', match: { ...everywhere, action: 'orders.read' }, effect: 'allow' as const };
    const rule = { ...reads, approvers: [], quorum: 1, timeout_seconds: 600, credential: null };
    return { ...document, rules: [...document.rules, rule as (typeof document.rules)[number]] };
  });
  return { product, newAgent: (options) => newAgent(product, options), close: product.close };
}

async function newAgent(product: Product, options: GateOptions = {}): Promise<TestAgent> {
  const agent = await product.newAgent('support@example.com');
  const calls: string[] = [];
  let isAway = false;
  const counting: typeof fetch = (input, init) => {
    calls.push(`${init?.method} ${new URL(String(input)).pathname.replace(/apr_\w+/, 'ID')}`);
    return isAway ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init);
  };
  const placet = createPlacet({ url: product.apiUrl, apiKey: agent.key, fetch: counting, retry: { delayMs: 20 } });
  const requests = async () => (await agent.list({ limit: 100 })).items.toReversed();
  const decide: TestAgent['decide'] = async (decision, wanted) => {
    const isWanted = ({ parameters }: ApprovalRequest) =>
      Object.entries(wanted).every(([name, value]) => parameters[name] === value);
    const request = await until(async () => (await requests()).find(isWanted), { what: 'a request of the agent' });
    const card = await approver.cardOf(product, request);
    if (decision === 'approve') await approver.press(product, FINANCE_LEAD, card);
    else await approver.deny(product, FINANCE_LEAD, card, 'Too much');
    return agent.waitForDecision(request.id);
  };
  const setAway = (away: boolean) => {
    isAway = away;
  };
  return { agent, gate: placet.gate({ actions: ACTIONS, ...options }), calls, setAway, requests, decide };
}

/** No approval was run without its people or twice (INV-10). */
export async function violations({ database }: Product): Promise<unknown[]> {
  const views = ['executed_without_approval', 'executed_twice'];
  const rows = await Promise.all(views.map((view) => database.asSuperuser(`select * from placet.${view}`)));
  return rows.flat();
}
