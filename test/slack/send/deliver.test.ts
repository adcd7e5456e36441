// What the activities do to the record and to Slack when tries fail, repeat, overlap or race with a click.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Transact } from '../../../src/db/database.ts';
import * as identities from '../../../src/db/identities.ts';
import * as messages from '../../../src/db/messages.ts';
import { newId } from '../../../src/process/wiring.ts';
import type { RequestView } from '../../../src/service/agent/request-view.ts';
import { submit } from '../../../src/service/agent/submit.ts';
import { decide } from '../../../src/service/approver/decide.ts';
import { advance } from '../../../src/service/clock/advance.ts';
import { deliverCards } from '../../../src/slack/send/cards.ts';
import type { DeliverDeps } from '../../../src/slack/send/delivery.ts';
import { SlackUnavailable } from '../../../src/slack/send/failures.ts';
import { deliverOutcome } from '../../../src/slack/send/outcome.ts';
import { deliverReminders } from '../../../src/slack/send/reminders.ts';
import { deliverNow } from '../../../src/slack/send/snapshot.ts';
import {
  makeAgent,
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  TEAM,
  type World,
} from '../../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../../support/database.ts';
import { createFakeMessenger, type FakeMessenger, SLACK_AWAY, UNDELIVERABLE } from '../../support/fake-messenger.ts';
import { eventsOf } from '../../support/rows.ts';
import { inputOf } from '../../support/temporal.ts';

const [syncCards, remind, tellOutcome] = [deliverCards, deliverReminders, deliverOutcome].map(deliverNow) as [
  Try,
  Try,
  Try,
];
type Try = ReturnType<typeof deliverNow>;

let database: TestDatabase;
let world: World;
let slack: FakeMessenger;
let deps: DeliverDeps;
const refused: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  const both = makeRuleFor('both/*', { approvers: ['payments', 'dba'] });
  world = await makeWorld(database, makePolicy([makeRule(), both]));
});
afterAll(() => database.drop());
beforeEach(() => {
  slack = createFakeMessenger();
  refused.length = 0;
  deps = {
    transact: database.transact,
    newId,
    messenger: slack,
    undeliverable: UNDELIVERABLE,
    onRefused: (one) => void refused.push(one.code),
  };
});

const ask = (changes = {}): Promise<RequestView> => submit(world.deps, world.caller, makeSubmission(changes));
const deny = (request: RequestView) =>
  decide(world.deps, makeClick(request, 'ann', { decision: 'deny', reason: 'wrong order' }));
const rowsOf = (request: RequestView, kind = 'card') =>
  database.asSuperuser<{ state: string; ts: string | null; revision: number; error: string | null }>(
    'select state, ts, revision, error from placet.slack_messages where request_id = $1 and kind = $2',
    [request.id, kind],
  );
const adopt = (request: RequestView, ts: string) =>
  database.transact(TENANT, (tx) =>
    messages.adoptPlace(tx, {
      request_id: request.id,
      kind: 'card',
      destination: 'C0PAYMENTS',
      team_id: TEAM,
      channel_id: 'C0PAYMENTS',
      ts,
    }),
  );

describe('cards', () => {
  test('a card is posted once, however often the activity runs', async () => {
    const request = await ask();
    for (let run = 0; run < 3; run += 1) await syncCards(deps, inputOf(request.id));
    expect(slack.sent.map(({ kind }) => kind)).toEqual(['card']);
    expect(await rowsOf(request)).toEqual([{ state: 'posted', ts: slack.sent[0]?.ts, revision: 1, error: null }]);
    expect(await eventsOf(database, request.id, 'notify.sent')).toEqual([
      { facts: { kind: 'card', channel_id: 'C0PAYMENTS' } },
    ]);
  });

  test('after a lost answer the card is posted again, and the second post is the live one', async () => {
    const request = await ask();
    slack.setFault(() => SLACK_AWAY);
    await expect(syncCards(deps, inputOf(request.id))).rejects.toThrow(SlackUnavailable);
    expect((await rowsOf(request))[0]?.state).toBe('posting');
    slack.setFault(null);
    await syncCards(deps, inputOf(request.id));
    expect(await rowsOf(request)).toMatchObject([{ state: 'posted', ts: slack.sent[0]?.ts }]);
  });

  test('a click that is faster than the answer to the post leaves that very card live', async () => {
    const request = await ask();
    const postCard: FakeMessenger['postCard'] = async (channel, message) => {
      const answer = await slack.postCard(channel, message);
      if (answer.kind === 'posted') expect(await adopt(request, answer.ts)).toBe(true);
      return answer;
    };
    await syncCards({ ...deps, messenger: { ...slack, postCard } }, inputOf(request.id));
    expect(slack.sent.map(({ kind }) => kind)).toEqual(['card']);
    expect(await rowsOf(request)).toMatchObject([{ state: 'posted', ts: slack.sent[0]?.ts, revision: 1 }]);
  });

  test('when an older copy was clicked first it is the live one, and the new copy loses its buttons', async () => {
    const request = await ask();
    const postCard: FakeMessenger['postCard'] = async (channel, message) => {
      await adopt(request, '1600000000.000001');
      return slack.postCard(channel, message);
    };
    await syncCards({ ...deps, messenger: { ...slack, postCard } }, inputOf(request.id));
    expect(slack.sent.map(({ kind, ts }) => [kind, ts])).toEqual([
      ['card', slack.sent[0]?.ts],
      ['dead', slack.sent[0]?.ts],
    ]);
    expect(await rowsOf(request)).toMatchObject([{ state: 'posted', ts: '1600000000.000001' }]);
  });

  test('two tries at the same time leave one live card', async () => {
    const request = await ask();
    await Promise.all([syncCards(deps, inputOf(request.id)), syncCards(deps, inputOf(request.id))]);
    const live = (await rowsOf(request))[0]?.ts;
    const dead = slack.sent.filter(({ kind }) => kind === 'dead').map(({ ts }) => ts);
    const posted = slack.sent.filter(({ kind }) => kind === 'card').map(({ ts }) => ts);
    expect(posted.filter((ts) => !dead.includes(ts))).toEqual([live]);
  });

  test('an old try never draws over what a newer one drew', async () => {
    const request = await ask();
    await syncCards(deps, inputOf(request.id));
    await database.asSuperuser('update placet.approval_requests set revision = revision + 1 where id = $1', [
      request.id,
    ]);
    let transactions = 0;
    // The second transaction of the old try is the one in which it takes the row: by then it has seen the record.
    const transact: Transact = async (tenant_id, work) => {
      transactions += 1;
      if (transactions === 2) {
        await deny(request);
        await syncCards(deps, inputOf(request.id));
      }
      return database.transact(tenant_id, work);
    };
    await syncCards({ ...deps, transact }, inputOf(request.id));
    expect(transactions).toBe(2);
    expect(slack.shows(slack.sent[0]?.ts ?? '')).toContain('Denied');
    expect(await rowsOf(request)).toMatchObject([{ revision: 3 }]);
  });

  test('a channel that must wait does not keep the card from the others, and is not asked again before its time', async () => {
    const request = await ask({ resource: 'both/1' });
    slack.setFault(({ where }) =>
      where === 'C0DBA' ? { kind: 'retryable', code: 'ratelimited', retry_after_ms: 7_000, is_doubtful: false } : null,
    );
    for (let run = 0; run < 3; run += 1) await syncCards(deps, inputOf(request.id));
    expect(slack.calls.filter(({ where }) => where === 'C0DBA')).toHaveLength(1);
    expect(slack.sent.map(({ where }) => where)).toEqual(['C0PAYMENTS']);
  });
});

describe('reminder and outcome', () => {
  test('a reminder is said once, in the thread of the card, and not once the request is over', async () => {
    const request = await ask();
    await syncCards(deps, inputOf(request.id));
    await remind(deps, inputOf(request.id));
    expect(slack.sent.filter(({ kind }) => kind === 'reply')).toEqual([]);
    const halfTimeAgo =
      "update placet.approval_requests set created_at = created_at - interval '400 s', expires_at = expires_at - interval '400 s' where id = $1";
    await database.asSuperuser(halfTimeAgo, [request.id]);
    await remind(deps, inputOf(request.id));
    await remind(deps, inputOf(request.id));
    expect(slack.sent.filter(({ kind }) => kind === 'reply')).toHaveLength(1);
  });

  test('an owner whom Slack does not know is on record as not told, and is not looked for again', async () => {
    const request = await submit(world.deps, await makeAgent(world.service, 'ida@example.com'), makeSubmission());
    await deny(request);
    const messenger = createFakeMessenger(['ida@example.com']);
    for (let run = 0; run < 2; run += 1) await tellOutcome({ ...deps, messenger }, inputOf(request.id));
    expect(await rowsOf(request, 'outcome')).toMatchObject([{ state: 'failed', error: 'users_not_found' }]);
    expect(await eventsOf(database, request.id, 'notify.failed')).toEqual([
      { facts: { kind: 'outcome', code: 'users_not_found' } },
    ]);
    expect(refused).toEqual(['users_not_found']);
  });

  test('an owner with a linked account of our team is told there, whatever the e-mail says', async () => {
    const agent = await makeAgent(world.service, 'ivo@example.com');
    const request = await submit(world.deps, agent, makeSubmission());
    await deny(request);
    const person_id = agent.owner_person_id;
    for (const subject of ['T0OTHER/U0FAR', `${TEAM}/U0NEAR`]) {
      const link = { provider: 'slack', subject, person_id, linked_by: 'policy' } as const;
      await database.transact(TENANT, (tx) => identities.linkAccount(tx, link));
    }
    await tellOutcome(deps, inputOf(request.id));
    expect(slack.sent.map(({ kind, where }) => [kind, where])).toEqual([['dm', 'U0NEAR']]);
  });
});

describe('what time demands', () => {
  test('of two workers that look at once, one expires the request, and it is on record once (INV-4, INV-7)', async () => {
    const request = await ask();
    await database.asSuperuser('update placet.approval_requests set expires_at = now() where id = $1', [request.id]);
    const seen = await Promise.all([1, 2, 3, 4].map(() => advance(deps, inputOf(request.id))));
    for (const each of seen) expect(each.is_open).toBe(false);
    expect(await eventsOf(database, request.id, 'approval_request.expired')).toHaveLength(1);
  });

  test('a request that does not exist leaves nothing to do', async () => {
    expect(await advance(deps, inputOf('apr_00000000000000000000000000000000000x'))).toMatchObject({ is_open: false });
  });
});
