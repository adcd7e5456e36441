// kill -9 of each process at its worst moments: after the restart every request reaches its right end, and every card
// agrees with its row.

import { getPriority } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD, TREASURER, words } from '@placet/playground';
import { type ApprovalRequest, spendCredential } from '@placet/sdk';
import { BACKGROUND_NICENESS } from '../../src/process/role-command.ts';
import { HOLD_REQUEST, holdLock, isSomeoneWaiting } from '../support/locks.ts';
import { loudRequests } from '../support/loud-requests.ts';
import { type SpawnedProduct, spawnProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { ask } from './ask.ts';

/** Temporal gives a killed worker up after ten seconds; the machine may be busy. */
const TEST_MS_MAX = 120_000;

let product: SpawnedProduct;
const input: ApprovalRequest[] = [];
beforeAll(async () => {
  product = await spawnProduct();
}, TEST_MS_MAX);
afterAll(() => product.close(), TEST_MS_MAX);

async function newRequest(changes: Parameters<typeof ask>[1] = {}): Promise<ApprovalRequest> {
  const request = await ask(product, changes);
  input.push(request);
  return request;
}

const stateOf = async ({ id }: ApprovalRequest) => (await product.agent.get(id)).state;
const rows = <Row>(sql: string, values: readonly unknown[] = []) => product.database.asSuperuser<Row>(sql, values);

test('on a busy machine the doors come first: the worker yields to the api and the Slack door', () => {
  const nicenessOf = (role: 'api' | 'slack' | 'worker') => getPriority(product.childOf(role)?.pid);
  expect(nicenessOf('worker')).toBe(Math.max(getPriority(), BACKGROUND_NICENESS));
  for (const door of ['api', 'slack'] as const) expect(nicenessOf(door)).toBe(getPriority());
});

describe('kill -9', () => {
  test(
    'of the slack process before its commit records nothing, after its commit it stands; the next click is answered',
    async () => {
      const before = await newRequest();
      const after = await newRequest();
      const cards = [await approver.cardOf(product, before), await approver.cardOf(product, after)] as const;
      const locker = await holdLock(product.database, HOLD_REQUEST, [before.id]);
      const acting = approver.click(product, FINANCE_LEAD, cards[0]);
      await until(() => isSomeoneWaiting(product.database));
      await product.kill('slack');
      await locker.query('rollback');
      await locker.end();
      expect((await acting).ok).toBe(false);
      await until(async () => !(await isSomeoneWaiting(product.database)));
      expect((await product.agent.get(before.id)).decisions).toEqual([]);

      await product.start('slack');
      await approver.waitFor(product, 'one socket', ({ delivery }) => delivery.sockets.length === 1);
      // The answer is on its way, or lost: whichever, the record knows.
      const late = approver.click(product, FINANCE_LEAD, cards[1]);
      await until(async () => (await stateOf(after)) === 'approved');
      await product.kill('slack');
      await late;
      await product.start('slack');
      await approver.waitFor(product, 'one socket', ({ delivery }) => delivery.sockets.length === 1);
      await approver.clickLate(product, FINANCE_LEAD, cards[1]);
      await approver.answerTo(product, FINANCE_LEAD, after, 'Your approval was already counted at ');
      await approver.click(product, FINANCE_LEAD, cards[0]);
      await approver.answerTo(product, FINANCE_LEAD, before, 'Your approval counts.');
      expect([await stateOf(before), await stateOf(after)]).toEqual(['approved', 'approved']);
    },
    TEST_MS_MAX,
  );

  test(
    'of the api while it creates, holds a long poll, issues and spends: agents try again, and nothing happens twice',
    async () => {
      const waitedFor = await newRequest();
      const approved = await newRequest();
      for (const each of [waitedFor, approved]) await approver.cardOf(product, each);
      await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, approved));
      await approver.answerTo(product, FINANCE_LEAD, approved, 'Your approval counts.');
      const waiting = product.agent.waitForDecision(waitedFor.id, { timeoutSeconds: 90 });
      const creating = newRequest({ resource: 'order/B-1' });
      const claiming = product.agent.claim(approved.id).catch((error: { code: string }) => error.code);
      await product.kill('api');
      await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, waitedFor));
      await product.start('api');
      expect((await waiting).state).toBe('approved');
      const created = await creating;
      expect(await rows('select id from placet.approval_requests where resource = $1', ['order/B-1'])).toEqual([
        { id: created.id },
      ]);
      // Issued, or its answer was lost with the process: then never again.
      const claimed = await claiming;
      if (typeof claimed === 'string') expect(claimed).toBe('already_claimed');
      expect(await rows('select id from placet.leases where request_id = $1', [approved.id])).toHaveLength(1);

      const { credential } = await product.agent.claim(waitedFor.id);
      const spend = () =>
        spendCredential({ url: product.apiUrl, token: credential.token, digest: waitedFor.digest }).then(
          () => 'used',
          (error: { code: string }) => error.code,
        );
      const spending = [spend(), spend()];
      await product.kill('api');
      await product.start('api');
      const spent = await Promise.all(spending);
      expect(spent.filter((each) => each === 'used').length).toBeLessThanOrEqual(1);
      expect(await spend()).toBe('already_used');
    },
    TEST_MS_MAX,
  );

  test(
    'of the worker while it posts, redraws, and while requests expire, are made, decided and cancelled',
    async () => {
      const redrawn = await newRequest();
      const half = await newRequest({ action: 'payouts.send' });
      const expiring = await newRequest({ timeoutSeconds: 4 });
      const cancelled = await newRequest();
      for (const each of [redrawn, half, expiring, cancelled]) await approver.cardOf(product, each);
      await product.isQuiet();
      // Slack takes the card and keeps the worker waiting for the answer, which it then never hears.
      await product.slack.faults({ kind: 'slow', method: 'chat.postMessage', ms: 5_000, count: 1 });
      const posted = await newRequest();
      await approver.cardOf(product, posted);
      await product.slack.faults({ kind: 'slow', method: 'chat.update', ms: 5_000, count: 1 });
      await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, redrawn));
      await product.kill('worker');
      const made = await newRequest();
      await approver.click(product, TREASURER, await approver.cardOf(product, half));
      await approver.answerTo(product, TREASURER, half, 'That makes 1 of 2');
      await product.agent.cancel(cancelled.id);
      await product.start('worker');

      const waits = await product.agent.waitForDecision(expiring.id, { timeoutSeconds: 60 });
      expect(waits.state).toBe('expired');
      await product.isQuiet();
      await approver.cardOf(product, redrawn, { says: 'Approved by Finance Lead', buttons: [] });
      await approver.cardOf(product, cancelled, { says: 'Cancelled by the agent', buttons: [] });
      await approver.cardOf(product, expiring, { says: 'Nothing runs.', buttons: [] });
      await approver.cardOf(product, half, { says: '1 of 2 approvals. Approved by treasurer' });
      await approver.cardOf(product, made, { buttons: ['approve', 'review', 'deny'] });
      await approver.deny(product, FINANCE_LEAD, await approver.cardOf(product, half), 'Not this month.');
      const copies = approver.cardsIn(await product.slack.state(), posted.id);
      for (const copy of copies) await approver.clickLate(product, FINANCE_LEAD, copy);
      await approver.answerTo(product, FINANCE_LEAD, posted, 'Your approval counts.');
      await approver.waitFor(product, 'no buttons in any copy', (state) =>
        approver.cardsIn(state, posted.id).every((copy) => approver.buttonsOf(copy).length === 0),
      );
      const answers = approver.answersIn(await product.slack.state(), FINANCE_LEAD, posted);
      expect(answers.filter((answer) => answer.includes('Your approval counts.'))).toHaveLength(1);
    },
    TEST_MS_MAX,
  );

  test(
    'leaves every request at its right end, every card as its row, and nothing executed unapproved or twice (INV-10)',
    async () => {
      const open = await Promise.all(input.map(stateOf));
      for (const [index, request] of input.entries()) {
        if (open[index] !== 'pending') continue;
        await approver.click(product, TREASURER, await approver.cardOf(product, request));
        await approver.answerTo(product, TREASURER, request, 'Your approval counts.');
      }
      await product.isQuiet();
      const ends: Record<string, string> = { expired: 'Expired', cancelled: 'Cancelled', denied: 'Denied' };
      const state = await product.slack.state();
      const live = await rows<{ request_id: string; channel_id: string; ts: string }>(
        `select request_id, channel_id, ts from placet.slack_messages where kind = 'card' and state = 'posted'`,
      );
      expect(live.map(({ request_id }) => request_id).sort()).toEqual(input.map(({ id }) => id).sort());
      for (const { request_id, ts } of live) {
        const now = await product.agent.get(request_id);
        expect(now.state).not.toBe('pending');
        const card = approver.cardsIn(state, request_id).find((copy) => copy.ts === ts);
        if (card === undefined) throw new Error('the recorded card stands where the record says');
        expect([words(card), approver.buttonsOf(card)]).toEqual([
          expect.stringContaining(`${ends[now.state] ?? 'Approved'}: `),
          [],
        ]);
      }
      expect(await loudRequests(product.database)).toEqual([]);
      expect(
        await rows(`select (select count(*)::integer from placet.executed_without_approval) as unapproved,
          (select count(*)::integer from placet.executed_twice) as twice`),
      ).toEqual([{ unapproved: 0, twice: 0 }]);
    },
    TEST_MS_MAX,
  );
});
