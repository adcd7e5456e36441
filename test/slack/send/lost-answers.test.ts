// Slack takes a post and its answer is lost: the copy is found where its history may be read, and ends in any case.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '@placet/playground';
import type { RequestView } from '../../../src/service/agent/request-view.ts';
import { findCard } from '../../../src/service/approver/approver.ts';
import { decide } from '../../../src/service/approver/decide.ts';
import { makeClick, TEAM } from '../../support/builders.ts';
import { TENANT } from '../../support/database.ts';
import { until } from '../../support/wait.ts';
import { CHANNEL, type Grounds, openGrounds } from './grounds.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await openGrounds();
});
afterAll(() => grounds.close());
beforeEach(() => grounds.refresh());

const grant = async (...more: string[]) => {
  const { settings } = await grounds.slack.state();
  await grounds.slack.settings({ scopes: [...settings.scopes, ...more] });
};
const lose = (count = 1, method = 'chat.postMessage') => grounds.slack.faults({ kind: 'lost_answer', method, count });
const deny = (request: RequestView) =>
  decide(grounds.world.deps, makeClick(request, 'ann', { decision: 'deny', reason: 'Not now.' }));
/** Runs until nothing of it is stale, at most so many times. */
const settle = async (request: RequestView, times = 6) => {
  for (let at = 0; at < times; at += 1) await grounds.run(request).catch(() => undefined);
};
/** A request with two cards: the answer to the first post was lost, and the search for it refused. */
const haveUnseenCopy = async () => {
  await grant('channels:history');
  const request = await grounds.ask();
  await lose();
  await grounds.run(request);
  const method = 'conversations.history';
  await grounds.slack.faults({ kind: 'api_error', method, error: 'restricted_action', count: 1 });
  await settle(request);
  expect(await grounds.buttons()).toEqual([true, true]);
  return request;
};
const textsOf = async (ts: string) => (await grounds.slack.thread(CHANNEL, ts)).map(({ text }) => text);

describe('where the history may be read, a post whose answer was lost is found and not made again', () => {
  test.each<[string, Fault[]]>([
    ['the connection is cut', [{ kind: 'lost_answer', method: 'chat.postMessage', count: 1 }]],
    ['it is cut twice', [{ kind: 'lost_answer', method: 'chat.postMessage', count: 2 }]],
    [
      'and the first look fails too',
      [
        { kind: 'lost_answer', method: 'chat.postMessage', count: 1 },
        { kind: 'http_error', method: 'conversations.history', count: 1 },
      ],
    ],
    [
      'and the first look is limited',
      [
        { kind: 'lost_answer', method: 'chat.postMessage', count: 1 },
        { kind: 'rate_limited', method: 'conversations.history', count: 1 },
      ],
    ],
    [
      'the try before it was refused without effect',
      [
        { kind: 'api_error', method: 'chat.postMessage', error: 'service_unavailable', count: 1 },
        { kind: 'lost_answer', method: 'chat.postMessage', count: 1 },
      ],
    ],
  ])('a card, when %s', async (_title, faults) => {
    await grant('channels:history');
    const request = await grounds.ask();
    await grounds.slack.faults(faults);
    // A limit of Slack holds for its second.
    await until(async () => {
      await settle(request);
      return (await grounds.rowOf(request))?.state === 'posted';
    });
    expect(await grounds.buttons()).toEqual([true]);
    await deny(request);
    await settle(request);
    expect(await grounds.buttons()).toEqual([false]);
  });

  test('of three copies two lose their buttons, though Slack did not take the first change', async () => {
    await grant('channels:history');
    const request = await grounds.ask();
    await lose(3);
    await grounds.run(request).catch(() => undefined);
    // Each look is refused for good, so that the card is posted again; only the last look finds what stands.
    const blind = { kind: 'api_error', method: 'conversations.history', error: 'restricted_action', count: 2 } as const;
    await grounds.slack.faults([blind, { kind: 'http_error', method: 'chat.update', count: 1 }]);
    await settle(request);
    expect((await grounds.buttons()).sort()).toEqual([false, false, true]);
  });

  test('a try that had no effect is made again, and nothing else is taken for it', async () => {
    await grant('channels:history');
    const other = await grounds.ask();
    await settle(other);
    const request = await grounds.ask();
    await grounds.slack.faults({ kind: 'http_error', method: 'chat.postMessage', count: 1 });
    await settle(request);
    expect(await grounds.buttons()).toEqual([true, true]);
    const places = await grounds.database.asSuperuser(
      "select distinct ts from placet.slack_messages where kind = 'card'",
    );
    expect(places.length).toBeGreaterThanOrEqual(2);
  });

  test('a reminder, which is said once', async () => {
    await grant('channels:history');
    const request = await grounds.ask({ timeout_seconds: 600 });
    await settle(request);
    await grounds.pass(request, 301);
    await lose();
    await settle(request);
    const [card] = await grounds.cards();
    expect(await textsOf(card?.ts ?? '')).toEqual([expect.anything(), expect.stringContaining('Still waiting')]);
  });

  test('an outcome, which is told once and kept true', async () => {
    await grant('im:history');
    const request = await grounds.ask();
    await settle(request);
    await deny(request);
    await lose();
    await settle(request);
    expect((await grounds.slack.dms('U0OLGA')).map(({ text }) => text)).toEqual([expect.stringContaining('Denied')]);
  });

  test('a copy that the search did not see yet loses its buttons with the request', async () => {
    const request = await haveUnseenCopy();
    await deny(request);
    await settle(request);
    expect(await grounds.buttons()).toEqual([false, false]);
  });

  test.each<[string, Fault]>([
    ['limits', { kind: 'rate_limited', method: 'conversations.history', count: 1 }],
    ['loses', { kind: 'http_error', method: 'conversations.history', count: 3 }],
  ])('the same long after, when Slack %s the last looks for it', async (_what, fault) => {
    const request = await haveUnseenCopy();
    await grounds.pass(request, 300);
    await deny(request);
    await grounds.slack.faults(fault);
    await until(async () => {
      await settle(request);
      return (await grounds.buttons()).every((hasButtons) => !hasButtons);
    });
  });

  test('a later try of the same post is found too, hours after the first and behind more than a page of messages', async () => {
    await grant('channels:history');
    const request = await grounds.ask();
    await grounds.slack.faults({ kind: 'http_error', method: 'chat.postMessage', count: 1 });
    await grounds.run(request).catch(() => undefined);
    // The first try is hours ago.
    const back = "update placet.slack_messages set tried_at = tried_at - interval '2 hours' where request_id = $1";
    await grounds.database.asSuperuser(back, [request.id]);
    await lose();
    await grounds.run(request).catch(() => undefined);
    const say = (text: string) => grounds.slack.say({ as: 'U0FINLEAD', channel: CHANNEL, text });
    for (let at = 0; at < 1_005; at += 1) await say(`message ${at}`);
    await settle(request);
    expect((await grounds.buttons()).filter(Boolean)).toEqual([true]);
    expect(await grounds.rowOf(request)).toMatchObject({ state: 'posted' });
  });
});

describe('where it may not be read, the card is posted again', () => {
  const twice = async (): Promise<RequestView> => {
    const request = await grounds.ask();
    await lose();
    await settle(request);
    expect(await grounds.buttons()).toEqual([true, true]);
    return request;
  };
  const clickOn = async ({ id }: RequestView, at: number) => {
    const { ts = '' } = (await grounds.cards())[at] ?? {};
    return findCard(grounds.world.deps, { tenant_id: TENANT, team_id: TEAM, channel_id: CHANNEL, ts, request_id: id });
  };

  test('a click on the first copy tells where it stands, and it is closed although Slack does not take that at once', async () => {
    const request = await twice();
    expect(await clickOn(request, 0)).toMatchObject({ kind: 'stale' });
    await grounds.slack.faults({ kind: 'http_error', method: 'chat.update', count: 1 });
    await settle(request);
    expect(await grounds.buttons()).toEqual([false, true]);
    expect(await clickOn(request, 0)).toMatchObject({ kind: 'stale' });
    expect(await clickOn(request, 1)).toMatchObject({ kind: 'live' });
  });

  test('the same after the decision', async () => {
    const request = await twice();
    await deny(request);
    await settle(request);
    expect(await grounds.buttons()).toEqual([true, false]);
    await clickOn(request, 0);
    await settle(request);
    expect(await grounds.buttons()).toEqual([false, false]);
  });
});

test('what other apps can read of a post is an id of ours and nothing else', async () => {
  const request = await grounds.ask();
  await settle(request);
  const [call] = await grounds.slack.calls({ method: 'chat.postMessage', channel: CHANNEL });
  expect(call?.args['metadata']).toEqual({
    event_type: 'placet_message',
    event_payload: { id: expect.stringMatching(/^msg_[0-9a-z]{36}$/) },
  });
});
