// A fresh Placet for one case: a database of its own, the built program's processes as in operation, the playground.

import { randomBytes } from 'node:crypto';
import { openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Playground, slackEnvironment, startPlayground } from '../../dev/playground.ts';
import { freePorts } from '../../dev/ports.ts';
import { migrate } from '../../src/db/migrate.ts';
import { operatorPrincipal } from '../../src/domain/people/principal.ts';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { createLog } from '../../src/observe/log.ts';
import { buildAdmin } from '../../src/process/admin.ts';
import { type BoundChild, startBound } from '../../src/process/child.ts';
import { type Config, processEnvironment, requireConfig } from '../../src/process/config.ts';
import { roleCommand } from '../../src/process/role-command.ts';
import { openService } from '../../src/process/wiring.ts';
import { type DecideAnswer, decide } from '../../src/service/approver/decide.ts';
import type { ServiceDeps } from '../../src/service/deps.ts';
import { type Agent, type Answered, createAgent } from './agent.ts';
import { APPROVER, POLICY } from './policy.ts';
import type { Servers } from './servers.ts';

export type Role = 'api' | 'slack' | 'worker';

const OPERATOR = operatorPrincipal('bench');
const ROOT = new URL('../../../', import.meta.url);
const PROGRAM = fileURLToPath(new URL('dist/src/main.js', ROOT));
const MIGRATIONS = fileURLToPath(new URL('migrations', ROOT));
const APP = { username: 'placet_bench_app', password: 'placet-bench' };
const START_MS_MAX = 60_000;
const POLL_MS = 20;
/** So much that no figure is the limiter's. */
const RATE_PER_MINUTE_MAX = '1000000';

export type Product = {
  readonly apiUrl: string;
  readonly taskQueue: string;
  readonly config: Config;
  readonly service: ServiceDeps;
  readonly playground: Playground | null;
  /** Of each process by role, the servers and the bench itself. */
  readonly pids: Readonly<Record<string, number>>;
  /** The agent of the API key, on so many connections to one of the apis; closed with the product. */
  readonly newAgent: (connections: number, api?: number) => Agent;
  readonly key: string;
  readonly appUrl: string;
  readonly superuserUrl: string;
  /** The approver's click after Slack: the decide use case in this process. */
  readonly approve: (request: Pick<Answered, 'id' | 'digest'>) => Promise<DecideAnswer>;
  /** One statement beyond every tenant. */
  readonly sql: <R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<R[]>;
  readonly close: () => Promise<void>;
};

/** Starts the roles that a case needs, one named twice two times; the playground only where one of them speaks to Slack. */
export async function openProduct(servers: Servers, roles: readonly Role[], policy = POLICY): Promise<Product> {
  const stops: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return { ...(await open(servers, { roles, policy }, stops)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  servers: Servers,
  { roles, policy }: { readonly roles: readonly Role[]; readonly policy: PolicyDocument },
  stops: (() => Promise<unknown>)[],
): Promise<Omit<Product, 'close'>> {
  const urls = await makeDatabase(servers.postgresUrl);
  const [playgroundPort = 0, port = 0, ...morePorts] = await freePorts(1 + Math.max(1, countOf(roles, 'api')));
  const { environment: slack, playground } = await provideSlack(servers, playgroundPort, roles);
  if (playground !== null) stops.push(playground.stop);
  const taskQueue = `bench-${randomBytes(4).toString('hex')}`;
  const environment: Record<string, string> = {
    ...slack,
    DATABASE_URL: urls.app,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    TEMPORAL_TASK_QUEUE: taskQueue,
    PLACET_PORT: String(port),
    // Whichever api is asked, credentials are of one issuer.
    PLACET_PUBLIC_URL: urlOf(port),
    PLACET_MASTER_KEY: randomBytes(32).toString('base64url'),
    PLACET_RATE_LIMIT_PER_MINUTE: RATE_PER_MINUTE_MAX,
  };
  const config = requireConfig(environment);
  const key = await setUp(config, policy);
  const { database, service } = await openService(config, 'bench', createLog({ level: 'silent', role: 'bench' }));
  stops.push(database.close);
  const superuser = new pg.Pool({ connectionString: urls.superuser, max: 2 });
  superuser.on('error', () => undefined);
  stops.push(() => superuser.end());
  const children: Record<string, number> = {};
  const ports = [port, ...morePorts];
  for (const [place, role] of roles.entries()) {
    const number = countOf(roles.slice(0, place), role);
    const own = role === 'api' ? { PLACET_PORT: String(ports[number]) } : {};
    const name = number === 0 ? role : `${role} ${number + 1}`;
    const child = await startRole(role, { ...environment, ...own }, { folder: servers.folder, name });
    children[name] = child.pid;
    stops.push(child.stop);
  }
  const apiUrl = config.public_url;
  const pids = { ...children, ...servers.pids, ...(playground && { playground: playground.pid }), bench: process.pid };
  return {
    apiUrl,
    appUrl: urls.app,
    superuserUrl: urls.superuser,
    taskQueue,
    config,
    service,
    playground,
    pids,
    key,
    newAgent: (connections, api = 0) => {
      const agent = createAgent(urlOf(ports[api] ?? port), key, connections);
      stops.push(agent.close);
      return agent;
    },
    approve: (request) => decide({ ...service, allowed_team_ids: [APPROVER.team_id] }, clickOn(request)),
    sql: async (text, values = []) => (await superuser.query(text, [...values])).rows,
  };
}

function countOf(roles: readonly Role[], role: Role): number {
  return roles.filter((each) => each === role).length;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function clickOn({ id, digest }: Pick<Answered, 'id' | 'digest'>): Parameters<typeof decide>[1] {
  const { team_id, user_id, email } = APPROVER;
  const profile = {
    installed_team_id: team_id,
    team_id,
    user_id,
    name: 'Finance Lead',
    email,
    is_email_confirmed: true,
    is_bot: false,
    is_deactivated: false,
    is_guest: false,
    is_stranger: false,
  };
  return {
    tenant_id: 'default',
    request_id: id,
    profile,
    answers: [],
    decision: 'approve',
    reason: null,
    shown_digest: digest,
    shown_stage: 0,
    shown: 'card',
    message: null,
  };
}

async function makeDatabase(postgresUrl: string): Promise<{ superuser: string; app: string }> {
  const name = `bench_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const superuser = new URL(postgresUrl);
  superuser.pathname = `/${name}`;
  const app = Object.assign(new URL(superuser), APP);
  await migrate({ owner_url: superuser.href, app_url: app.href, folder: MIGRATIONS, log: () => undefined });
  return { superuser: superuser.href, app: app.href };
}

async function provideSlack({ folder }: Servers, port: number, roles: readonly Role[]) {
  if (!roles.some((role) => role !== 'api')) return { environment: {}, playground: null };
  const name = randomBytes(4).toString('hex');
  const options = { port, data_file: `${folder}/slack-${name}.jsonl`, logs: `${folder}/log`, secret: name };
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  const playground = await startPlayground({ ...options, environment: processEnvironment(), note });
  return { environment: slackEnvironment(playground), playground };
}

async function setUp(config: Config, document: PolicyDocument): Promise<string> {
  const admin = buildAdmin(() => config);
  await admin.applyPolicy({ document, source: '', operator: OPERATOR });
  const owner_email = 'support@example.com';
  const agent = {
    name: 'bench',
    owner_email,
    is_new_owner: true,
    environment: 'production',
    days: 1,
    by: OPERATOR,
  };
  return (await admin.createAgent(agent)).key;
}

/**
 * Logs into a file, as in operation; a pipe would have the bench read each line. To profile: PLACET_TEST_BENCH_FLAGS holds
 * further flags of Node, such as `--cpu-prof`.
 */
async function startRole(
  role: Role,
  environment: Record<string, string>,
  { folder, name }: { readonly folder: string; readonly name: string },
): Promise<BoundChild> {
  const { PATH, HOME, PLACET_TEST_BENCH_FLAGS: flags } = processEnvironment();
  const log = `${folder}/${name}-${environment['TEMPORAL_TASK_QUEUE']}.log`;
  const { command, args } = roleCommand(PROGRAM, role);
  const child = await startBound({
    command,
    args: [...(flags?.split(' ') ?? []), ...args],
    env: { PATH, HOME, ...environment },
    output: openSync(log, 'a'),
  });
  for (const end = Date.now() + START_MS_MAX; Date.now() < end && !child.hasEnded(); await pause(POLL_MS)) {
    if (readFileSync(log, 'utf8').includes('"msg":"started"')) return child;
  }
  await child.stop();
  throw new Error(`${role} did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
}
