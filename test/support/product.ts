// The whole product on the test servers: a database of its own, a playground, and the three processes, in this process
// or as children of the built program that can be killed. Nothing in it is a stand-in but Slack.

import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createPlaygroundClient, type Playground, type PlaygroundClient, startPlayground } from '@placet/playground';
import { createPlacet, type Placet } from '@placet/sdk';
import { freePorts } from '../../dev/ports.ts';
import { createLog } from '../../src/observe/log.ts';
import { buildAdmin } from '../../src/process/admin.ts';
import { runApi } from '../../src/process/api.ts';
import { type BoundChild, startBound } from '../../src/process/child.ts';
import { type Config, requireConfig } from '../../src/process/config.ts';
import { roleCommand } from '../../src/process/role-command.ts';
import { runSlack } from '../../src/process/slack.ts';
import type { Running } from '../../src/process/wiring.ts';
import { installRuntime, runWorker } from '../../src/process/worker.ts';
import { OPERATOR } from './builders.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { loudRequests } from './loud-requests.ts';
import { PROGRAM } from './processes.ts';
import { PRODUCT_POLICY } from './product-policy.ts';
import { temporalAddress, workflowBundlePath } from './stack.ts';
import { until } from './wait.ts';

export type Role = 'api' | 'slack' | 'worker';
const ROLES: readonly Role[] = ['api', 'worker', 'slack'];
/** A child starts in about two seconds; two cores may be very busy with other tests. */
const CHILD_START_MS_MAX = 120_000;
/** An agent bears with an API that is killed and started again on a busy machine. */
const AGENT_RETRY = { attemptsMax: 60, delayMs: 200 };
/** Temporal's own log goes through ours, as in the program; once per test file. */
let isRuntimeInstalled = false;

export type ProductOptions = {
  /** Signed HTTP instead of Socket Mode. */
  readonly isSignedHttp?: boolean;
  /** Where Temporal is, for tests that put something in between. */
  readonly temporalAddress?: string;
  /** Superuser's URL of a PostgreSQL of the test's own. */
  readonly postgresUrl?: string;
  /** What a spawned role is told otherwise than the rest. */
  readonly environmentOf?: (role: Role, environment: PolicyFacts['environment']) => Readonly<Record<string, string>>;
  readonly logLevel?: 'info' | 'debug';
  /** Another tenant's product: it has the same database, Temporal queue setting, master key and issuer as that one. */
  readonly beside?: { readonly of: PolicyFacts; readonly tenant: string };
};

export type Agent = Placet & { readonly name: string; readonly key: string };

/** What both kinds of product have in common. */
export type PolicyFacts = {
  readonly database: TestDatabase;
  readonly playground: Playground;
  readonly slack: PlaygroundClient;
  readonly apiUrl: string;
  /** POST target of signed HTTP; empty over Socket Mode. */
  readonly eventsUrl: string;
  readonly taskQueue: string;
  readonly environment: Readonly<Record<string, string>>;
  /** An agent owned by Support, with a key of its own. */
  readonly agent: Agent;
  readonly newAgent: (owner_email: string, name?: string) => Promise<Agent>;
  /** Applies another policy file over the one that stands. */
  readonly applyPolicy: (changes: (document: typeof PRODUCT_POLICY) => typeof PRODUCT_POLICY) => Promise<void>;
  /** Lines that the processes logged so far. */
  readonly logged: readonly string[];
  /** Resolves once nothing is left to tell: outbox empty, each card and each outcome as the record has it. */
  readonly isQuiet: () => Promise<unknown>;
};

export type Product = PolicyFacts & {
  readonly start: (role: Role) => Promise<void>;
  readonly stop: (role: Role) => Promise<void>;
  /** One more process of a role beside the first, until close(). */
  readonly add: (role: Role) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type SpawnedProduct = PolicyFacts & {
  /** Starts the role's process; resolves once it says that it has started. */
  readonly start: (role: Role) => Promise<void>;
  /** SIGKILL: nothing of it can be put in order. Resolves once it is gone. */
  readonly kill: (role: Role) => Promise<void>;
  /** What Prometheus reads of the role's process. */
  readonly metrics: (role: Role) => Promise<string>;
  readonly childOf: (role: Role) => BoundChild | undefined;
  readonly close: () => Promise<void>;
};

/** Runs the product in this process, all three roles started. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const logged: string[] = [];
  const { ground, config, close: closeGround } = await openGround(options, logged);
  const running = new Map<Role, Running>();
  const more: Running[] = [];
  const log = (role: Role) =>
    createLog({ level: 'info', role, destination: { write: (line) => void logged.push(line) } });
  if (!isRuntimeInstalled) installRuntime(log('worker'));
  isRuntimeInstalled = true;
  const run = (role: Role): Promise<Running> => {
    if (role === 'api') return runApi(config, log(role));
    if (role === 'slack') return runSlack(config, log(role));
    return runWorker(config, log(role), { bundle: workflowBundlePath(), cached_workflows_max: 100 });
  };
  const start = async (role: Role) => void running.set(role, await run(role));
  const stop = async (role: Role) => {
    await running.get(role)?.stop();
    running.delete(role);
  };
  const close = async () => {
    await Promise.all([...more.map((each) => each.stop()), ...ROLES.map(stop)]);
    await closeGround();
  };
  const add = async (role: Role) => void more.push(await run(role));
  try {
    await Promise.all(ROLES.map(start));
  } catch (error) {
    await close();
    throw error;
  }
  return { ...ground, start, stop, add, close };
}

/** Runs the three roles as children of the built program, which may be killed and started again. */
export async function spawnProduct(options: ProductOptions = {}): Promise<SpawnedProduct> {
  const logged: string[] = [];
  const { ground, close: closeGround } = await openGround(options, logged);
  const children = new Map<Role, BoundChild>();
  const { PATH, HOME } = process.env;
  const [slack = 0, worker = 0] = await freePorts(2);
  const ports: Record<Role, number> = { api: Number(new URL(ground.apiUrl).port), slack, worker };
  const start = async (role: Role) => {
    const own = { PLACET_METRICS_PORT: String(ports[role]), ...options.environmentOf?.(role, ground.environment) };
    const child = await startBound({
      ...roleCommand(PROGRAM, role),
      env: { PATH, HOME, ...ground.environment, ...own },
    });
    children.set(role, child);
    await hasStarted(role, child, logged);
  };
  const kill = async (role: Role) => {
    const child = children.get(role);
    if (child === undefined) throw new Error(`${role} does not run`);
    process.kill(-child.pid, 'SIGKILL');
    await child.ended;
    children.delete(role);
  };
  const close = async () => {
    await Promise.all([...children.values()].map((child) => child.stop()));
    await closeGround();
  };
  try {
    await Promise.all(ROLES.map(start));
  } catch (error) {
    await close();
    throw error;
  }
  const metrics = async (role: Role) => (await fetch(`http://127.0.0.1:${ports[role]}/metrics`)).text();
  return { ...ground, start, kill, metrics, childOf: (role) => children.get(role), close };
}

/** Keeps every line; resolves at the one that says that the role is up. */
async function hasStarted(role: Role, child: BoundChild, logged: string[]): Promise<void> {
  const { stdout, stderr } = child.process;
  if (stdout === null || stderr === null) throw new Error('a child has outputs');
  createInterface({ input: stderr }).on('line', (line) => logged.push(line));
  const lines = createInterface({ input: stdout }).on('line', (line) => logged.push(line));
  const failed = (refusal: string) => new Error(`${role} ${refusal}:\n${logged.slice(-20).join('\n')}`);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(failed('did not start in time')), CHILD_START_MS_MAX);
    const settle = (then: () => void) => {
      clearTimeout(timer);
      then();
    };
    lines.on('line', (line) => line.includes('"msg":"started"') && settle(resolve));
    void child.ended.then(() => settle(() => reject(failed('ended'))));
  });
}

type Opened = { readonly ground: PolicyFacts; readonly config: Config; readonly close: () => Promise<void> };

async function openGround(options: ProductOptions, logged: readonly string[]): Promise<Opened> {
  const { beside, isSignedHttp: isHttp = false } = options;
  const database = beside?.of.database ?? (await createTestDatabase(options.postgresUrl));
  const [port = 0, slackPort = 0] = await freePorts(2);
  const eventsUrl = isHttp ? `http://127.0.0.1:${slackPort}/slack/events` : '';
  const playground = await startPlayground(isHttp ? { eventsUrl } : {});
  const environment: Record<string, string> = {
    DATABASE_URL: database.app_url,
    TEMPORAL_ADDRESS: options.temporalAddress ?? temporalAddress(),
    TEMPORAL_TASK_QUEUE: `product-${randomBytes(6).toString('hex')}`,
    SLACK_API_URL: playground.apiUrl,
    SLACK_APP_ID: playground.appId,
    SLACK_BOT_TOKEN: playground.botToken,
    ...(isHttp ? { SLACK_SIGNING_SECRET: playground.signingSecret } : { SLACK_APP_TOKEN: playground.appToken }),
    SLACK_PORT: String(slackPort),
    PLACET_PORT: String(port),
    PLACET_MASTER_KEY: randomBytes(32).toString('base64url'),
    PLACET_LOG_LEVEL: options.logLevel ?? 'info',
    PLACET_RATE_LIMIT_PER_MINUTE: '100000',
    ...(beside === undefined ? {} : sharedBy(beside)),
  };
  const config = requireConfig(environment);
  const admin = buildAdmin(() => config);
  const apiUrl = `http://127.0.0.1:${port}`;
  const { temporal_task_queue: taskQueue, tenant } = config;
  const applyPolicy: PolicyFacts['applyPolicy'] = async (changes) => {
    const document = changes(PRODUCT_POLICY);
    await admin.applyPolicy({ document, source: JSON.stringify(document), operator: OPERATOR });
  };
  const newAgent: PolicyFacts['newAgent'] = async (owner_email, name = `agent-${randomBytes(4).toString('hex')}`) => {
    const { key } = await admin.createAgent({
      name,
      owner_email,
      is_new_owner: true,
      environment: 'production',
      days: 1,
      by: OPERATOR,
    });
    return { ...createPlacet({ url: apiUrl, apiKey: key, retry: AGENT_RETRY }), name, key };
  };
  const close = async () => {
    await playground.close();
    if (beside === undefined) await database.drop();
  };
  try {
    await applyPolicy((document) => document);
    const agent = await newAgent('support@example.com');
    const slack = createPlaygroundClient(playground.url);
    const parts = { database, playground, slack, apiUrl, eventsUrl, taskQueue, environment };
    const isQuiet = () => until(async () => (await loudRequests(database, tenant)).length === 0);
    return { ground: { ...parts, agent, newAgent, applyPolicy, logged, isQuiet }, config, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function sharedBy({ of: { environment, apiUrl }, tenant }: NonNullable<ProductOptions['beside']>) {
  const { TEMPORAL_TASK_QUEUE = '', PLACET_MASTER_KEY = '' } = environment;
  return { TEMPORAL_TASK_QUEUE, PLACET_MASTER_KEY, PLACET_PUBLIC_URL: apiUrl, PLACET_TENANT: tenant };
}
