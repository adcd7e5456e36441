// Signed HTTP delivery works like Socket Mode; and what no Slack client would send, but a signed payload can hold, is
// refused by the server.

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approver, COLLEAGUE, FINANCE_LEAD, PAYMENTS, TREASURER, words } from '@placet/playground';
import type { ApprovalRequest } from '@placet/sdk';
import { TENANT } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { ask } from './ask.ts';

type Payload = { user: { id: string }; actions: { action_id: string }[]; view?: object };

let product: Product;
beforeAll(async () => {
  product = await startProduct({ isSignedHttp: true });
});
afterAll(() => product.close());

/** Sends a payload as Slack would, signed with this secret. */
async function send(payload: unknown, secret = product.playground.signingSecret): Promise<Response> {
  const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return fetch(product.eventsUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  });
}

/** The payload of the last interaction, as Slack sent it. */
async function lastPayload(): Promise<Payload> {
  const delivery = (await product.slack.deliveries({ type: 'interactive' })).at(-1);
  return structuredClone(delivery?.payload) as unknown as Payload;
}

/** Why decisions on the request were refused, as the audit log has it. */
async function refusalsOf({ id }: ApprovalRequest): Promise<unknown[]> {
  const sql = `select facts from placet.audit_events where tenant_id = $1 and request_id = $2 and type = 'decision.refused'`;
  const rows = await product.database.asSuperuser<{ facts: { refusal: string } }>(sql, [TENANT, id]);
  return rows.map(({ facts }) => facts.refusal);
}

describe('over signed HTTP', () => {
  test('a click counts, is answered, and the card follows', async () => {
    const input = await ask(product);
    expect(await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, input))).toMatchObject({
      ok: true,
    });
    await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
    await approver.cardOf(product, input, { says: 'Approved by Finance Lead', buttons: [] });
    expect((await product.slack.deliveries()).map(({ via }) => via)).toEqual(['http']);
  });

  test('the Deny modal opens, holds on to a reason that is too short, and denies with a good one', async () => {
    const input = await ask(product);
    const card = await approver.cardOf(product, input);
    expect(await approver.deny(product, TREASURER, card, 'Paid back already.')).toContain('Your denial counts.');
    expect((await product.agent.get(input.id)).outcome?.reason).toBe('Paid back already.');
    const other = await ask(product);
    await approver.click(product, TREASURER, await approver.cardOf(product, other), 'deny');
    const modal = await approver.openModalOf(product, TREASURER);
    const short = await approver.submit(product, TREASURER, modal, { reason: '      ' });
    expect(short).toMatchObject({ ok: false, errors: { reason: expect.any(String) } });
    expect((await product.agent.get(other.id)).state).toBe('pending');
    await product.slack.closeView({ as: TREASURER, view_id: modal.id });
  });

  test('/placet lists what waits', async () => {
    const input = await ask(product);
    await product.slack.command({ as: FINANCE_LEAD, channel: PAYMENTS, command: '/placet' });
    await approver.answerTo(product, FINANCE_LEAD, input, 'waiting for you');
  });

  test('a payload with a wrong signature changes nothing', async () => {
    const input = await ask(product);
    await approver.click(product, COLLEAGUE, await approver.cardOf(product, input));
    await approver.answerTo(product, COLLEAGUE, input, 'Nothing was recorded');
    const payload = await lastPayload();
    payload.user.id = FINANCE_LEAD;
    const refused = await send(payload, 'not the signing secret');
    expect(refused.status).toBe(401);
    expect((await product.agent.get(input.id)).decisions).toEqual([]);
    expect(await refusalsOf(input)).toEqual(['not_in_group']);
  });
});

describe('the server refuses what no screen offers', () => {
  const LONG = { note: 'lorem ipsum '.repeat(400) };

  test('an approval from a card that does not show everything', async () => {
    const input = await ask(product, { parameters: LONG });
    await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, input), 'review');
    await product.slack.closeView({
      as: FINANCE_LEAD,
      view_id: (await approver.openModalOf(product, FINANCE_LEAD)).id,
    });
    const payload = await lastPayload();
    for (const action of payload.actions) action.action_id = 'approve';
    await send(payload);
    await approver.answerTo(product, FINANCE_LEAD, input, 'Open Review and approve there.');
    expect((await product.agent.get(input.id)).decisions).toEqual([]);
  });

  test('a submission of the Review modal by one who never opened it', async () => {
    const input = await ask(product, { parameters: LONG });
    await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, input), 'review');
    const modal = await approver.openModalOf(product, FINANCE_LEAD);
    const { app_installed_team_id: team } = modal;
    const user = { id: TREASURER, team_id: team };
    const forged = { type: 'view_submission', api_app_id: modal.app_id, team: { id: team }, user, view: modal };
    const answer = (await (await send(forged)).json()) as { view: { blocks: never[] } };
    expect(words(answer.view)).toContain('Open Review and approve there.');
    expect(await refusalsOf(input)).toEqual(['review_first']);
    await approver.submit(product, FINANCE_LEAD, modal);
    expect((await product.agent.get(input.id)).state).toBe('approved');
  });

  test('a click by a bot', async () => {
    const input = await ask(product);
    await approver.click(product, COLLEAGUE, await approver.cardOf(product, input));
    await approver.answerTo(product, COLLEAGUE, input, 'Nothing was recorded');
    const payload = await lastPayload();
    payload.user.id = 'U0OTHERBOT';
    await send(payload);
    // The address of the click it was made from is Mel's.
    await approver.waitFor(product, 'a second answer', (state) =>
      approver.answersIn(state, COLLEAGUE, input).some((answer) => answer.includes('only people decide')),
    );
    expect(await refusalsOf(input)).toEqual(['not_in_group', 'bot']);
  });
});
