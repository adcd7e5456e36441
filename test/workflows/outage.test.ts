// What happens while Slack, Postgres or the worker is away: time goes on, and nothing is lost.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import type { SendFailure } from '../../src/slack/send/failures.ts';
import {
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createFakeMessenger, type FakeMessenger, type Sent, SLACK_AWAY } from '../support/fake-messenger.ts';
import { eventTypes, keepHistory, openTestTemporal, quietRuntime, type TestTemporal } from '../support/temporal.ts';

const runtime = quietRuntime();
let database: TestDatabase;
let world: World;
let temporal: TestTemporal;
let slack: FakeMessenger;

beforeAll(async () => {
  database = await createTestDatabase();
  const bare = makeRuleFor('bare/*', { credential: null });
  world = await makeWorld(database, makePolicy([makeRule(), bare]));
});
afterAll(async () => {
  await database.drop();
  await runtime.close();
});
afterEach(() => temporal.close());

const ask = (changes = {}): Promise<RequestView> =>
  submit(world.deps, world.caller, makeSubmission({ resource: 'bare/1', ...changes }));
const approve = async (request: RequestView) =>
  expect((await decide(world.deps, makeClick(request, 'ann'))).kind).toBe('counted');
const rowsOf = async (request: RequestView, column: string, table: string, where: string) =>
  database.asSuperuser<Record<string, string>>(`select ${column} from placet.${table} where ${where} = $1`, [
    request.id,
  ]);
const hasCard = (sent: readonly Sent[]) => sent.some(({ kind }) => kind === 'card');

/** Opens a queue, and a worker on it unless the test starts its own. */
async function open(changes: { maxCachedWorkflows?: number } | null = {}): Promise<void> {
  temporal = await openTestTemporal(database);
  slack = createFakeMessenger();
  if (changes !== null) await temporal.startWorker(slack, changes);
}

describe('Slack is away', () => {
  test('a request expires on time, and the card and the message to the owner follow once Slack is back', async () => {
    await open();
    slack.setFault(() => SLACK_AWAY);
    const request = await ask({ timeout_seconds: 2 });
    await temporal.tell();
    await slack.until((_sent, calls) => calls.some(({ kind }) => kind === 'dm'));
    const [row] = await rowsOf(
      request,
      "state, closed_at - expires_at < interval '2 s' as is_on_time",
      'approval_requests',
      'id',
    );
    expect(row).toEqual({ state: 'expired', is_on_time: true });
    expect(slack.sent).toEqual([]);
    slack.setFault(null);
    const handle = temporal.handle(request.id);
    await handle.result();
    expect(slack.textsOf('card').at(-1)).toContain('Expired');
    expect(slack.textsOf('dm').at(-1)).toContain('Expired');
    await keepHistory('expired-while-slack-was-away', handle);
  });

  test('a channel that Slack refuses for good is recorded and audited, once; the others and the decision stand', async () => {
    await open();
    slack.setFault(({ kind }) => (kind === 'card' ? { kind: 'refused', code: 'is_archived' } : null));
    const request = await ask();
    await temporal.tell();
    await slack.until((_sent, calls) => calls.length === 1);
    await approve(request);
    await temporal.tell();
    await temporal.handle(request.id).result();
    expect(slack.calls.filter(({ kind }) => kind === 'card')).toHaveLength(1);
    expect(await rowsOf(request, 'state, error', 'slack_messages', "kind = 'card' and request_id")).toEqual([
      { state: 'failed', error: 'is_archived' },
    ]);
    const failed = await rowsOf(request, 'facts', 'audit_events', "type = 'notify.failed' and request_id");
    expect(failed).toEqual([{ facts: { kind: 'card', code: 'is_archived' } }]);
    expect(slack.textsOf('dm')).toHaveLength(1);
  });

  test('a card that was deleted in Slack is recorded as failed, and the decision stands', async () => {
    await open();
    const request = await ask();
    await temporal.tell();
    await slack.until(hasCard);
    slack.setFault(({ kind }) => (kind === 'update' ? { kind: 'refused', code: 'message_not_found' } : null));
    await approve(request);
    await temporal.tell();
    await temporal.handle(request.id).result();
    expect(await rowsOf(request, 'state', 'approval_requests', 'id')).toEqual([{ state: 'approved' }]);
    expect(await rowsOf(request, 'error', 'slack_messages', "kind = 'card' and request_id")).toEqual([
      { error: 'message_not_found' },
    ]);
  });

  test('a wait that Slack asks for is kept, and other messages do not wait with it', async () => {
    await open();
    const wait: SendFailure = { kind: 'retryable', code: 'ratelimited', retry_after_ms: 1_500, is_doubtful: false };
    // The first meets the look itself, the second sends it to an background task, the third meets the background task.
    const refusals = [wait, SLACK_AWAY, wait];
    slack.setFault(({ kind }) => (kind === 'dm' ? (refusals.shift() ?? null) : null));
    const request = await ask();
    await temporal.tell();
    await slack.until(hasCard);
    await approve(request);
    await temporal.tell();
    await slack.until((sent) => sent.some(({ kind }) => kind === 'update'));
    expect(slack.textsOf('dm')).toEqual([]);
    await temporal.handle(request.id).result();
    expect(slack.textsOf('dm')).toHaveLength(1);
    expect(slack.calls.filter(({ kind }) => kind === 'dm')).toHaveLength(4);
    const json = JSON.stringify(await temporal.handle(request.id).fetchHistory());
    expect(json).not.toContain('slack_ratelimited');
    expect(json).not.toContain('activities/');
  });
});

describe('a worker is away', () => {
  test('with no run kept in memory every step is replayed, and all goes as usual', async () => {
    await open({ maxCachedWorkflows: 0 });
    const request = await ask({ timeout_seconds: 4 });
    await temporal.tell();
    await slack.until((sent) => sent.some(({ kind }) => kind === 'reply'));
    await temporal.handle(request.id).result();
    expect(slack.textsOf('update').at(-1)).toContain('Expired');
    expect(slack.textsOf('card')).toHaveLength(1);
  });

  test('a request made and decided while no worker runs gets its card and its message when one comes', async () => {
    await open(null);
    const request = await ask();
    await temporal.tell();
    await approve(request);
    await temporal.tell();
    await temporal.startWorker(slack);
    await temporal.handle(request.id).result();
    expect(slack.textsOf('card')).toEqual([expect.stringContaining('Approved')]);
    expect(slack.textsOf('dm')).toHaveLength(1);
  });

  test('another worker goes on where the first one stopped', async () => {
    await open(null);
    const first = await temporal.startWorker(slack);
    const request = await ask();
    await temporal.tell();
    await slack.until(hasCard);
    await first.stop();
    await approve(request);
    await temporal.tell();
    await temporal.startWorker(slack);
    await temporal.handle(request.id).result();
    expect(slack.textsOf('card')).toHaveLength(1);
    expect(slack.textsOf('update').at(-1)).toContain('Approved');
  });
});

describe('Postgres is away', () => {
  test('the run waits without filling its history, and goes on when Postgres is back', async () => {
    await open(null);
    const away = { is: true, input: 0 };
    const transact: typeof database.transact = (tenant_id, work) => {
      away.input += 1;
      return away.is ? Promise.reject(new Error('connect ECONNREFUSED')) : database.transact(tenant_id, work);
    };
    await temporal.startWorker(slack, { transact });
    const request = await ask();
    await approve(request);
    await temporal.tell();
    const handle = temporal.handle(request.id);
    while (away.input < 4) await handle.describe();
    const length = (await eventTypes(handle)).length;
    while (away.input < 5) await handle.describe();
    expect((await eventTypes(handle)).length).toBe(length);
    away.is = false;
    await handle.result();
    expect(slack.textsOf('dm')).toHaveLength(1);
    await keepHistory('postgres-was-away', handle);
  });
});
