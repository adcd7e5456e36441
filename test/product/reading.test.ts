// What a person reads before deciding: content that does not fit the card, characters that hide, and what waits for whom.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  approver,
  COLLEAGUE,
  DANA,
  DBA,
  FINANCE_LEAD,
  PAYMENTS,
  SUPPORT,
  TREASURER,
  type View,
  words,
} from '@placet/playground';
import { type Product, startProduct } from '../support/product.ts';
import { ask } from './ask.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

describe('content that does not fit the card', () => {
  const TAIL = 'and then drop the table';

  test('has no Approve there; Review shows all of it, and approving in that modal counts', async () => {
    const input = await ask(product, { parameters: { note: `${'lorem ipsum '.repeat(400)}${TAIL}` } });
    const card = await approver.cardOf(product, input, { buttons: ['review', 'deny'] });
    expect(words(card)).not.toContain(TAIL);
    expect(words(card)).toContain('Only the beginning of 4,8');
    await approver.click(product, FINANCE_LEAD, card, 'review');
    const modal = await approver.openModalOf(product, FINANCE_LEAD);
    expect(words(modal)).toContain(TAIL);
    expect(modal.submit).toMatchObject({ text: 'Approve' });
    expect((await product.agent.get(input.id)).state).toBe('pending');
    await approver.submit(product, FINANCE_LEAD, modal);
    expect(words(await approver.openModalOf(product, FINANCE_LEAD))).toContain('Your approval counts.');
    await product.slack.closeView({ as: FINANCE_LEAD, view_id: modal.id });
    expect((await product.agent.get(input.id)).state).toBe('approved');
    await approver.cardOf(product, input, { says: 'Approved by Finance Lead', buttons: [] });
  });

  test('is shown whole only to those who may decide on it', async () => {
    const input = await ask(product, { parameters: { note: `${'lorem ipsum '.repeat(400)}${TAIL}` } });
    const card = await approver.cardOf(product, input);
    await approver.click(product, COLLEAGUE, card, 'review');
    await approver.answerTo(
      product,
      COLLEAGUE,
      input,
      'members of payments decide on this, and you are not one of them',
    );
    expect(await product.slack.views(COLLEAGUE)).toEqual([]);
    await product.agent.cancel(input.id);
  });
});

test('hidden and bidirectional characters show as escapes on the card, with a warning, and are never sent as such', async () => {
  const input = await ask(product, {
    resource: 'order/A-1001\u202e',
    parameters: { account: 'DE89\u200b370', 'currency\u2066': 'EUR' },
    justification: 'urgent\u200f <!channel> *bold*',
  });
  const card = await approver.cardOf(product, input);
  const shown = words(card);
  for (const visible of ['order/A-1001\\u{202e}', 'DE89\\u{200b}370', 'currency\\u{2066}', 'urgent\\u{200f}']) {
    expect(shown).toContain(visible);
  }
  expect(shown).toContain('Warning: contains 4 hidden characters');
  expect(shown).toContain('<!channel> *bold*');
  expect(JSON.stringify(card)).not.toMatch(/[\u200b\u200f\u202e\u2066]/);
  const calls = JSON.stringify(await product.slack.calls({ method: 'chat.postMessage' }));
  expect(calls).not.toMatch(/[\u200b\u200f\u202e\u2066]/);
  await product.agent.cancel(input.id);
});

describe('what waits for a person', () => {
  const homeOf = async (as: string, says: string): Promise<View> => {
    await product.slack.openHome({ as });
    return approver.waitFor(product, `a Home of ${as} that says "${says}"`, ({ home }) => {
      const view = home[as];
      return view !== undefined && words(view).includes(says) && view;
    });
  };
  const listOf = async (as: string, channel = PAYMENTS): Promise<string> => {
    const before = (await product.slack.ephemerals(as)).length;
    expect(await product.slack.command({ as, channel, command: '/placet' })).toMatchObject({ ok: true });
    return approver.waitFor(product, `a list for ${as}`, async () => {
      const answer = (await product.slack.ephemerals(as))[before];
      return answer !== undefined && words(answer);
    });
  };

  test('is on Home and in the answer to /placet: all of it, and only that', async () => {
    const [refund, migration] = [await ask(product), await ask(product, { action: 'database.migrate' })];
    await approver.cardOf(product, migration, { channel: DBA });
    const cases = [
      { as: FINANCE_LEAD, waits: [refund], others: [migration] },
      { as: TREASURER, waits: [refund, migration], others: [] },
      { as: DANA, waits: [migration], others: [refund], channel: DBA },
      { as: SUPPORT, waits: [], others: [refund, migration] },
      { as: COLLEAGUE, waits: [], others: [refund, migration] },
    ];
    for (const { as, waits, others, channel = PAYMENTS } of cases) {
      const last = waits.at(-1);
      const home = words(
        await homeOf(as, last === undefined ? 'Nothing waits for your decision.' : approver.endOf(last)),
      );
      const list = await listOf(as, channel);
      for (const shown of [home, list]) {
        for (const each of waits) expect([as, shown]).toEqual([as, expect.stringContaining(approver.endOf(each))]);
        for (const each of others) expect([as, shown]).toEqual([as, expect.not.stringContaining(approver.endOf(each))]);
        if (waits.length === 0) expect(shown).toContain('Nothing waits for your decision.');
      }
    }
    await Promise.all([refund, migration].map(({ id }) => product.agent.cancel(id)));
  });

  test('is gone from Home and from the list once the person decided', async () => {
    const input = await ask(product, { action: 'payouts.send' });
    const card = await approver.cardOf(product, input);
    await homeOf(FINANCE_LEAD, approver.endOf(input));
    await approver.click(product, FINANCE_LEAD, card);
    await approver.answerTo(product, FINANCE_LEAD, input, 'That makes 1 of 2');
    await approver.waitFor(product, 'a Home without it', ({ home }) => {
      const view = home[FINANCE_LEAD];
      return view !== undefined && !words(view).includes(approver.endOf(input));
    });
    expect(await listOf(FINANCE_LEAD)).not.toContain(approver.endOf(input));
    expect(await listOf(TREASURER)).toContain(approver.endOf(input));
    await approver.deny(product, TREASURER, card, 'Not this month.');
    expect(await listOf(TREASURER)).not.toContain(approver.endOf(input));
  });

  test('can be approved from Home, after reading all of it', async () => {
    const input = await ask(product);
    const home = await homeOf(TREASURER, approver.endOf(input));
    expect(approver.buttonsOf(home)).toEqual(['review', 'deny']);
    await product.slack.clickInView({ as: TREASURER, view_id: home.id, action_id: 'review' });
    const modal = await approver.openModalOf(product, TREASURER);
    expect(words(modal)).toContain('"amount": 120');
    await approver.submit(product, TREASURER, modal);
    expect(words(await approver.openModalOf(product, TREASURER))).toContain('Your approval counts.');
    await approver.cardOf(product, input, { says: 'Approved by treasurer', buttons: [] });
  });
});
