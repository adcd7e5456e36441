// The checker sees what is broken on purpose in a real world that is sound but for that: in Slack, in the record, in Temporal.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PAYMENTS } from '@placet/playground';
import pg from 'pg';
import { WebSocket } from 'undici';
import { APPROVAL_WORKFLOW } from '../../src/domain/work/workflow.ts';
import { until } from '../support/wait.ts';
import { check } from './check.ts';
import { faultsOfCards } from './check-cards.ts';
import { faultsOfEnd, faultsOfLeaks } from './check-leaks.ts';
import { faultsOfRest } from './check-quiet.ts';
import { faultsOf, faultsOfStory, faultsOfWhole, readRecord } from './check-record.ts';
import { PATIENCE_MS } from './patience.ts';
import { type Servers, startServers } from './servers.ts';
import { createStories, type Stories } from './stories.ts';
import { openWorld, type World } from './world.ts';

const TEST_MS_MAX = 300_000;
/** What is broken stays broken: one look is enough. */
const AT_ONCE_MS = 1;

let servers: Servers;
let world: World;
let stories: Stories;
beforeAll(async () => {
  servers = await startServers();
  world = await openWorld(servers);
  stories = createStories(world);
  for (const plan of ['ran', 'denied', 'cancelled'] as const) stories.begin(plan);
  await stories.ended();
}, TEST_MS_MAX);
afterAll(async () => {
  await world.close();
  await servers.close();
}, TEST_MS_MAX);

const idOf = (plan: string) => stories.all.find((story) => story.plan === plan)?.id ?? '';
/** The message as it stands in Slack. */
const messageOf = async (kind: string, id: string) => {
  const sql = 'select channel_id, ts from placet.slack_messages where kind = $1 and request_id = $2';
  const [place] = await world.rows<{ channel_id: string; ts: string }>(sql, [kind, id]);
  const { messages } = (await world.slack.state()).channels.find((channel) => channel.id === place?.channel_id) ?? {};
  const message = messages?.find(({ ts }) => ts === place?.ts);
  if (message === undefined) throw new Error(`${id} has its ${kind}`);
  return message;
};

/** As Slack's own method does it: what the record knows nothing of. */
async function slackApi(method: string, args: object): Promise<void> {
  const { SLACK_API_URL = '', SLACK_BOT_TOKEN = '' } = world.environment;
  const headers = { authorization: `Bearer ${SLACK_BOT_TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(`${SLACK_API_URL}${method}`, { method: 'POST', headers, body: JSON.stringify(args) });
  const answer = (await response.json()) as { readonly ok: boolean };
  if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer)}`);
}

test('a world in which nothing was broken has no fault', async () => {
  expect(await check(world, stories.all)).toEqual([]);
}, 300_000);

test('a card that says another outcome, or keeps a button, is found', async () => {
  const { channel, ts, text, blocks: before } = await messageOf('card', idOf('denied'));
  const button = { type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' } };
  const blocks = JSON.parse(JSON.stringify(before).replaceAll('Denied: ', 'Approved: ')) as object[];
  blocks.push({ type: 'actions', elements: [button] });
  await slackApi('chat.update', { channel, ts, text: 'Approved', blocks });
  const found = (await faultsOfCards(world, await readRecord(world))).join('\n');
  expect(found).toContain('does not say "Denied: "');
  expect(found).toContain('buttons are left');
  await slackApi('chat.update', { channel, ts, text, blocks: before });
});

test('a second copy of a card whose buttons nothing takes away is found', async () => {
  const id = idOf('cancelled');
  const button = { type: 'button', action_id: 'none_of_ours', text: { type: 'plain_text', text: 'Approve' } };
  const blocks = [
    { type: 'section', text: { type: 'plain_text', text: id } },
    { type: 'actions', elements: [button] },
  ];
  await slackApi('chat.postMessage', { channel: PAYMENTS, text: 'A copy', blocks });
  const [, copy] = (await world.slack.messages(PAYMENTS)).filter((message) => JSON.stringify(message).includes(id));
  const found = await faultsOfCards(world, await readRecord(world), AT_ONCE_MS);
  expect(found.join('\n')).toContain(`the copy at ${PAYMENTS}/${copy?.ts} keeps its buttons`);
  await slackApi('chat.delete', { channel: PAYMENTS, ts: copy?.ts });
}, 60_000);

test('an owner who was told another outcome is found', async () => {
  const { channel, ts, text, blocks } = await messageOf('outcome', idOf('denied'));
  await slackApi('chat.update', { channel, ts, text: 'All is well.' });
  const found = await faultsOfCards(world, await readRecord(world));
  expect(found.join('\n')).toContain('the owner was not told "Denied"');
  await slackApi('chat.update', { channel, ts, text, blocks });
});

/** What the checkers find after these statements, which nobody may run: within a transaction that never ends well. */
async function foundAfter(statements: readonly string[]): Promise<string> {
  const client = new pg.Client({ connectionString: world.database.owner_url });
  await client.connect();
  try {
    await client.query('begin');
    for (const table of ['approval_requests', 'decisions', 'grants', 'leases', 'audit_events'])
      await client.query(`alter table placet.${table} disable trigger all`);
    for (const statement of statements) await client.query(statement);
    const rows: World['rows'] = async <Row>(sql: string, values: readonly unknown[] = []) =>
      (await client.query(sql, [...values])).rows as Row[];
    const changed = { ...world, rows };
    const record = await readRecord(changed);
    const faults = [
      ...(await faultsOfWhole(changed, stories.all, record)),
      ...record.flatMap(faultsOf),
      ...stories.all.flatMap((story) => faultsOfStory(story, record)),
      ...(await faultsOfCards(changed, record)),
    ];
    return faults.join('\n');
  } finally {
    await client.end();
  }
}

const USED_TWICE = [
  "create temporary table twin as select * from placet.leases where state = 'used'",
  "update twin set use = 2, id = left(id, -1) || case right(id, 1) when '0' then '1' else '0' end",
  'insert into placet.leases select * from twin',
];

test.each<[string, readonly string[], string]>([
  ['nothing', [], ''],
  ['an approval without its quorum (INV-10)', ['delete from placet.decisions'], 'executed_without_approval has 1 rows'],
  ['a second use (INV-10)', USED_TWICE, 'executed_twice has 1 rows'],
  [
    'an approval by one who is excluded',
    ['update placet.approval_requests r set excluded_people = array(select person_id from placet.decisions)'],
    'may not be approved by its policy and its decisions',
  ],
  [
    'a decision after the end',
    ["update placet.decisions set decided_at = decided_at + interval '1 h'"],
    'has a decision after its end',
  ],
  [
    'a second end',
    ["update placet.audit_events set type = 'approval_request.denied' where type = 'grant.created'"],
    'its events say approved, denied',
  ],
  [
    'a request that is open again',
    ["update placet.approval_requests set state = 'pending', closed_at = null where state = 'cancelled'"],
    'is still pending',
  ],
  [
    'a lease beyond its grant',
    ["update placet.leases set expires_at = expires_at + interval '1 s'"],
    'has a lease beyond its grant',
  ],
  [
    'a lease that nobody ended',
    [
      `update placet.leases set state = 'active', used_at = null, ended_at = null,
         issued_at = issued_at - interval '1 h', expires_at = expires_at - interval '1 h'`,
    ],
    'has an active lease past its end',
  ],
  [
    'an outcome that its agent heard otherwise',
    ["update placet.approval_requests set state = 'expired' where state = 'denied'"],
    'heard denied, the record says expired',
  ],
  [
    'a failed card without its event',
    ["update placet.slack_messages set state = 'failed', ts = null where kind = 'card'"],
    'its card failed without an event',
  ],
  [
    'a card that is not there',
    [
      "update placet.slack_messages set ts = '1.1' where kind = 'card' and request_id in (select request_id from placet.results)",
    ],
    'is not where the record says',
  ],
])('in the record, %s is found', async (_what, statements, fault) => {
  const found = await foundAfter(statements);
  if (fault === '') expect(found).toBe('');
  else expect(found).toContain(fault);
});

test('a request that nobody asked for is found', async () => {
  const found = await faultsOfWhole(world, stories.all.slice(1), await readRecord(world));
  expect(found).toEqual([`${stories.all[0]?.id}: nobody asked for it`]);
});

test('a transaction that stands still on a connection of ours is found', async () => {
  const url = new URL(world.database.owner_url);
  const client = new pg.Client({ connectionString: url.href, application_name: 'placet api' });
  await client.connect();
  await client.query('begin');
  await client.query("select set_config('idle_in_transaction_session_timeout', '0', false)");
  const found = await faultsOfLeaks(world, AT_ONCE_MS);
  expect(found.join('\n')).toMatch(/connections to PostgreSQL, the processes hold/);
  await client.end();
});

test('a second socket to Slack, and a long poll that nobody reads, are found', async () => {
  const { SLACK_API_URL = '', SLACK_APP_TOKEN = '' } = world.environment;
  const headers = { authorization: `Bearer ${SLACK_APP_TOKEN}` };
  const opened = await fetch(`${SLACK_API_URL}apps.connections.open`, { method: 'POST', headers });
  const socket = new WebSocket(((await opened.json()) as { readonly url: string }).url);
  await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  const { id } = await world.agent.request({ action: 'orders.refund', resource: 'order/left', parameters: {} });
  const stop = new AbortController();
  const poll = fetch(`${world.apiUrl}/v1/approval-requests/${id}?wait_seconds=30`, {
    headers: { authorization: `Bearer ${world.agent.key}` },
    signal: stop.signal,
  }).catch(() => undefined);
  await until(async () => (await faultsOfLeaks(world, AT_ONCE_MS)).length === 2, { limit_ms: PATIENCE_MS });
  expect((await faultsOfLeaks(world, AT_ONCE_MS)).sort()).toEqual([
    '1 long polls wait and no agent does',
    'slack holds 2 sockets to Slack',
  ]);
  stop.abort();
  socket.close();
  await poll;
  await world.agent.cancel(id);
  expect(await faultsOfLeaks(world)).toEqual([]);
}, 60_000);

test('what is left undone is found: in the outbox, and a workflow that should not run', async () => {
  await world.kill('worker');
  const id = idOf('denied');
  await world.rows(`insert into placet.outbox (tenant_id, request_id, kind) values ('default', $1, 'nudge')`, [id]);
  const options = { taskQueue: world.taskQueue, workflowId: `approval/default/${id}` };
  const args = [{ tenant_id: 'default', request_id: id }];
  await world.temporal(({ workflow }) => workflow.start(APPROVAL_WORKFLOW, { ...options, args }));
  const found = (await faultsOfRest(world, AT_ONCE_MS)).join('\n');
  expect(found).toContain(`outbox row of ${id}`);
  expect(found).toContain(`a workflow runs for ${id}`);
  await world.start('worker');
}, 60_000);

test('a process that runs on is found', async () => {
  expect((await faultsOfEnd({ pids: new Set([world.childOf('api')?.pid ?? 0]) }, AT_ONCE_MS)).join()).toContain(
    'still runs',
  );
});
