// People cannot be asked: who hears of it, when, how often, and what a request says that expired so.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decide } from '../../../src/service/approver/decide.ts';
import { makeClick } from '../../support/builders.ts';
import { eventsOf } from '../../support/rows.ts';
import { until } from '../../support/wait.ts';
import { ADMINS, CHANNEL, type Grounds, openGrounds } from './grounds.ts';

let grounds: Grounds;
beforeAll(async () => {
  grounds = await openGrounds();
});
afterAll(() => grounds.close());
beforeEach(() => grounds.refresh());

describe('that nobody can be asked', () => {
  const noticesIn = async (channel: string) =>
    (await grounds.slack.messages(channel))
      .map(({ text }) => text)
      .filter((text) => text.startsWith('Nobody can be asked'));
  const heard = async () => ({
    owner: (await grounds.slack.dms('U0OLGA')).map(({ text }) => text),
    admins: await noticesIn(ADMINS),
  });

  test.each(['is_archived', 'not_in_channel', 'channel_not_found', 'restricted_action', 'missing_scope', 'no_text'])(
    '%s: owner, admins and agent hear of it after a while, once, with the cause',
    async (error) => {
      await grounds.slack.faults({ kind: 'api_error', method: 'chat.postMessage', error, count: 1 });
      const request = await grounds.ask({ timeout_seconds: 600 });
      await grounds.run(request);
      await grounds.pass(request, 298);
      await grounds.database.asSuperuser("update placet.slack_messages set next_attempt_at = now() + interval '1 h'");
      await grounds.run(request);
      expect(await heard()).toEqual({ owner: [], admins: [] });
      expect((await grounds.view(request)).undeliverable).toBeNull();
      await grounds.pass(request, 3);
      const { pending } = await grounds.run(request);
      expect(pending.is_outcome_stale).toBe(false);
      await grounds.run(request);
      const notice = expect.stringContaining(`Slack showed no card to payments (${CHANNEL}: ${error})`);
      expect(await heard()).toEqual({ owner: [notice], admins: [notice] });
      const groups = [{ name: 'payments', channel: CHANNEL, error }];
      expect((await grounds.view(request)).undeliverable).toMatchObject({ groups });
      expect(await eventsOf(grounds.database, request.id, 'approval_request.undeliverable')).toEqual([
        { facts: { groups: ['payments'], errors: [error] } },
      ]);
      await grounds.database.asSuperuser(
        'update placet.slack_messages set next_attempt_at = now() where next_attempt_at is not null',
      );
      await grounds.run(request);
      expect((await grounds.view(request)).undeliverable).toBeNull();
      expect(await heard()).toEqual({ owner: [notice], admins: [notice] });
    },
  );

  test('is told by the card, the owner and the agent of a request that expired so, whatever its time was', async () => {
    const request = await grounds.ask({ timeout_seconds: 60 });
    await grounds.refuse('not_in_channel');
    await grounds.run(request);
    await grounds.slack.clearFaults();
    await grounds.pass(request, 60);
    await grounds.run(request);
    const cause = `Slack showed no card to payments (${CHANNEL}: not_in_channel)`;
    expect((await grounds.slack.dms('U0OLGA')).map(({ text }) => text)).toEqual([expect.stringContaining(cause)]);
    expect(await grounds.view(request)).toMatchObject({
      state: 'expired',
      outcome: { reason: cause },
      undeliverable: { groups: [{ name: 'payments', channel: CHANNEL, error: 'not_in_channel' }] },
    });
  });

  test('is told where admins are once the app is let into their channel; an owner who takes no message is not asked again', async () => {
    const request = await grounds.ask({ timeout_seconds: 600 });
    await grounds.refuse('channel_not_found');
    await grounds.run(request);
    await grounds.pass(request, 301);
    const sql = `select destination, error, next_attempt_at is not null as is_waiting from placet.slack_messages
      where request_id = $1 and kind = 'undeliverable' order by destination`;
    const error = 'channel_not_found';
    const notices = () => grounds.database.asSuperuser<{ error: string | null }>(sql, [request.id]);
    // A channel takes a message a second, also of the tests before.
    await until(async () => {
      await grounds.run(request);
      const rows = await notices();
      return rows.length === 2 && rows.every((row) => row.error !== null);
    });
    expect(await notices()).toEqual([
      { destination: ADMINS, error, is_waiting: true },
      { destination: grounds.world.caller.owner_person_id, error, is_waiting: false },
    ]);
    // The card is still refused: only what is told of that is let through.
    await grounds.slack.clearFaults();
    const refused = { kind: 'api_error', method: 'chat.postMessage', error: 'is_archived', channel: CHANNEL } as const;
    await grounds.slack.faults(refused);
    await grounds.pass(request, 10);
    await until(async () => {
      await grounds.run(request);
      return (await heard()).admins.length > 0;
    });
    expect(await heard()).toEqual({ owner: [], admins: [expect.stringContaining('Slack showed no card')] });
  });

  test('is not told of a request whose card stands, nor of one that was decided', async () => {
    const [standing, decided] = [
      await grounds.ask({ timeout_seconds: 600 }),
      await grounds.ask({ timeout_seconds: 600 }),
    ];
    await grounds.run(standing);
    await grounds.refuse('is_archived');
    await grounds.run(decided);
    await decide(grounds.world.deps, makeClick(decided, 'ann'));
    await grounds.slack.clearFaults();
    for (const request of [standing, decided]) {
      await grounds.pass(request, 301);
      await grounds.run(request);
      expect((await grounds.view(request)).undeliverable).toBeNull();
    }
    expect((await heard()).admins).toEqual([]);
  });
});
