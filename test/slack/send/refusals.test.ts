// Slack refuses: what of it is tried again, how often, and until when.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RequestView } from '../../../src/service/agent/request-view.ts';
import { decide } from '../../../src/service/approver/decide.ts';
import { makeClick } from '../../support/builders.ts';
import { eventsOf } from '../../support/rows.ts';
import { CHANNEL, type Grounds, openGrounds } from './grounds.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await openGrounds();
});
afterAll(() => grounds.close());
beforeEach(() => grounds.refresh());

describe('a card that Slack refuses while people are to be asked', () => {
  test.each([
    'is_archived',
    'not_in_channel',
    'channel_not_found',
    'restricted_action',
    'restricted_action_read_only_channel',
    'restricted_action_thread_only_channel',
    'message_limit_exceeded',
    'missing_scope',
    'no_permission',
    'ekm_access_denied',
    'msg_too_long',
    'invalid_arguments',
    'an_error_of_tomorrow',
  ])('%s: is tried again after growing waits, on record once, and stands once Slack takes it', async (error) => {
    const request = await grounds.ask();
    await grounds.refuse(error);
    const { pending } = await grounds.run(request);
    expect(pending).toMatchObject({ is_open: true, is_card_stale: false });
    expect(await grounds.rowOf(request)).toMatchObject({ state: 'failed', error, attempts: 1, is_waiting: true });
    await grounds.run(request);
    expect(await grounds.posts()).toBe(1);
    for (const [attempts, seconds] of [5, 10, 20].entries()) {
      await grounds.pass(request, seconds);
      await grounds.run(request);
      expect(await grounds.rowOf(request)).toMatchObject({ error, attempts: attempts + 2, is_waiting: true });
    }
    expect(await grounds.posts()).toBe(4);
    expect(await eventsOf(grounds.database, request.id, 'notify.failed')).toEqual([
      { facts: { kind: 'card', code: error } },
    ]);
    expect(grounds.refused.map(({ code }) => code)).toEqual([error]);
    await grounds.slack.clearFaults();
    await grounds.pass(request, 40);
    expect((await grounds.run(request)).pending).toMatchObject({ is_card_stale: false });
    expect(await grounds.buttons()).toEqual([true]);
    expect(await grounds.rowOf(request)).toEqual({ state: 'posted', error: null, attempts: 0, is_waiting: false });
  });

  test('one whose next try ends in an outage is tried again, and stands once Slack is there', async () => {
    const request = await grounds.ask();
    await grounds.refuse('is_archived');
    await grounds.run(request);
    await grounds.slack.clearFaults();
    await grounds.slack.faults({ kind: 'http_error', method: 'chat.postMessage', status: 502 });
    await grounds.pass(request, 5);
    expect((await grounds.run(request)).pending).toMatchObject({ is_card_stale: true });
    await grounds.slack.clearFaults();
    await grounds.pass(request, 5);
    await grounds.run(request);
    expect(await grounds.buttons()).toEqual([true]);
  });

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'the app is invited after the request',
      () => grounds.slack.setChannel(CHANNEL, { members: ['U0FINLEAD'] }),
      () => grounds.slack.setChannel(CHANNEL, { members: ['U0FINLEAD', 'U0PLACET'] }),
    ],
    [
      'the channel is unarchived',
      () => grounds.slack.setChannel(CHANNEL, { is_archived: true }),
      () => grounds.slack.setChannel(CHANNEL, { is_archived: false }),
    ],
    [
      'the scope is granted',
      () => grounds.slack.settings({ scopes: ['users:read', 'users:read.email'] }),
      () => grounds.slack.settings({ scopes: ['users:read', 'users:read.email', 'chat:write'] }),
    ],
  ])('%s, and it comes', async (_title, breakIt, repair) => {
    await breakIt();
    const request = await grounds.ask();
    await grounds.run(request);
    expect(await grounds.cards()).toEqual([]);
    await repair();
    await grounds.pass(request, 5);
    await grounds.run(request);
    expect(await grounds.buttons()).toEqual([true]);
  });

  test('the waits end with the request: nothing is posted that nobody can decide any more', async () => {
    const request = await grounds.ask();
    await grounds.refuse('is_archived');
    await grounds.run(request);
    await grounds.slack.clearFaults();
    await grounds.api.cancel(grounds.world.caller, request.id);
    await grounds.pass(request, 300);
    expect((await grounds.run(request)).pending).toMatchObject({ is_open: false, is_card_stale: false });
    expect(await grounds.cards()).toEqual([]);
  });
});

describe('a card that is gone', () => {
  const approve = async (request: RequestView, name: string) =>
    expect(await decide(grounds.world.deps, makeClick(request, name))).toMatchObject({ kind: 'counted' });

  test.each(['message_not_found', 'cant_update_message'])(
    '%s: is posted anew at the first approval while another one is missing, with what was approved',
    async (error) => {
      const request = await grounds.ask({ resource: 'two/1' });
      await grounds.run(request);
      await grounds.deleteCards();
      await grounds.refuse(error, 'chat.update');
      await approve(request, 'ann');
      await grounds.run(request);
      await grounds.slack.clearFaults();
      const [card] = await grounds.cards();
      expect(card?.text).toContain('1 of 2');
      expect(await grounds.buttons()).toEqual([true]);
      expect(await eventsOf(grounds.database, request.id, 'notify.failed')).toEqual([
        { facts: { kind: 'card', code: error } },
      ]);
    },
  );

  test('is found missing at half time, posted anew, and only then reminded of, in its own thread', async () => {
    const request = await grounds.ask({ timeout_seconds: 600 });
    await grounds.run(request);
    await grounds.deleteCards();
    await grounds.pass(request, 301);
    expect((await grounds.run(request)).pending).toMatchObject({ is_card_stale: true });
    expect((await grounds.run(request)).pending).toMatchObject({ is_card_stale: false, is_reminder_due: true });
    await grounds.run(request);
    expect(await grounds.buttons()).toEqual([true]);
    const [card] = await grounds.cards();
    expect((await grounds.slack.thread(CHANNEL, card?.ts ?? '')).map(({ text }) => text)).toEqual([
      expect.stringContaining('Approval needed'),
      expect.stringContaining('Still waiting'),
    ]);
  });

  test('is not posted again once the request is decided', async () => {
    const request = await grounds.ask();
    await grounds.run(request);
    await grounds.deleteCards();
    await approve(request, 'ann');
    await grounds.run(request);
    expect(await grounds.cards()).toEqual([]);
    expect(await grounds.rowOf(request)).toMatchObject({
      state: 'failed',
      error: 'message_not_found',
      is_waiting: false,
    });
  });
});

test('a reminder in a channel that is not there for us for a while is said once it is', async () => {
  const request = await grounds.ask({ timeout_seconds: 600 });
  await grounds.run(request);
  await grounds.pass(request, 301);
  await grounds.refuse('channel_not_found');
  await grounds.run(request);
  expect(await grounds.rowOf(request, 'reminder')).toMatchObject({ error: 'channel_not_found', is_waiting: true });
  await grounds.slack.clearFaults();
  await grounds.pass(request, 5);
  await grounds.run(request);
  expect(await grounds.rowOf(request, 'reminder')).toMatchObject({ state: 'posted', error: null });
});

describe('a decided card that Slack does not let us draw', () => {
  test.each([
    'is_inactive',
    'not_in_channel',
    'edit_window_closed',
    'channel_not_found',
    'invalid_arguments',
    'missing_scope',
  ])('%s: keeps its place, and loses its buttons once Slack takes it', async (error) => {
    const request = await grounds.ask();
    await grounds.run(request);
    await grounds.refuse(error, 'chat.update');
    await decide(grounds.world.deps, makeClick(request, 'ann', { decision: 'deny', reason: 'Not now.' }));
    expect((await grounds.run(request)).pending).toMatchObject({ is_open: true, is_card_stale: false });
    expect(await grounds.rowOf(request)).toMatchObject({ state: 'posted', error, is_waiting: true });
    await grounds.slack.clearFaults();
    await grounds.pass(request, 5);
    expect((await grounds.run(request)).pending).toMatchObject({ is_open: false });
    expect(await grounds.buttons()).toEqual([false]);
  });
});
