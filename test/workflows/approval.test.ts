// Each branch of the workflow on a real Temporal server and real rows.
// With PLACET_TEST_RECORD=1 these runs become the golden histories.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as outbox from '../../src/db/outbox.ts';
import { RUN_VERSION } from '../../src/domain/work/workflow.ts';
import type { ApiDeps } from '../../src/http/deps.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import {
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createFakeMessenger, type FakeMessenger } from '../support/fake-messenger.ts';
import { eventsOf, stateOf } from '../support/rows.ts';
import {
  eventTypes,
  historyText,
  keepHistory,
  openTestTemporal,
  quietRuntime,
  type TestTemporal,
} from '../support/temporal.ts';
import { createTestUseCases } from '../support/use-cases.ts';

const runtime = quietRuntime();
const CANARY = 'canary-7f3a';

let database: TestDatabase;
let world: World;
let api: ApiDeps & { close: () => Promise<void> };
let temporal: TestTemporal;
let slack: FakeMessenger;

beforeAll(async () => {
  database = await createTestDatabase();
  const big = makeRuleFor('big/*', { quorum: 2 });
  const bare = makeRuleFor('bare/*', { credential: null });
  const both = makeRuleFor('both/*', { approvers: ['payments', 'dba'] });
  world = await makeWorld(database, makePolicy([makeRule(), big, bare, both]));
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
  await runtime.close();
});
beforeEach(async () => {
  temporal = await openTestTemporal(database);
  slack = createFakeMessenger();
  await temporal.startWorker(slack);
});
afterEach(() => temporal.close());

/** Submits, tells Temporal, and waits for the first card. */
async function ask(changes = {}): Promise<RequestView> {
  const parameters = { amount: 120, note: CANARY };
  const request = await submit(
    world.deps,
    world.caller,
    makeSubmission({ parameters, justification: CANARY, ...changes }),
  );
  await temporal.tell();
  await slack.until((sent) => sent.some(({ kind }) => kind === 'card'));
  return request;
}

async function click(request: RequestView, name: string, changes = {}): Promise<void> {
  const answer = await decide(world.deps, makeClick(request, name, changes));
  expect(answer.kind).toBe('counted');
  await temporal.tell();
}

/** Waits for the end of the run, keeps its history, and looks for content in it. */
async function finish(name: string, request: RequestView): Promise<void> {
  const handle = temporal.handle(request.id);
  await handle.result();
  const text = await historyText(handle);
  expect(text).toContain(`"request_id":"${request.id}"`);
  expect(text).not.toContain(CANARY);
  await keepHistory(name, handle);
}

describe('the ends', () => {
  test('an approval closes the card and tells the owner; without a credential the run is over', async () => {
    const request = await ask({ resource: 'bare/1' });
    await click(request, 'ann');
    await finish('approved-without-credential', request);
    expect(slack.textsOf('update').at(-1)).toContain('Approved by');
    expect(slack.sent.filter(({ kind }) => kind === 'dm').map(({ where }) => where)).toEqual(['U0OLGA']);
    expect(slack.textsOf('dm')).toHaveLength(1);
  });

  test('with two needed, the first approval shows on the card and the second ends it', async () => {
    const request = await ask({ resource: 'big/1', timeout_seconds: 600 });
    await click(request, 'ann');
    await slack.until(() => slack.textsOf('update').length === 1);
    expect(slack.textsOf('update')[0]).toContain('1 of 2');
    expect(await stateOf(database, request.id)).toBe('pending');
    await click(request, 'ben');
    await slack.until(
      () => slack.textsOf('update').some((text) => text.includes('Approved by')) && slack.textsOf('dm').length > 0,
    );
    await report(request, { status: 'failed', detail: 'not needed any more' });
    await finish('approved-by-two', request);
  });

  test('a denial closes the card with its reason and tells the owner', async () => {
    const request = await ask();
    await click(request, 'ann', { decision: 'deny', reason: 'wrong order' });
    await finish('denied', request);
    expect(slack.textsOf('update').at(-1)).toContain('wrong order');
    expect(slack.textsOf('dm')[0]).toContain('Denied');
  });

  test('a request expires on time, is reminded once before, and both are on record', async () => {
    const request = await ask({ timeout_seconds: 4 });
    await finish('expired', request);
    expect(await stateOf(database, request.id)).toBe('expired');
    expect(await eventsOf(database, request.id, 'approval_request.expired')).toHaveLength(1);
    expect(slack.textsOf('reply')).toHaveLength(1);
    expect(slack.textsOf('update').at(-1)).toContain('Expired');
    expect(slack.textsOf('dm')[0]).toContain('Expired');
  });

  test('a cancelled request closes the card and tells the owner', async () => {
    const request = await ask();
    await api.cancel(world.caller, request.id);
    await temporal.tell();
    await finish('cancelled', request);
    expect(slack.textsOf('update').at(-1)).toContain('Cancelled');
    expect(slack.textsOf('dm')[0]).toContain('Cancelled');
  });
});

async function report(request: RequestView, sent: { status: 'succeeded' | 'failed'; detail: string }): Promise<void> {
  await api.report({ caller: world.caller }, request.id, { ...sent, result_digest: null });
  await temporal.tell();
}

/** Makes the one grant or lease of a request end soon, as if its time had been shorter; a run that saw it longer is told. */
const endSoon = async (table: 'grants' | 'leases', id: string) => {
  const soon =
    table === 'grants'
      ? "update placet.grants set claim_expires_at = now() + interval '1 s' where request_id = $1"
      : "update placet.leases set issued_at = now() - interval '1 s', expires_at = now() + interval '1 s' where request_id = $1";
  await database.asSuperuser(soon, [id]);
  await database.transact(TENANT, (tx) => outbox.enqueue(tx, id, 'nudge'));
};

describe('after the approval', () => {
  test('a used credential and its result show on the card and in the message to the owner', async () => {
    const request = await ask();
    await click(request, 'ann');
    await slack.until(() => slack.textsOf('dm').length === 1);
    const { token, lease } = await api.claim(world.caller, request.id);
    await api.use({ lease_id: lease.id, token, digest: request.digest });
    await report(request, { status: 'succeeded', detail: 'done' });
    await finish('ran', request);
    const shown = slack.sent.filter(({ kind }) => kind === 'card' || kind === 'dm').map(({ ts }) => slack.shows(ts));
    expect(shown).toEqual([expect.stringContaining('succeeded'), expect.stringContaining('succeeded')]);
  });

  test('a credential that nobody claims in time shows as never claimed, and the run ends', async () => {
    const request = await ask();
    const answer = await decide(world.deps, makeClick(request, 'ann'));
    expect(answer.kind).toBe('counted');
    await endSoon('grants', request.id);
    await temporal.tell();
    await finish('never-claimed', request);
    expect(slack.textsOf('update').at(-1)).toContain('never claimed');
  });

  test('a lease that nobody uses ends at its time, on record, and the run ends', async () => {
    const request = await ask();
    await click(request, 'ann');
    await api.claim(world.caller, request.id);
    await endSoon('leases', request.id);
    await temporal.tell();
    await finish('lease-expired', request);
    expect(await eventsOf(database, request.id, 'lease.expired')).toHaveLength(1);
    expect(slack.textsOf('update').at(-1)).toContain('never used');
  });

  test('a result that comes late redraws the card in a new run, which ends', async () => {
    const request = await ask({ resource: 'bare/1' });
    await click(request, 'ann');
    await temporal.handle(request.id).result();
    await report(request, { status: 'failed', detail: 'too slow' });
    await finish('late-result', request);
    await slack.until(() => slack.textsOf('update').some((text) => text.includes('too slow')));
    expect(slack.textsOf('card')).toHaveLength(1);
    expect(slack.textsOf('dm')).toHaveLength(1);
  });
});

describe('again and again', () => {
  test('each group has one card in its own channel, and all of them close', async () => {
    const request = await ask({ resource: 'both/1' });
    await slack.until(() => slack.textsOf('card').length === 2);
    await click(request, 'ann', { decision: 'deny', reason: 'not this one' });
    await finish('two-channels', request);
    const cards = slack.sent.filter(({ kind }) => kind === 'card');
    expect(cards.map(({ where }) => where).sort()).toEqual(['C0DBA', 'C0PAYMENTS']);
    for (const { ts } of cards) expect(slack.shows(ts)).toContain('Denied');
  });

  test('a start repeated and nudges without news change nothing: one run, one card', async () => {
    const request = await ask();
    const { runId } = await temporal.handle(request.id).describe();
    for (const kind of ['start', 'nudge', 'start', 'nudge', 'nudge'] as const) {
      await world.service.transact(TENANT, (tx) => outbox.enqueue(tx, request.id, kind));
      await temporal.tell();
    }
    await click(request, 'ann', { decision: 'deny', reason: 'not this one' });
    await finish('nudged-without-news', request);
    expect((await temporal.handle(request.id).describe()).runId).toBe(runId);
    expect(slack.textsOf('card')).toHaveLength(1);
    expect(slack.textsOf('update')).toHaveLength(1);
  });

  test('a terminated run is begun anew by the next nudge and goes on from the record', async () => {
    const request = await ask();
    await temporal.handle(request.id).terminate('an operator slipped');
    await click(request, 'ann', { decision: 'deny', reason: 'not this one' });
    await finish('begun-anew', request);
    expect(slack.textsOf('card')).toHaveLength(1);
    expect(slack.textsOf('update').at(-1)).toContain('Denied');
  });

  test('a run for a request that does not exist ends at once and says nothing', async () => {
    const absent = { ...(await ask()), id: 'apr_00000000000000000000000000000000000x' };
    await temporal.client.workflow.start('approval', {
      taskQueue: temporal.task_queue,
      workflowId: `approval/${TENANT}/${absent.id}`,
      args: [{ tenant_id: TENANT, request_id: absent.id, version: RUN_VERSION }],
    });
    await finish('no-such-request', absent);
    expect(slack.textsOf('card')).toHaveLength(1);
    expect(await eventTypes(temporal.handle(absent.id))).not.toContain('ACTIVITY_TASK_SCHEDULED');
  });
});
