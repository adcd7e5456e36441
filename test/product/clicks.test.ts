// The click contract on the real product: every click gets a visible answer, and only what was committed is shown.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  approver,
  COLLEAGUE,
  DANA,
  DBA,
  FINANCE_LEAD,
  type Message,
  SUPPORT,
  TREASURER,
  words,
} from '@placet/playground';
import { HOLD_REQUEST, holdLock, isSomeoneWaiting } from '../support/locks.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { ask } from './ask.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.slack.setUser('U0NEW', { name: 'nina.new', email: 'new@example.com' });
});
afterAll(() => product.close());

/** What the record has of the request: its state and how many decisions. */
async function recordOf({ id }: { readonly id: string }) {
  const { state, decisions } = await product.agent.get(id);
  return [state, decisions.length];
}

describe('a click that counts', () => {
  test('is answered as counted, and the card names the person and the time', async () => {
    const input = await ask(product);
    await approver.click(product, TREASURER, await approver.cardOf(product, input));
    const approved = 'Approved by treasurer@example.com (@U0TREASURER) at ';
    await approver.answerTo(product, TREASURER, input, `Your approval counts. ${approved}`);
    await approver.cardOf(product, input, { says: approved, buttons: [] });
    expect(await recordOf(input)).toEqual(['approved', 1]);
  });

  test('is answered privately: nobody else sees the answer', async () => {
    const input = await ask(product);
    await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, input));
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
    const state = await product.slack.state();
    expect([TREASURER, COLLEAGUE, SUPPORT].flatMap((as) => approver.answersIn(state, as, input))).toEqual([]);
  });
});

describe('a click that does not count changes nothing and says why', () => {
  test('already counted: the person clicked before, also twice at the same moment', async () => {
    const input = await ask(product, { action: 'payouts.send' });
    const card = await approver.cardOf(product, input);
    await Promise.all([approver.click(product, FINANCE_LEAD, card), approver.click(product, FINANCE_LEAD, card)]);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts. That makes 1 of 2');
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval was already counted at ');
    expect(await recordOf(input)).toEqual(['pending', 1]);
  });

  test('already decided by X at T: somebody else was faster', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    await approver.click(product, FINANCE_LEAD, card);
    await approver.cardOf(product, input, { buttons: [] });
    await approver.clickLate(product, TREASURER, card);
    const answer = await approver.answerTo(product, TREASURER, input, 'Nothing was recorded: this is already over.');
    expect(answer).toMatch(/Approved by Finance Lead \(@U0FINLEAD\) at \d{4}-\d\d-\d\d \d\d:\d\d UTC\./);
    await approver.clickLate(product, TREASURER, card, 'deny');
    await approver.waitFor(product, 'a second answer', (state) => {
      const answers = approver.answersIn(state, TREASURER, input);
      return answers.filter((each) => each.includes('this is already over. Approved by Finance Lead')).length === 2;
    });
    expect(await recordOf(input)).toEqual(['approved', 1]);
  });

  test('expired: the time was over', async () => {
    const input = await ask(product, { timeoutSeconds: 1 });
    const card = await approver.cardOf(product, input);
    await approver.cardOf(product, input, { says: 'Nothing runs.', buttons: [] });
    await approver.clickLate(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Nothing was recorded: this expired at ');
    expect(await recordOf(input)).toEqual(['expired', 0]);
  });

  const OTHERS = 'Nothing was recorded: people of other organisations or workspaces do not decide here, unless';
  test.each([
    ['the owner of the agent, though in the group', SUPPORT, 'this was asked for you or by your agent'],
    ['the person on whose behalf it was asked', TREASURER, 'this was asked for you or by your agent'],
    ['a colleague in the channel, but in no group', COLLEAGUE, 'members of payments decide on this, and you are not'],
    ['a colleague in the channel whom no policy names', 'U0NEW', 'we do not know which person your Slack account'],
    ['a guest', 'U0GUEST', 'guests do not decide unless the policy file names their account'],
    ['a stranger through Slack Connect', 'U0OUTSIDE', OTHERS],
    ['a member who was deactivated a moment ago', 'U0GONE', 'your Slack account is deactivated'],
  ])('not eligible: %s (INV-2)', async (_who, as, refusal) => {
    const input = await ask(product, { onBehalfOf: 'treasurer@example.com' });
    const act = await approver.clickLate(product, as, await approver.cardOf(product, input));
    expect(act).toMatchObject({ ok: true, acked: true });
    await approver.answerTo(product, as, input, refusal);
    expect(await recordOf(input)).toEqual(['pending', 0]);
    await product.agent.cancel(input.id);
  });

  test('not eligible: one who left the approver group a moment ago, as the policy now says', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    const without = (members: readonly string[]) => members.filter((email) => email !== 'treasurer@example.com');
    await product.applyPolicy((policy) => {
      const { payments, ...others } = policy.approver_groups;
      if (payments === undefined) throw new Error('the policy has payments');
      return {
        ...policy,
        approver_groups: { ...others, payments: { ...payments, members: without(payments.members) } },
      };
    });
    await approver.click(product, TREASURER, card);
    await approver.answerTo(
      product,
      TREASURER,
      input,
      'members of payments decide on this, and you are not one of them',
    );
    expect(await recordOf(input)).toEqual(['pending', 0]);
    await product.applyPolicy((policy) => policy);
    await approver.click(product, TREASURER, card);
    await approver.answerTo(product, TREASURER, input, 'Your approval counts.');
  });

  test('not eligible: one whom Slack took out of the user group a moment ago; who is in it now counts', async () => {
    const input = await ask(product, { action: 'database.migrate' });
    const card = await approver.cardOf(product, input, { channel: DBA });
    await product.slack.setUserGroup('S0DBA', [DANA]);
    await approver.click(product, TREASURER, card);
    await approver.answerTo(product, TREASURER, input, 'members of dba decide on this, and you are not one of them');
    expect(await recordOf(input)).toEqual(['pending', 0]);
    await product.slack.setUserGroup('S0DBA', [TREASURER]);
    await approver.click(product, TREASURER, card);
    await approver.answerTo(product, TREASURER, input, 'Your approval counts.');
    await product.slack.setUserGroup('S0DBA', [DANA, TREASURER]);
  });

  test('not verified: Slack cannot say who clicked, so nothing is recorded, and the next click counts', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    // Until it is cleared: the Home of somebody else asks Slack too, and would use up a fault that is counted.
    await product.slack.faults({ kind: 'api_error', method: 'users.info', error: 'internal_error' });
    await approver.click(product, FINANCE_LEAD, card);
    const unverified = 'We could not check with Slack who you are. Nothing was recorded';
    await approver.answerTo(product, FINANCE_LEAD, input, unverified);
    await product.slack.clearFaults();
    expect(await recordOf(input)).toEqual(['pending', 0]);
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
  });
});

describe('a click is answered after restarts and by any replica', () => {
  test('the slack process was restarted after the card was posted', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    await product.stop('slack');
    await approver.waitFor(product, 'no socket', ({ delivery }) => delivery.sockets.length === 0);
    expect(await approver.click(product, FINANCE_LEAD, card)).toMatchObject({ ok: false, error: 'no_listener' });
    await product.start('slack');
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
  });

  test('the worker is away: the click counts and the agent goes on; the card follows once it is back', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    const waiting = product.agent.waitForDecision(input.id, { timeoutSeconds: 30 });
    await product.stop('worker');
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
    expect((await waiting).state).toBe('approved');
    await approver.clickLate(product, TREASURER, card);
    await approver.answerTo(product, TREASURER, input, 'this is already over. Approved by Finance Lead');
    expect(approver.buttonsOf(await approver.cardOf(product, input))).toContain('approve');
    await product.start('worker');
    await approver.cardOf(product, input, { says: 'Approved by Finance Lead', buttons: [] });
  });

  test('two replicas share the clicks, and each answers from the same record', async () => {
    await product.add('slack');
    await approver.waitFor(product, 'two sockets', ({ delivery }) => delivery.sockets.length === 2);
    const input = await ask(product, { action: 'payouts.send' });
    const card = await approver.cardOf(product, input);
    const acts = [await approver.click(product, FINANCE_LEAD, card), await approver.click(product, TREASURER, card)];
    await approver.answerTo(product, FINANCE_LEAD, input, 'That makes 1 of 2');
    await approver.answerTo(product, TREASURER, input, 'Your approval counts. Approved by Finance Lead');
    const deliveries = await product.slack.deliveries({ type: 'interactive' });
    const sockets = acts.map(({ delivery_id }) => deliveries.find(({ id }) => id === delivery_id)?.socket);
    expect(new Set(sockets).size).toBe(2);
  });
});

describe('what a person sees is what was recorded', () => {
  test('the buttons die in every copy, in every channel, with one decision', async () => {
    const input = await ask(product, { action: 'orders.purge' });
    await approver.click(product, DANA, await approver.cardOf(product, input, { channel: DBA }));
    await approver.answerTo(product, DANA, input, 'Your approval counts.');
    const dead = await approver.waitFor(product, 'two dead cards', (state) => {
      const cards = approver.cardsIn(state, input.id);
      return cards.length === 2 && cards.every((card) => approver.buttonsOf(card).length === 0) && cards;
    });
    for (const card of dead) expect(words(card)).toContain('Approved by Dana Dba (@U0DBA)');
  });

  test('a copy whose post was never confirmed loses its buttons at its first click, and decides nothing', async () => {
    await product.isQuiet();
    await product.slack.faults({ kind: 'lost_answer', method: 'chat.postMessage', count: 1 });
    const input = await ask(product);
    const copies = await approver.waitFor(product, 'two copies', (state) => {
      const cards = approver.cardsIn(state, input.id);
      return cards.length === 2 && cards;
    });
    const [unconfirmed, live] = copies as [Message, Message];
    const places = "select ts from placet.slack_messages where request_id = $1 and state = 'posted'";
    await until(async () => (await product.database.asSuperuser(places, [input.id])).length === 1);
    await approver.click(product, FINANCE_LEAD, unconfirmed);
    await approver.answerTo(product, FINANCE_LEAD, input, 'This card is out of date. Nothing was recorded.');
    await approver.waitFor(product, 'a dead copy', (state) => {
      const copy = approver.cardsIn(state, input.id).find(({ ts }) => ts === unconfirmed.ts);
      return copy !== undefined && approver.buttonsOf(copy).length === 0;
    });
    expect(await recordOf(input)).toEqual(['pending', 0]);
    await approver.click(product, FINANCE_LEAD, live);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
  });

  test('the card and the answer change only after the commit', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    const locker = await holdLock(product.database, HOLD_REQUEST, [input.id]);
    const acting = approver.click(product, FINANCE_LEAD, card);
    await until(() => isSomeoneWaiting(product.database));
    expect(words(await approver.cardOf(product, input))).toBe(words(card));
    expect(approver.answersIn(await product.slack.state(), FINANCE_LEAD, input)).toEqual([]);
    expect(await recordOf(input)).toEqual(['pending', 0]);
    await locker.query('rollback');
    await locker.end();
    expect((await acting).ok).toBe(true);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
    await approver.cardOf(product, input, { says: 'Approved by Finance Lead', buttons: [] });
  });
});
