// The story from end to end on real parts: an agent asks, people decide in Slack, the agent goes on or does not.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD, SUPPORT, TREASURER, words } from '@placet/playground';
import { authorizeCall, PlacetApiError, spendCredential } from '@placet/sdk';
import { type Product, startProduct } from '../support/product.ts';
import { ask } from './ask.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof PlacetApiError ? error.code : String(error)),
  );

describe('an approved request', () => {
  test('wakes the waiting agent, gives one credential for one use, and its card and owner learn how it ended', async () => {
    const { agent, apiUrl } = product;
    const input = await ask(product);
    expect(input).toMatchObject({ state: 'pending', decisions: [], outcome: null });
    const waiting = agent.waitForDecision(input.id, { timeoutSeconds: 30 });
    const card = await approver.cardOf(product, input, { buttons: ['approve', 'review', 'deny'] });
    expect(words(card)).toContain('orders.refund on order/A-1001?');
    expect(words(card)).toContain(`${agent.name}, run by`);
    expect(words(card)).toContain('{\n  "amount": 120,\n  "currency": "EUR"\n}');
    expect(words(card)).toContain('Why (the agent’s words)The parcel was lost on the way.');
    expect(words(card)).toContain(`digest ${input.digest.slice(0, 19)}`);
    expect(await approver.click(product, FINANCE_LEAD, card)).toMatchObject({ ok: true, acked: true });
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');

    const decided = await waiting;
    expect(decided).toMatchObject({
      state: 'approved',
      decisions: [{ person: { email: 'finance-lead@example.com' }, decision: 'approve', reason: null }],
    });
    await approver.cardOf(product, input, { says: 'Approved by Finance Lead', buttons: [] });
    const { credential, lease } = await agent.claim(input.id);
    expect(await codeOf(agent.claim(input.id))).toBe('already_claimed');
    const { claims } = await authorizeCall({
      url: apiUrl,
      token: credential.token,
      issuer: apiUrl,
      keys: `${apiUrl}/.well-known/jwks.json`,
      audience: 'https://orders.example',
      action: { action: 'orders.refund', resource: 'order/A-1001', parameters: { currency: 'EUR', amount: 120 } },
    });
    expect(claims.jti).toBe(lease.id);
    await agent.report(input.id, { status: 'succeeded', detail: 'refunded' });
    const ran = await approver.cardOf(product, input, { says: ', succeeded' });
    expect(words(ran)).toMatch(/Ran at \d{4}-\d\d-\d\d \d\d:\d\d UTC, succeeded$/);
    expect(words(await approver.dmOf(product, SUPPORT, input, ', succeeded'))).toContain('Approved by Finance Lead');
  });

  test('stays pending at one of two, its card names who is missing, and the second person completes it', async () => {
    const input = await ask(product, { action: 'payouts.send' });
    const first = await approver.cardOf(product, input);
    await approver.click(product, FINANCE_LEAD, first);
    await approver.answerTo(product, FINANCE_LEAD, input, 'That makes 1 of 2; it needs 1 more of payments.');
    const between = await approver.cardOf(product, input, { says: '1 of 2 approvals. Approved by Finance Lead' });
    expect(approver.buttonsOf(between)).toEqual(['approve', 'review', 'deny']);
    expect((await product.agent.get(input.id)).state).toBe('pending');
    expect(await codeOf(product.agent.claim(input.id))).toBe('not_approved');
    await approver.click(product, TREASURER, between);
    const decided = await product.agent.waitForDecision(input.id, { timeoutSeconds: 30 });
    expect(decided.decisions.map(({ person }) => person.email)).toEqual([
      'finance-lead@example.com',
      'treasurer@example.com',
    ]);
    const ended = await approver.cardOf(product, input, { says: 'Approved by Finance Lead', buttons: [] });
    expect(words(ended)).toContain(', treasurer');
  });
});

test('what was approved is taken back on its card by who approved it: the tool is refused, the agent and the card learn it', async () => {
  const { agent, apiUrl: url } = product;
  const input = await ask(product);
  await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, input));
  await agent.waitForDecision(input.id, { timeoutSeconds: 30 });
  const { credential } = await agent.claim(input.id);
  const card = await approver.cardOf(product, input, { says: 'not used yet' });
  // Who did not decide it and owns nothing of it may not; the button is everybody's to see.
  await approver.press(product, TREASURER, card, 'revoke');
  await approver.answerTo(product, TREASURER, input, 'You may not revoke this');
  await approver.press(product, FINANCE_LEAD, card, 'revoke');
  await approver.answerTo(product, FINANCE_LEAD, input, 'It is revoked');
  const use = spendCredential({ url, token: credential.token, digest: input.digest });
  await expect(use).rejects.toMatchObject({ code: 'lease_revoked' });
  const { outcome } = await agent.get(input.id);
  expect(outcome).toMatchObject({ lease: { state: 'revoked' }, revocation: { by: 'Finance Lead' } });
  const ended = await approver.cardOf(product, input, { says: 'Revoked by Finance Lead' });
  expect(JSON.stringify(ended.blocks)).not.toContain('"action_id":"revoke"');
  expect(await agent.revoke(input.id)).toMatchObject({ kind: 'unchanged' });
});

describe('a request that is not approved', () => {
  test('is denied with a reason that the agent, the card and the owner read', async () => {
    const input = await ask(product);
    const waiting = product.agent.waitForDecision(input.id, { timeoutSeconds: 30 });
    const shown = await approver.deny(product, TREASURER, await approver.cardOf(product, input), 'Paid back already.');
    expect(shown).toContain('Your denial counts.');
    expect(await waiting).toMatchObject({ state: 'denied', outcome: { reason: 'Paid back already.' } });
    expect(await codeOf(product.agent.claim(input.id))).toBe('not_approved');
    await approver.cardOf(product, input, { says: 'Reason: “Paid back already.”', buttons: [] });
    await approver.dmOf(product, SUPPORT, input, 'Reason: “Paid back already.”');
  });

  test('is reminded of once at half time, then expires: silence never approves', async () => {
    const input = await ask(product, { timeoutSeconds: 3 });
    const expired = await product.agent.waitForDecision(input.id, { timeoutSeconds: 30 });
    expect(expired).toMatchObject({ state: 'expired', decisions: [] });
    const card = await approver.cardOf(product, input, { says: 'Nothing runs.', buttons: [] });
    expect(words(card)).toContain('Expired: orders.refund on order/A-1001');
    await approver.dmOf(product, SUPPORT, input, 'Expired');
    const replies = (await product.slack.thread(card.channel, card.ts)).filter(({ ts }) => ts !== card.ts);
    expect(replies.map(words)).toEqual([expect.stringContaining('Still waiting: orders.refund on order/A-1001')]);
  });

  test('is cancelled by its agent, and its buttons die', async () => {
    const input = await ask(product);
    await approver.cardOf(product, input, { buttons: ['approve', 'review', 'deny'] });
    const waiting = product.agent.waitForDecision(input.id, { timeoutSeconds: 30 });
    await product.agent.cancel(input.id);
    expect((await waiting).state).toBe('cancelled');
    await approver.cardOf(product, input, { says: 'Cancelled by the agent', buttons: [] });
  });
});

test('a rule with two groups shows a card in both channels, and the buttons die in both', async () => {
  const input = await ask(product, { action: 'orders.purge' });
  await approver.cardOf(product, input, { channel: 'C0DBA' });
  await approver.click(product, 'U0DBA', await approver.cardOf(product, input, { channel: 'C0DBA' }));
  await approver.waitFor(product, 'two dead cards', (state) =>
    ['C0PAYMENTS', 'C0DBA'].every((channel) =>
      state.channels
        .find(({ id }) => id === channel)
        ?.messages.some((each) => words(each).includes(input.id) && approver.buttonsOf(each).length === 0),
    ),
  );
});
