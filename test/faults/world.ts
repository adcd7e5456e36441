// The whole product with a gate before the database of each role and a proxy before Temporal: what a round is played in.

import { createPlacet } from '@placet/sdk';
import { Client, Connection } from '@temporalio/client';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { type Role, type SpawnedProduct, spawnProduct } from '../support/product.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { patiently } from '../support/wait.ts';
import { type Gate, startGate } from './gate.ts';
import { type Line, startLine } from './line.ts';
import { AGENT_RETRY, PATIENCE_MS } from './patience.ts';
import type { Servers } from './servers.ts';
import { createTrace, type Trace } from './trace.ts';

export const ROLES: readonly Role[] = ['api', 'slack', 'worker'];

export type World = Omit<SpawnedProduct, 'kill' | 'start'> & {
  readonly servers: Servers;
  readonly gates: Readonly<Record<Role, Gate>>;
  /** What stands between Slack and those that speak to it. */
  readonly lines: Readonly<Record<'slack' | 'worker', Line>>;
  /** What stands before Temporal. */
  readonly temporalProxy: TcpProxy;
  readonly trace: Trace;
  /** Rows as superuser, asked for again while PostgreSQL is away. */
  readonly rows: <Row>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;
  readonly kill: (role: Role) => Promise<void>;
  readonly start: (role: Role) => Promise<void>;
  /** A client of Temporal itself, not through the proxy. */
  readonly temporal: <T>(work: (client: Client) => Promise<T>) => Promise<T>;
  /** Every process that was ever started. */
  readonly pids: ReadonlySet<number>;
  /** Processes that ended although nobody ended them, with their last words. */
  readonly crashes: readonly string[];
};

const LAST_LINES = 15;
/** The shortest that there is, so that a round sees leases end. */
const LEASE_SECONDS = 30;

/** Opens a product on these servers. */
export async function openWorld(servers: Servers, trace: Trace = createTrace()): Promise<World> {
  const gates = Object.fromEntries(
    await Promise.all(ROLES.map(async (role) => [role, await startGate(servers.postgresPort)] as const)),
  ) as Record<Role, Gate>;
  const temporalProxy = await startTcpProxy(servers.temporalAddress);
  const slack = { port: 0 };
  const [slackLine, workerLine] = await Promise.all([startLine(() => slack.port), startLine(() => slack.port)]);
  const lines = { slack: slackLine, worker: workerLine };
  const fronts = [...ROLES.map((role) => gates[role]), slackLine, workerLine, temporalProxy];
  const closeFront = () => Promise.all(fronts.map((front) => front.close()));
  const product = await spawnBehind(servers, { gates, lines, temporalProxy, slack }).catch(async (error: unknown) => {
    await closeFront();
    throw error;
  });
  await product.applyPolicy(forRounds);
  const pids = new Set<number>();
  /** Those that may end: by our hand. */
  const ending = new Set<number>();
  const crashes: string[] = [];
  const watch = (role: Role) => {
    const child = product.childOf(role);
    if (child === undefined || pids.has(child.pid)) return;
    pids.add(child.pid);
    void child.ended.then((result) => {
      if (ending.has(child.pid)) return;
      const last = product.logged.filter((line) => isAbout(line, role)).slice(-LAST_LINES);
      crashes.push([`${role} ended by itself (${result})`, ...last].join('\n'));
      trace.note('ended by itself', role, [String(result), ...last].join('\n'));
    });
  };
  for (const role of ROLES) watch(role);
  return {
    ...product,
    agent: {
      ...product.agent,
      ...createPlacet({ url: product.apiUrl, apiKey: product.agent.key, retry: AGENT_RETRY }),
    },
    servers,
    gates,
    lines,
    temporalProxy,
    trace,
    pids,
    rows: (sql, values = []) => patiently(() => product.database.asSuperuser(sql, values), PATIENCE_MS),
    crashes,
    kill: async (role) => {
      watch(role);
      ending.add(product.childOf(role)?.pid ?? 0);
      await product.kill(role);
      trace.note('kill -9', role);
    },
    start: async (role) => {
      await product.start(role);
      watch(role);
      trace.note('started', role);
    },
    temporal: (work) => patiently(() => withTemporal(servers.temporalAddress, work), PATIENCE_MS),
    close: async () => {
      for (const pid of pids) ending.add(pid);
      await product.close();
      await closeFront();
    },
  };
}

/** `slack.port` is where the lines lead, once the product has its playground. */
type Fronts = Pick<World, 'gates' | 'lines' | 'temporalProxy'> & { readonly slack: { port: number } };

function spawnBehind(servers: Servers, { gates, lines, temporalProxy, slack }: Fronts): Promise<SpawnedProduct> {
  return spawnProduct({
    postgresUrl: servers.postgresUrl,
    temporalAddress: temporalProxy.address,
    environmentOf: (role, { DATABASE_URL = '', SLACK_API_URL = '' }) => {
      const through = (url: string, port: number) => Object.assign(new URL(url), { port: String(port) }).href;
      slack.port = Number(new URL(SLACK_API_URL).port);
      const database = { DATABASE_URL: through(DATABASE_URL, gates[role].port) };
      return role === 'api' ? database : { ...database, SLACK_API_URL: through(SLACK_API_URL, lines[role].port) };
    },
  });
}

/** What is no line of the log is a last cry, whoever's. */
const isAbout = (line: string, role: Role) => !line.startsWith('{') || line.includes(`"role":"${role}"`);

function forRounds(document: PolicyDocument): PolicyDocument {
  const rules = document.rules.map((rule) => ({
    ...rule,
    credential: rule.credential && { ...rule.credential, lifetime_seconds: LEASE_SECONDS },
  }));
  const [first] = rules;
  if (first === undefined) throw new Error('the policy of the tests has rules');
  const match = { ...first.match, action: 'reports.read' };
  return { ...document, rules: [...rules, { ...first, name: 'reports', match, effect: 'allow', approvers: [] }] };
}

async function withTemporal<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
