// Every field of a Slack payload that decides something: forged, dropped, swapped, replayed. Only what is genuine counts, once.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FINANCE_LEAD } from '@placet/playground';
import { altered, type Card, openSlackDoor, type Payload, type SlackDoor } from './slack-door.ts';

const UNTOUCHED = { state: 'pending', decisions: [] };
const REASON = { reason: 'Paid back already.' };
const LONG = { text: 'x'.repeat(5_000) };

let door: SlackDoor;
/** Another pending request, whose ids are swapped in. */
let other: Card;
beforeAll(async () => {
  door = await openSlackDoor();
  other = await door.card('order/other');
});
afterAll(() => door.close());

const buttonOf = (payload: Payload): Payload => (payload['actions'] as Payload[])[0] ?? {};

describe('the signature', () => {
  test.each<[string, (body: string) => Record<string, string>]>([
    ['missing', () => ({})],
    ['without its time', (body) => ({ 'x-slack-signature': door.sign(body)['x-slack-signature'] ?? '' })],
    [
      'without its value',
      (body) => ({ 'x-slack-request-timestamp': door.sign(body)['x-slack-request-timestamp'] ?? '' }),
    ],
    ['of another body', () => door.sign('payload=%7B%7D')],
    [
      'of another time',
      (body) => ({ ...door.sign(body), 'x-slack-request-timestamp': `${Math.floor(Date.now() / 1_000) - 1}` }),
    ],
    ['of another version', (body) => ({ ...door.sign(body), 'x-slack-signature': `v1=${'0'.repeat(64)}` })],
    ['six minutes old', (body) => door.sign(body, Math.floor(Date.now() / 1_000) - 360)],
    ['of two minutes ahead', (body) => door.sign(body, Math.floor(Date.now() / 1_000) + 120)],
    ['at a time that is none', (body) => ({ ...door.sign(body), 'x-slack-request-timestamp': 'now' })],
  ])('%s: the payload is not read', async (_what, headers) => {
    const card = await door.card('order/signed');
    const payload = await door.catchClick(card, 'approve');
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    expect((await door.send(body, headers(body))).status).toBe(401);
    expect(await door.record(card)).toEqual(UNTOUCHED);
  });
});

describe('a click on Approve', () => {
  /** Path, value put there (undefined: dropped), and what the person or the record then says. */
  test.each<[string, string, (it: { card: Card; other: Payload }) => unknown, string]>([
    ['the request id of another card', 'actions.0.value', () => other.id, 'not one of ours'],
    ['the request id dropped', 'actions.0.value', () => undefined, 'not one of ours'],
    ['a request id that is a number', 'actions.0.value', () => 7, 'not one of ours'],
    ['a request id that is a list', 'actions.0.value', ({ card }) => [card.id], 'not one of ours'],
    ['a request id that was never given', 'actions.0.value', () => `apr_${'0'.repeat(36)}`, 'not one of ours'],
    ['an id of another kind', 'actions.0.value', ({ card }) => card.id.replace('apr_', 'lse_'), 'not one of ours'],
    [
      'the digest of another card',
      'actions.0.block_id',
      ({ other: its }) => buttonOf(its)['block_id'],
      'content_changed',
    ],
    ['the digest dropped', 'actions.0.block_id', () => undefined, 'content_changed'],
    ['a digest that is an object', 'actions.0.block_id', () => ({ $ne: '' }), 'content_changed'],
    ['the place of another card', 'container.message_ts', () => other.ts, 'not one of ours'],
    ['a place where no card is', 'container.message_ts', () => '1.000001', 'out of date'],
    ['another channel', 'container.channel_id', () => 'C0DBA', 'out of date'],
    ['a button that we never drew', 'actions.0.action_id', () => 'approve_all', 'does nothing any more'],
    ['a button in capitals', 'actions.0.action_id', () => 'APPROVE', 'does nothing any more'],
    ['another workspace as home', 'user.team_id', () => 'T0OTHER', 'outsider'],
  ])('with %s records nothing and says so', async (_what, path, value, sentence) => {
    const card = await door.card('order/forged');
    const payload = await door.catchClick(card, 'approve');
    const forged = altered(payload, path, value({ card, other: await door.catchClick(other, 'approve') }));
    expect((await door.send(forged)).status).toBe(200);
    expect([await door.record(card), await door.record(other)]).toEqual([UNTOUCHED, UNTOUCHED]);
    const heard = `${await door.lastAnswer()} ${await door.refusal(card)}`;
    expect(heard).toContain(sentence);
    expect(heard).toContain('Nothing was recorded');
  });

  test.each([
    ['a member who is not an approver', 'U0MEMBER', 'not_linked'],
    ['the human behind the request', 'U0SUPPORT', 'is_requester'],
    ['a guest, though listed', 'U0GUEST', 'guest'],
    ['one who left, though listed', 'U0GONE', 'deactivated'],
    ['another app', 'U0OTHERBOT', 'bot'],
    ['a Slack Connect stranger', 'U0OUTSIDE', 'outsider'],
    ['nobody that Slack knows', 'U0NOBODY', undefined],
    ['an empty id', '', undefined],
    ['a list of ids', [FINANCE_LEAD], undefined],
    ['no id at all', undefined, undefined],
  ])('in the name of %s records nothing', async (_who, user_id, refusal) => {
    const card = await door.card('order/posed');
    const forged = altered(await door.catchClick(card, 'approve'), 'user.id', user_id);
    await door.send(forged);
    expect([await door.record(card), await door.refusal(card)]).toEqual([UNTOUCHED, refusal]);
  });

  test('without any place approves nothing, for only a card shows what would run', async () => {
    const card = await door.card('order/placeless');
    const payload = await door.catchClick(card, 'approve');
    const forged = ['container', 'channel', 'message'].reduce((one, path) => altered(one, path), payload);
    await door.send(forged);
    expect(await door.lastAnswer()).toContain('Open Review and approve there');
    expect([await door.record(card), await door.refusal(card)]).toEqual([UNTOUCHED, 'review_first']);
  });

  test('on a card too long to show all is refused whatever the button says', async () => {
    const card = await door.card('order/long', LONG);
    const review = await door.catchClick(card, 'review');
    await door.send(altered(review, 'actions.0.action_id', 'approve'));
    expect([await door.record(card), await door.refusal(card)]).toEqual([UNTOUCHED, 'review_first']);
  });

  test('that is genuine counts once, sent again and again, at once and later', async () => {
    const card = await door.card('order/replayed');
    const payload = await door.catchClick(card, 'approve');
    const answers = await Promise.all(Array.from({ length: 5 }, () => door.send(payload)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    await door.send(payload);
    expect(await door.record(card)).toEqual({ state: 'approved', decisions: [`${FINANCE_LEAD} approve`] });
    expect(await door.lastAnswer()).toContain('was already counted');
  });

  test('caught on a card does not approve the next request of the same content', async () => {
    const [first, second] = [await door.card('order/twin'), await door.card('order/twin')];
    expect(second.digest).toBe(first.digest);
    const payload = await door.catchClick(first, 'approve');
    await door.send(altered(payload, 'actions.0.value', second.id));
    expect([await door.record(first), await door.record(second)]).toEqual([UNTOUCHED, UNTOUCHED]);
  });
});

describe('a submission of the Deny modal', () => {
  const memory = (changes: object) => (payload: Payload) => {
    const view = payload['view'] as { private_metadata: string };
    return JSON.stringify({ ...JSON.parse(view.private_metadata), ...changes });
  };

  test.each<[string, string, (payload: Payload) => unknown]>([
    ['the memory of another request with this digest', 'view.private_metadata', memory({ request_id: 'other' })],
    ['the digest of another content', 'view.private_metadata', memory({ digest: `sha256:${'0'.repeat(64)}` })],
    ['a digest that is none', 'view.private_metadata', memory({ digest: null })],
    ['a page before the first', 'view.private_metadata', memory({ page: -1 })],
    ['a memory that is none', 'view.private_metadata', () => '{'],
    ['a memory that is a list', 'view.private_metadata', () => '[]'],
    ['no memory', 'view.private_metadata', () => undefined],
    ['no reason', 'view.state.values.reason', () => undefined],
    ['no values', 'view.state', () => undefined],
    ['a reason that is an object', 'view.state.values.reason.reason.value', () => ({ length: 9 })],
    ['a reason too short', 'view.state.values.reason.reason.value', () => 'no'],
    ['a reason of NULs', 'view.state.values.reason.reason.value', () => '\u0000'.repeat(9)],
    ['a reason too long', 'view.state.values.reason.reason.value', () => 'x'.repeat(501)],
    ['the name of a stranger', 'user', () => ({ id: 'U0OUTSIDE', team_id: 'T0OTHER' })],
    ['the name of nobody', 'user', () => ({})],
    ['another home', 'user.team_id', () => 'T0OTHER'],
    ['a callback that we never drew', 'view.callback_id', () => 'deny_all'],
  ])('with %s records nothing', async (_what, path, value) => {
    const card = await door.card('order/denied');
    const payload = await door.catchSubmission(card, 'deny', REASON);
    const text = value(payload);
    const forged = altered(payload, path, typeof text === 'string' ? text.replace('"other"', `"${other.id}"`) : text);
    expect((await door.send(forged)).status).toBe(200);
    expect([await door.record(card), await door.record(other)]).toEqual([UNTOUCHED, UNTOUCHED]);
  });

  test('turned into an approval of content that was not opened is refused', async () => {
    const card = await door.card('order/turned', LONG);
    const payload = await door.catchSubmission(card, 'deny', REASON);
    await door.send(altered(payload, 'view.callback_id', 'review_submit'));
    expect([await door.record(card), await door.refusal(card)]).toEqual([UNTOUCHED, 'review_first']);
  });

  test('that is genuine counts once, sent again and again, and no approval follows it', async () => {
    const card = await door.card('order/denied-once');
    const approval = await door.catchClick(card, 'approve', 'U0TREASURER');
    const payload = await door.catchSubmission(card, 'deny', REASON);
    await Promise.all(Array.from({ length: 5 }, () => door.send(payload)));
    await door.send(approval);
    expect(await door.record(card)).toEqual({ state: 'denied', decisions: [`${FINANCE_LEAD} deny`] });
    expect(await door.lastAnswer('U0TREASURER')).toContain('this is already over');
  });
});

describe('a submission of the Review modal', () => {
  test('by one who did not open it, from the modal of one who did, is refused', async () => {
    const card = await door.card('order/lent', LONG);
    const payload = await door.catchSubmission(card, 'review');
    await door.send(altered(payload, 'user', { id: 'U0TREASURER', team_id: 'T0ACME' }));
    expect([await door.record(card), await door.refusal(card)]).toEqual([UNTOUCHED, 'review_first']);
  });

  test('for another request that was not opened is refused', async () => {
    const [opened, closed] = [await door.card('order/opened', LONG), await door.card('order/closed', LONG)];
    const payload = await door.catchSubmission(opened, 'review');
    const view = payload['view'] as { private_metadata: string };
    const swapped = { ...JSON.parse(view.private_metadata), request_id: closed.id, digest: closed.digest };
    await door.send(altered(payload, 'view.private_metadata', JSON.stringify(swapped)));
    expect([await door.record(opened), await door.record(closed)]).toEqual([UNTOUCHED, UNTOUCHED]);
    expect(await door.refusal(closed)).toBe('review_first');
  });
});

test('a click or a submission of another app, of another workspace, or without what was done is not even acknowledged', async () => {
  const card = await door.card('order/foreign');
  const click = await door.catchClick(card, 'approve');
  const submission = await door.catchSubmission(card, 'deny', REASON);
  const forged = [
    altered(click, 'api_app_id', 'A0OTHER'),
    altered(click, 'api_app_id'),
    altered(click, 'team.id', 'T0OTHER'),
    altered(click, 'team'),
    altered(click, 'actions'),
    altered(submission, 'view.app_installed_team_id', 'T0OTHER'),
    altered(submission, 'api_app_id', 'A0OTHER'),
    altered(submission, 'type', 'view_closed'),
  ];
  const answers = await Promise.all(forged.map((one) => door.send(one)));
  expect(answers.map(({ status }) => status)).toEqual(forged.map(() => 404));
  expect(await door.record(card)).toEqual(UNTOUCHED);
});

describe('a signed body that is no payload', () => {
  const FORM = 'application/x-www-form-urlencoded';

  test.each([
    ['nothing', FORM, '', 404],
    ['an empty payload', FORM, 'payload=', 400],
    ['JSON cut short', FORM, 'payload=%7B', 400],
    ['null', FORM, 'payload=null', 400],
    ['a list', FORM, 'payload=%5B%5D', 400],
    ['a number', FORM, 'payload=7', 400],
    ['a text', FORM, 'payload=%22x%22', 400],
    ['true', FORM, 'payload=true', 400],
    ['two payloads', FORM, 'payload=%7B%7D&payload=%7B%7D', 404],
    ['null as JSON', 'application/json', 'null', 400],
    ['a form that says it is JSON', 'application/json', 'payload=%7B%7D', 400],
    ['a form of another kind', 'multipart/form-data; boundary=x', 'payload=%7B%7D', 400],
    ['an object that says nothing', 'application/json', '{}', 404],
  ])('%s is refused', async (_what, type, body, status) => {
    expect((await door.send(body, { ...door.sign(body), 'content-type': type })).status).toBe(status);
  });

  test('leaves the door open for the next click', async () => {
    await Promise.all(['payload=null', 'payload=%7B', ''].map((body) => door.send(body)));
    const card = await door.card('order/after');
    await door.send(await door.catchClick(card, 'approve'));
    expect(await door.record(card)).toEqual({ state: 'approved', decisions: [`${FINANCE_LEAD} approve`] });
  });
});
