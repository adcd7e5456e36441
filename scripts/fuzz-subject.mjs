// What fuzz-api.mjs fuzzes: PostgreSQL, the schema, a policy, two agents, and the API as its own process.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';
import { step } from './progress.mjs';

/** Every effect, so that each route can be reached with data that a fuzzer finds: what begins with a capital waits. */
const POLICY = `version: 1
approver_groups:
  payments: { members: [ann@example.com, ben@example.com], channel: C0PAYMENTS }
rules:
  - name: denied
    match: { action: "0*", resource: "*" }
    effect: deny
  - name: waits
    match: { action: "orders.*", resource: "*" }
    effect: require
    approvers: [payments]
    quorum: 2
    timeout: 24h
    credential: { type: jwt, audience: "https://orders.example", scopes: ["orders:refund"], lifetime: 15m }
  - name: allowed
    match: { action: "*", resource: "*" }
    effect: allow
    credential: { type: jwt, audience: "https://orders.example", scopes: ["orders:refund"], lifetime: 15m }
`;
const READY_MS_MAX = 60_000;
const ASK_MS_MAX = 1_000;

/** Starts it all; `stop` ends it all. The agent holds requests in each state and a credential that is not used. */
export async function startSubject({ built, work, signal }) {
  const stops = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const environment = await startDatabase(built, work, stops);
    signal.throwIfAborted();
    const key = setUp(environment, work);
    const api = await startApi(built, work, environment, stops);
    return { ...api, key, ...(await makeRequests(api.url, key)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDatabase(built, work, stops) {
  const { startPostgres } = await built('dev/postgres.js');
  const { migrate } = await built('src/db/migrate.js');
  const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const postgres = await step('PostgreSQL', () => startPostgres({ folder: join(work, 'postgres'), settings }));
  stops.push(postgres.stop);
  const app = new URL(postgres.url);
  Object.assign(app, { username: 'placet_login', password: randomBytes(24).toString('base64url') });
  const folder = join(root, 'migrations');
  await migrate({ owner_url: postgres.url, app_url: app.href, folder, log: () => undefined });
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PLACET_|SLACK_|DATABASE_|TEMPORAL_)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    DATABASE_URL: app.href,
    PLACET_MASTER_KEY: randomBytes(32).toString('base64url'),
    // Fast answers are the point here; that the limit holds is tested elsewhere.
    PLACET_RATE_LIMIT_PER_MINUTE: '1000000',
  };
}

/** Applies the policy, and makes an agent with the operator's own command; answers its key. */
function setUp(environment, work) {
  const file = join(work, 'policy.yaml');
  writeFileSync(file, POLICY);
  const placet = (...args) => {
    const program = join(root, 'dist/src/main.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '--json'], { env: environment });
    if (status !== 0) throw new Error(`placet ${args[0]} failed:\n${stdout}${stderr}`);
    return JSON.parse(stdout);
  };
  placet('policy', 'apply', file);
  const owner = ['--owner', 'olga@example.com', '--new-owner'];
  return placet('agent', 'create', 'fuzzer', ...owner, '--environment', 'production').key;
}

async function startApi(built, work, environment, stops) {
  const { startBound } = await built('src/process/child.js');
  const { freePort } = await built('dev/ports.js');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...environment, PLACET_PORT: String(port), PLACET_PUBLIC_URL: url };
  const args = [join(root, 'dist/src/main.js'), 'serve', '--role', 'api'];
  const child = await startBound({ command: process.execPath, args, env });
  const log = join(work, 'api.log');
  const file = createWriteStream(log);
  for (const output of [child.process.stdout, child.process.stderr]) output.pipe(file, { end: false });
  stops.push(child.stop);
  await step('API', async () => {
    for (const end = Date.now() + READY_MS_MAX; Date.now() < end && !child.hasEnded(); ) {
      const isReady = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ASK_MS_MAX) }).catch(() => undefined);
      if (isReady?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The API did not become ready.');
  });
  return { url, log };
}

async function makeRequests(url, key) {
  const post = async (path, body) => {
    const headers = { authorization: `Bearer ${key}`, 'idempotency-key': randomBytes(8).toString('hex') };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const answer = await fetch(url + path, { method: 'POST', headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const ask = (action) => post('/v1/approval-requests', { action, resource: 'order/A-1001' });
  const [allowed, claimed, waiting, denied] = [
    await ask('a'),
    await ask('a'),
    await ask('orders.refund'),
    await ask('0'),
  ];
  const { credential, lease } = await post(`/v1/approval-requests/${claimed.id}/credential`);
  const request_ids = [allowed, claimed, waiting, denied].map(({ id }) => id);
  return { credential: credential.token, lease: { id: lease.id, digest: claimed.digest }, request_ids };
}
