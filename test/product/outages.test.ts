// Temporal away, Slack at fault: requests are made and decided all the same, nothing is lost, and nothing is done twice.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approver, DANA, type Fault, FINANCE_LEAD, SUPPORT, TREASURER, words } from '@placet/playground';
import type { ApprovalRequest } from '@placet/sdk';
import { type Product, startProduct } from '../support/product.ts';
import { temporalAddress } from '../support/stack.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';
import { ask } from './ask.ts';

let product: Product;
let temporal: TcpProxy;
beforeAll(async () => {
  temporal = await startTcpProxy(temporalAddress());
  product = await startProduct({ temporalAddress: temporal.address });
});
afterAll(async () => {
  await product.close();
  await temporal.close();
});

/** An answer that could not read the record names no request. */
const ANY = { id: '' };
const APPROVE_REVIEW_DENY = ['approve', 'review', 'deny'];

/** Lets everything from before be told first, so that the fault hits the next call. */
async function fault(next: Fault): Promise<void> {
  await product.isQuiet();
  await product.slack.faults(next);
}

const copiesOf = async (input: ApprovalRequest) => approver.cardsIn(await product.slack.state(), input.id).length;

async function approveOnHome(as: string, input: ApprovalRequest): Promise<void> {
  await product.slack.openHome({ as });
  const home = await approver.waitFor(product, 'a Home with it', ({ home: homes }) => {
    const view = homes[as];
    return view !== undefined && JSON.stringify(view.blocks).includes(input.id) && view;
  });
  const block_id = home.blocks.map((block) => String(block['block_id'])).find((id) => id.startsWith(input.id)) ?? '';
  await product.slack.clickInView({ as, view_id: home.id, action_id: 'review', block_id });
  const modal = await approver.openModalOf(product, as);
  await approver.submit(product, as, modal);
  // On a busy machine the answer comes after the acknowledgement.
  await approver.waitFor(product, 'an answer in the modal', ({ views }) =>
    views[as]?.some((view) => words(view).includes('Your approval counts.')),
  );
  await product.slack.closeView({ as, view_id: modal.id });
}

describe('when Slack is at fault', () => {
  test.each<[string, Fault]>([
    ['answers 500', { kind: 'http_error', method: 'chat.postMessage', count: 1 }],
    ['refuses the token for a moment', { kind: 'api_error', method: '*', error: 'invalid_auth', count: 1 }],
  ])('and %s at the post, the card comes later, once', async (_what, next) => {
    await fault(next);
    const input = await ask(product);
    await approver.cardOf(product, input, { buttons: APPROVE_REVIEW_DENY });
    await product.isQuiet();
    expect(await copiesOf(input)).toBe(1);
    await product.agent.cancel(input.id);
  });

  test('and limits the rate at the post, the card comes once, not before the time that Slack named', async () => {
    await fault({ kind: 'rate_limited', method: 'chat.postMessage', retry_after: 2, count: 1 });
    await product.slack.clearCalls();
    const input = await ask(product);
    await approver.cardOf(product, input);
    const [limited, again] = await product.slack.calls({ method: 'chat.postMessage' });
    expect(limited?.status).toBe(429);
    expect((again?.at_ms ?? 0) - (limited?.at_ms ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(await copiesOf(input)).toBe(1);
    await product.agent.cancel(input.id);
  });

  test.each<[string, Fault]>([
    ['answers 500', { kind: 'http_error', method: 'chat.update', count: 1 }],
    ['loses the answer', { kind: 'lost_answer', method: 'chat.update', count: 1 }],
  ])('and %s at the update, the buttons die all the same and the owner is told', async (_what, next) => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    await fault(next);
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
    await approver.dmOf(product, SUPPORT, input, 'Approved by Finance Lead');
    await approver.cardOf(product, input, { says: 'Approved by Finance Lead', buttons: [] });
  });

  test('and will not have the card in its channel, the request is decided on Home and the agent goes on', async () => {
    const { members = [] } = (await product.slack.state()).channels.find(({ id }) => id === 'C0DBA') ?? {};
    await product.slack.setChannel('C0DBA', { members: members.filter((member) => member !== 'U0PLACET') });
    const input = await ask(product, { action: 'database.migrate' });
    await approveOnHome(DANA, input);
    expect((await product.agent.get(input.id)).state).toBe('approved');
    await approver.dmOf(product, SUPPORT, input, 'Approved by Dana Dba');
    expect(await copiesOf(input)).toBe(0);
    const sql =
      "select facts->>'code' as code from placet.audit_events where request_id = $1 and type = 'notify.failed'";
    expect(await product.database.asSuperuser(sql, [input.id])).toEqual([{ code: 'not_in_channel' }]);
    await product.slack.setChannel('C0DBA', { members });
  });

  test('and is slow to say who clicked, the click is acknowledged in time and answered once it is recorded', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    await fault({ kind: 'slow', method: 'users.info', ms: 2_600, count: 1 });
    const act = await approver.click(product, FINANCE_LEAD, card);
    expect(act).toMatchObject({ ok: true, acked: true });
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
  });

  test('and delivers a click or a submission twice, it counts once and both are answered', async () => {
    const input = await ask(product, { action: 'payouts.send' });
    const card = await approver.cardOf(product, input);
    await fault({ kind: 'duplicate_delivery', type: 'interactive', count: 1 });
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval was already counted at ');
    await fault({ kind: 'duplicate_delivery', type: 'interactive', count: 1 });
    await approver.click(product, TREASURER, card, 'deny');
    await approver.deny(product, TREASURER, card, 'Not this month.');
    const { state, decisions } = await product.agent.get(input.id);
    expect([state, decisions.map(({ decision }) => decision)]).toEqual(['denied', ['approve', 'deny']]);
  });

  test('and drops the socket with a click on it, the person sees that it failed, and the next click counts', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    await fault({ kind: 'socket_drop', count: 1 });
    expect(await approver.click(product, FINANCE_LEAD, card)).toMatchObject({ ok: false, acked: false });
    expect((await product.agent.get(input.id)).decisions).toEqual([]);
    await approver.waitFor(product, 'a socket', ({ delivery }) => delivery.sockets.length > 0);
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
  });

  test('and asks for a new socket, or limits our events, clicks go on counting', async () => {
    const input = await ask(product, { action: 'payouts.send' });
    const card = await approver.cardOf(product, input);
    await product.slack.sockets({ act: 'refresh' });
    expect(await approver.click(product, FINANCE_LEAD, card)).toMatchObject({ ok: true });
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts. That makes 1 of 2');
    await fault({ kind: 'app_rate_limited', count: 1 });
    expect(await approver.click(product, TREASURER, card)).toMatchObject({ ok: true });
    await approver.answerTo(product, TREASURER, input, 'Your approval counts.');
  });

  test('and takes a click whose work fails, the person is told that nothing is sure, and may try again', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    await product.database.asSuperuser('alter table placet.decisions rename to decisions_away');
    try {
      await approver.click(product, FINANCE_LEAD, card);
      await approver.waitFor(product, 'an answer', (state) =>
        approver.answersIn(state, FINANCE_LEAD, ANY).some((answer) => answer.includes('We could not confirm')),
      );
    } finally {
      await product.database.asSuperuser('alter table placet.decisions_away rename to decisions');
    }
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
  });
});

describe('while Temporal is away', () => {
  test('requests are made and decided and agents go on; afterwards every card and owner catches up', async () => {
    const before = await ask(product);
    const card = await approver.cardOf(product, before, { buttons: APPROVE_REVIEW_DENY });
    await product.isQuiet();
    temporal.cut();
    const [decidedMeanwhile, left] = [await ask(product), await ask(product)];
    const waits = [before, decidedMeanwhile].map(({ id }) => product.agent.waitForDecision(id, { timeoutSeconds: 30 }));
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, before, 'Your approval counts.');
    await approveOnHome(TREASURER, decidedMeanwhile);
    for (const { state } of await Promise.all(waits)) expect(state).toBe('approved');
    const { lease } = await product.agent.claim(before.id);
    expect(lease.id).toMatch(/^lse_/);
    expect(approver.buttonsOf(await approver.cardOf(product, before))).toEqual(APPROVE_REVIEW_DENY);
    expect(await copiesOf(left)).toBe(0);

    // Until the relay has tried in vain: what it could not tell must not be lost.
    const tried = 'select 1 from placet.outbox where attempts > 0 and request_id = $1';
    await until(async () => (await product.database.asSuperuser(tried, [left.id])).length > 0);
    temporal.remedy();
    await approver.cardOf(product, before, { says: 'Claimed at ', buttons: [] });
    await approver.dmOf(product, SUPPORT, before, 'Claimed at ');
    await approver.cardOf(product, decidedMeanwhile, { says: 'Approved by treasurer', buttons: [] });
    await approver.cardOf(product, left, { buttons: APPROVE_REVIEW_DENY });
    await product.isQuiet();
    for (const input of [before, decidedMeanwhile, left]) expect(await copiesOf(input)).toBe(1);
  });
});

test('after all of this nothing was executed without approval, and nothing twice (INV-10)', async () => {
  const [row] = await product.database.asSuperuser(
    `select (select count(*)::integer from placet.executed_without_approval) as unapproved,
      (select count(*)::integer from placet.executed_twice) as twice`,
  );
  expect(row).toEqual({ unapproved: 0, twice: 0 });
});
