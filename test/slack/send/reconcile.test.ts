// The fast path: what Slack takes at once is delivered in one reconcile, and what it does not take is left to the run.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as outbox from '../../../src/db/outbox.ts';
import { NOTHING_LEFT } from '../../../src/domain/work/pending-work.ts';
import { newId } from '../../../src/process/wiring.ts';
import type { RequestView } from '../../../src/service/agent/request-view.ts';
import { submit } from '../../../src/service/agent/submit.ts';
import { decide } from '../../../src/service/approver/decide.ts';
import { advance } from '../../../src/service/clock/advance.ts';
import type { DeliverDeps } from '../../../src/slack/send/delivery.ts';
import type { SlackUnavailable } from '../../../src/slack/send/failures.ts';
import { postFirst, reconcile } from '../../../src/slack/send/reconcile.ts';
import {
  makeAgent,
  makeClick,
  makePolicy,
  makeRule,
  makeSubmission,
  makeWorld,
  type World,
} from '../../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createFakeMessenger, type FakeMessenger, SLACK_AWAY, UNDELIVERABLE } from '../../support/fake-messenger.ts';
import { dies, interposed } from '../../support/interposed.ts';
import { inputOf } from '../../support/temporal.ts';

let database: TestDatabase;
let world: World;
let slack: FakeMessenger;
let deps: DeliverDeps;
const unsaid: SlackUnavailable[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule()]));
});
afterAll(() => database.drop());
beforeEach(() => {
  slack = createFakeMessenger();
  unsaid.length = 0;
  deps = {
    transact: database.transact,
    newId,
    messenger: slack,
    undeliverable: UNDELIVERABLE,
    onRefused: () => undefined,
  };
});

const ask = (): Promise<RequestView> => submit(world.deps, world.caller, makeSubmission());
const deny = (request: RequestView) =>
  decide(world.deps, makeClick(request, 'ann', { decision: 'deny', reason: 'wrong order' }));
const run = (request: Pick<RequestView, 'id'>) =>
  reconcile(deps, inputOf(request.id), (error) => void unsaid.push(error));

test('a new request gets its card, a decided one its new words and its owner the outcome, each once', async () => {
  const request = await ask();
  expect((await run(request)).pending).toMatchObject({ is_open: true, is_card_stale: false });
  await run(request);
  expect(slack.sent.map(({ kind }) => kind)).toEqual(['card']);
  await deny(request);
  expect((await run(request)).pending).toEqual(NOTHING_LEFT);
  await run(request);
  expect(slack.sent.map(({ kind }) => kind)).toEqual(['card', 'update', 'dm']);
});

describe('the first post of a request, before it has a run', () => {
  const first = (request: Pick<RequestView, 'id'>) =>
    postFirst(deps, inputOf(request.id), (error) => void unsaid.push(error));

  test('posts its card once, and says when its run is to look', async () => {
    // Whoever is behind a request is looked up first, by the run: that leaves nobody for the others of this agent.
    await run(await ask());
    slack.sent.splice(0);
    const request = await ask();
    const wake_at_ms = await first(request);
    expect(slack.sent.map(({ kind }) => kind)).toEqual(['card']);
    const { pending } = await run(request);
    expect(pending).toMatchObject({ is_open: true, is_card_stale: false, wake_at_ms });
    expect(slack.sent.map(({ kind }) => kind)).toEqual(['card']);
    expect(await first(request)).toBeNull();
    expect(slack.sent).toHaveLength(1);
  });

  test('is left to the run once the request is decided, while Slack is away, and before the team is known', async () => {
    await run(await ask());
    const decided = await ask();
    await deny(decided);
    const kept = slack.sent.length;
    expect(await first(decided)).toBeNull();
    slack.setFault(() => SLACK_AWAY);
    expect(await first(await ask())).toBeNull();
    expect(unsaid).toHaveLength(1);
    slack.setFault(null);
    const knownTeamId = () => null;
    const unknown = { ...deps, messenger: { ...slack, knownTeamId } };
    expect(await postFirst(unknown, inputOf((await ask()).id), () => undefined)).toBeNull();
    expect(slack.sent).toHaveLength(kept);
  });

  test('is left to the run where somebody behind the request is still to be looked up', async () => {
    const caller = await makeAgent(world.service, 'nobody-knows@example.com');
    const request = await submit(world.deps, caller, makeSubmission());
    expect(await first(request)).toBeNull();
    expect(slack.sent).toEqual([]);
    await run(request);
    expect(slack.sent.map(({ kind }) => kind)).toEqual(['card']);
  });
});

describe('what the outbox was to tell of a request', () => {
  const rowsOf = async ({ id }: Pick<RequestView, 'id'>): Promise<string[]> => {
    const sql = 'select kind from placet.outbox where request_id = $1 order by id';
    const rows = await database.asSuperuser<{ kind: string }>(sql, [id]);
    return rows.map(({ kind }) => kind);
  };

  test('is not told again to a run that has seen it; what was written while it spoke stays, and the next look says it', async () => {
    const request = await ask();
    const other = await ask();
    expect(await rowsOf(request)).toEqual(['start']);
    const postCard: FakeMessenger['postCard'] = async (channel, message) => {
      await deny(request);
      expect(await rowsOf(request)).toEqual(['nudge']);
      return slack.postCard(channel, message);
    };
    deps = { ...deps, messenger: { ...slack, postCard } };
    expect((await run(request)).pending).toMatchObject({ is_open: true, is_card_stale: false });
    expect(await rowsOf(request)).toEqual(['nudge']);
    expect((await run(request)).pending).toEqual(NOTHING_LEFT);
    expect(await rowsOf(request)).toEqual([]);
    expect(slack.sent.map(({ kind }) => kind)).toEqual(['card', 'update', 'dm']);
    expect(await rowsOf(other)).toEqual(['start']);
  });

  test('stays when what the run saw is not kept, and when it is being told right now', async () => {
    const request = await ask();
    const transact = interposed(database.transact, /from placet\.slack_messages/, dies('away'));
    const broken = { ...deps, transact };
    await expect(reconcile(broken, inputOf(request.id), () => undefined)).rejects.toThrow('away');
    expect(await rowsOf(request)).toEqual(['start']);
    await database.transact(world.caller.tenant_id, async (tx) => {
      await outbox.takeBatch(tx, 1_000);
      await run(request);
    });
    expect(await rowsOf(request)).toEqual(['start']);
  });

  test('stays when nobody but the sweep looked: no run knows of it', async () => {
    const request = await ask();
    expect(await advance(deps, inputOf(request.id))).toMatchObject({ is_open: true });
    expect(await rowsOf(request)).toEqual(['start']);
  });
});

test('what expires while it speaks is expired by the next look, which says it', async () => {
  const request = await ask();
  const postCard: FakeMessenger['postCard'] = async (channel, message) => {
    const answer = await slack.postCard(channel, message);
    await database.asSuperuser('update placet.approval_requests set expires_at = now() where id = $1', [request.id]);
    return answer;
  };
  deps = { ...deps, messenger: { ...slack, postCard } };
  expect((await run(request)).pending).toMatchObject({ is_open: true, is_card_stale: false });
  expect((await run(request)).pending).toEqual(NOTHING_LEFT);
  expect(slack.sent.map(({ kind }) => kind)).toEqual(['card', 'update', 'dm']);
});

test('the pending work that it answers is what is found right after', async () => {
  const request = await ask();
  const { pending } = await run(request);
  expect(pending).toEqual(await advance(deps, inputOf(request.id)));
  await deny(request);
  const messenger = { ...slack, updateCard: async () => ({ kind: 'refused', code: 'message_not_found' }) as const };
  deps = { ...deps, messenger };
  expect((await run(request)).pending).toEqual(await advance(deps, inputOf(request.id)));
  const rows = await database.asSuperuser('select kind, state from placet.slack_messages where request_id = $1', [
    request.id,
  ]);
  expect(rows).toEqual(expect.arrayContaining([{ kind: 'card', state: 'failed' }]));
});

test('what Slack lets wait is no failed try: the rest is said, and the run wakes when Slack said', async () => {
  const request = await ask();
  await run(request);
  await deny(request);
  slack.setFault(({ kind }) =>
    kind === 'update' ? { kind: 'retryable', code: 'ratelimited', retry_after_ms: 7_000, is_doubtful: false } : null,
  );
  const begun_ms = Date.now();
  const { pending } = await run(request);
  expect(pending).toMatchObject({ is_open: true, is_card_stale: false, is_outcome_stale: false });
  expect(pending.wake_at_ms).toBeGreaterThanOrEqual(begun_ms + 7_000);
  expect(slack.sent.map(({ kind }) => kind)).toEqual(['card', 'dm']);
  expect(unsaid).toEqual([]);
});

test('a request that does not exist leaves nothing to do and nothing is said', async () => {
  const absent = { id: 'apr_00000000000000000000000000000000000x' };
  expect(await run(absent)).toEqual({ pending: NOTHING_LEFT, backoff_until_ms: 0 });
  expect(slack.sent).toEqual([]);
});
