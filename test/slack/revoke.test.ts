// Revoke in Slack: the button on the card of what is approved and left, and the same in Home; who may is the record's to say.

import { expect, test } from '@jest/globals';
import { words } from '@placet/playground';
import { PlacetError } from '../../src/domain/errors.ts';
import type { RequestRecord } from '../../src/domain/request/record.ts';
import { drawCard } from '../../src/slack/draw/card.ts';
import { drawHome } from '../../src/slack/draw/waiting-list.ts';
import type { SlackDeps } from '../../src/slack/receive/listener-context.ts';
import { buttonsIn, messageFaults, objectsIn, viewFaults, wire, wordsIn } from './draw/drawn.ts';
import { makeRecord, NOW } from './draw/request-records.ts';
import { AS, answerTo, clickOn, depsAround, open } from './support.ts';

const GRANT: NonNullable<RequestRecord['grant']> = {
  ...{ id: 'grt_1', request_id: 'apr_1', digest: 'sha256:aa', uses_max: 2, redeemed_at: null, redemptions: 0, uses: 0 },
  credential: { type: 'jwt', audience: 'https://orders.example', scopes: ['orders:refund'], lifetime_seconds: 300 },
  claim_expires_at: new Date(NOW.getTime() + 60_000),
  ends_at: null,
};
const approved = (more: Partial<RequestRecord> = {}) =>
  makeRecord({ state: 'approved', closed_at: NOW }, { grant: GRANT, ...more });
const REVOCATION = {
  by_kind: 'person',
  by_id: 'prs_1',
  account: 'T0ACME/U0ANN',
  name: 'Ann',
  revoked_at: NOW,
} as const;

test('a card has Revoke, which asks once more, only while something is left of what was approved', () => {
  const card = drawCard(approved(), NOW);
  expect(messageFaults(card)).toEqual([]);
  expect(buttonsIn(card)).toEqual(['revoke']);
  const [button] = objectsIn(wire(card)).filter((object) => object['type'] === 'button');
  expect(button).toMatchObject({ style: 'danger', confirm: { confirm: { text: 'Revoke' }, style: 'danger' } });
  const over = new Date(NOW.getTime() + 61_000);
  expect(buttonsIn(drawCard(approved(), over))).toEqual([]);
  expect(buttonsIn(drawCard(approved({ revocation: REVOCATION }), NOW))).toEqual([]);
  expect(buttonsIn(drawCard(makeRecord({ state: 'approved', closed_at: NOW }), NOW))).toEqual([]);
  expect(buttonsIn(drawCard(approved({ grant: { ...GRANT, redemptions: 2 } }), NOW))).toEqual([]);
});

test('a card says who revoked it and when, and what it came to', () => {
  const card = wordsIn(drawCard(approved({ revocation: REVOCATION }), NOW));
  expect(card).toContain('Revoked by Ann');
  expect(card).toContain('Approved, never claimed');
  const by_agent = { ...REVOCATION, by_kind: 'agent', account: null, name: 'orders-agent' } as const;
  expect(wordsIn(drawCard(approved({ revocation: by_agent }), NOW))).toContain('Revoked by orders-agent at');
});

test('a click on it is of the account as Slack knows it now, and is answered whatever came of it', async () => {
  const inputs: unknown[] = [];
  let answer: () => Promise<Awaited<ReturnType<SlackDeps['revokeByPerson']>>>;
  const revokeByPerson: SlackDeps['revokeByPerson'] = (input) => {
    inputs.push(input);
    return answer();
  };
  const record = approved();
  const table = await open(depsAround(record, { revokeByPerson }));
  const about = { request_id: record.request.id, lease_id: null, revoked_at: NOW };
  const refused = (code: 'permission_missing' | 'nothing_to_revoke') => () => Promise.reject(new PlacetError(code));
  for (const [next, part] of [
    [async () => ({ kind: 'revoked', ...about }) as const, 'It is revoked'],
    [async () => ({ kind: 'unchanged', ...about }) as const, 'revoked before'],
    [refused('permission_missing'), 'You may not revoke this'],
    [refused('nothing_to_revoke'), 'Nothing of this approval is left'],
  ] as const) {
    answer = next;
    await clickOn(table, record, 'revoke');
    expect(await answerTo(table, AS)).toContain(part);
  }
  expect(inputs).toHaveLength(4);
  expect(inputs[0]).toMatchObject({ request_id: record.request.id, profile: { user_id: AS } });
});

test('Home lists what a person may take back, each with its button', async () => {
  const record = approved();
  expect(viewFaults(drawHome({ items: [], has_more: false }, { revocable: [record] }))).toEqual([]);
  let revocable = [record];
  const revokeByPerson: SlackDeps['revokeByPerson'] = async () => {
    revocable = [];
    return { kind: 'revoked', request_id: record.request.id, lease_id: null, revoked_at: NOW };
  };
  const listWaitingFor: SlackDeps['listWaitingFor'] = async () => ({
    ...{ kind: 'listed', items: [], has_more: false },
    ...(revocable.length === 0 ? {} : { revocable }),
  });
  const table = await open(depsAround(record, { revokeByPerson, listWaitingFor }));
  await table.slack.openHome({ as: AS });
  const shown = (part: string) =>
    table.slack.waitFor(async () => {
      const view = await table.slack.home(AS);
      return view !== null && words(view).includes('Nothing waits') && words(view).includes(part) ? view : null;
    });
  const home = await shown('Approved and live');
  await table.slack.clickInView({ as: AS, view_id: home.id, action_id: 'revoke' });
  const gone = table.slack.waitFor(async () => {
    const view = await table.slack.home(AS);
    return view !== null && !words(view).includes('Approved and live');
  });
  expect(await gone).toBe(true);
});
