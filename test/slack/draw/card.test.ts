// The card, state by state: what it says, in which order, and when it holds which buttons.

import { describe, expect, test } from '@jest/globals';
import type { Lease } from '../../../src/domain/credential/lease.ts';
import type { RequestRecord } from '../../../src/domain/request/record.ts';
import { shownDigest } from '../../../src/slack/draw/buttons.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { buttonsIn, kindsIn, messageFaults, mrkdwnIn, objectsIn, preformattedIn, wire, wordsIn } from './drawn.ts';
import {
  APPROVAL,
  approvedRecord,
  CREATED_AT,
  DIGEST,
  deniedRecord,
  EXPIRES_AT,
  makeRecord,
  NOW,
} from './request-records.ts';

const STATES: readonly (readonly [string, RequestRecord])[] = [
  ['waiting', makeRecord()],
  ['partly approved', makeRecord({ revision: 2 }, { decisions: [APPROVAL] })],
  ['approved', approvedRecord()],
  ['denied', deniedRecord()],
  ['expired', makeRecord({ state: 'expired', closed_at: EXPIRES_AT })],
  ['cancelled', makeRecord({ state: 'cancelled', closed_at: NOW })],
];

describe('the card', () => {
  test.each(STATES)('is taken by Slack as it is drawn: %s', (_state, record) => {
    expect(messageFaults(drawCard(record, NOW))).toEqual([]);
  });

  test('asks in our words what would be done to what', () => {
    const { blocks } = drawCard(makeRecord(), NOW);
    expect(blocks[0]).toEqual({
      type: 'header',
      text: { type: 'plain_text', text: 'orders.refund on order/A-1001?', emoji: false },
    });
  });

  test('names the agent and its owner, the environment, the people needed, the credential and the expiry', () => {
    const facts = drawCard(makeRecord(), NOW).blocks[1];
    expect(facts?.type).toBe('rich_text');
    const words = objectsIn(wire(facts === undefined ? [] : [facts])).flatMap(
      (object) => object['text'] ?? object['fallback'] ?? [],
    );
    expect(words.join('')).toBe(
      'Agent  orders-agent, run by Support  ·  Environment  production' +
        'Needs  2 people of payments  ·  Expires  2026-11-21 14:30 UTC, 30 minutes after the request' +
        'Credential  orders:refund for https://orders.example, 5 minutes, bearer',
    );
  });

  test('takes three lines for the facts, so that what would run comes into view', () => {
    const facts = wire(drawCard(makeRecord(), NOW).blocks.slice(1, 2));
    expect(objectsIn(facts).filter((object) => object['type'] === 'rich_text_section').length).toBe(3);
  });

  test('asks for one person in the singular', () => {
    const stages = [{ approvers: [{ group_id: 'grp_1', name: 'payments' }], quorum: 1 }];
    expect(wordsIn(drawCard(makeRecord({ requirement: { stages } }), NOW))).toContain('1 person of payments');
  });

  test('says "none" when no credential is granted', () => {
    expect(wordsIn(drawCard(makeRecord({ credential: null }), NOW))).toContain('Credential\n  \nnone');
  });

  test('shows the parameters in canonical order and marks the agent’s words as such', () => {
    const card = drawCard(makeRecord({ parameters: { currency: 'EUR', amount: 120 } }), NOW);
    expect(preformattedIn(card)).toBe('{\n  "amount": 120,\n  "currency": "EUR"\n}');
    expect(wordsIn(card)).toContain('Why (the agent’s words)\nThe parcel never arrived.');
    expect(wordsIn(card)).toContain('What will run (2 parameters)');
  });

  test('shows a script line by line, with a visible escape at each break', () => {
    const card = drawCard(makeRecord({ parameters: { script: 'begin;\n  drop table customers;\ncommit;\n' } }), NOW);
    expect(preformattedIn(card)).toBe('{\n  "script": "begin;\\n\n      drop table customers;\\n\n    commit;\\n"\n}');
  });

  test('says of its content what is true now: it will run, it was approved, or it would have run', () => {
    const labels: Readonly<Record<string, string>> = { approved: 'What was approved', pending: 'What will run' };
    for (const [state, record] of STATES) {
      const label = `${labels[record.request.state] ?? 'What would have run'} (2 parameters)`;
      expect([state, wordsIn(drawCard(record, NOW)).includes(label)]).toEqual([state, true]);
    }
  });

  test('leaves blank lines out of the agent’s words, so that they push nothing out of view', () => {
    const card = drawCard(makeRecord({ justification: `first${'\n'.repeat(40)}second` }), NOW);
    expect(wordsIn(card)).toContain('first\nsecond');
  });

  test('carries the end of the request id, a digest prefix and the rule; the whole id once the buttons are gone', () => {
    const record = makeRecord();
    const context = drawCard(record, NOW).blocks.find((block) => block.type === 'context');
    expect(JSON.stringify(context)).toContain(`"apr_…${record.request.id.slice(-8)}"`);
    const denied = deniedRecord();
    expect(wordsIn(drawCard(denied, NOW))).toContain(denied.request.id);
    expect(JSON.stringify(context)).toContain('digest sha256:abababababab');
    expect(JSON.stringify(context)).toContain('rule refunds need two people');
  });

  test('has Approve first and Review between it and Deny, each with a label that names the object', () => {
    const card = drawCard(makeRecord(), NOW);
    expect(buttonsIn(card)).toEqual(['approve', 'review', 'deny']);
    const buttons = objectsIn(wire(card)).filter((object) => object['type'] === 'button');
    expect(buttons.map((button) => [button['style'], button['accessibility_label']])).toEqual([
      ['primary', 'Approve orders.refund on order/A-1001'],
      [undefined, 'Review orders.refund on order/A-1001'],
      ['danger', 'Deny orders.refund on order/A-1001'],
    ]);
  });

  test('gives each button the request id and nothing else', () => {
    const record = makeRecord();
    const buttons = objectsIn(wire(drawCard(record, NOW))).filter((object) => object['type'] === 'button');
    expect(buttons.map((button) => button['value'])).toEqual(Array(3).fill(record.request.id));
  });

  test('tells by its block id which content it was drawn from', () => {
    const actions = drawCard(makeRecord(), NOW).blocks.find((block) => block.type === 'actions');
    expect(actions?.type === 'actions' ? shownDigest(actions.block_id) : null).toBe(DIGEST);
    expect(shownDigest('something.else')).toBe('');
  });

  test('says who has approved and how many are needed while it waits for more', () => {
    const card = drawCard(makeRecord({ revision: 2 }, { decisions: [APPROVAL] }), NOW);
    expect(wordsIn(card)).toContain('1 of 2\n approvals. Approved by \nFinance Lead\n (');
    expect(card.text).toContain('1 of 2 approvals. Approved by Finance Lead at 2026-11-21 14:01 UTC.');
    expect(buttonsIn(card)).toEqual(['approve', 'review', 'deny']);
  });

  test.each(STATES.slice(2))('has no button once it is over: %s', (_state, record) => {
    expect(buttonsIn(drawCard(record, NOW))).toEqual([]);
  });

  test.each([
    ['approved', approvedRecord(), ['Approved: orders.refund on order/A-1001', 'Finance Lead', 'Treasurer']],
    ['denied', deniedRecord(), ['Denied: orders.refund', 'Treasurer', '2026-11-21 14:01 UTC', '“Paid back already.”']],
    ['expired', STATES[4]?.[1], ['Expired: orders.refund', '0 of 2 approvals. Nothing runs.']],
    ['cancelled', STATES[5]?.[1], ['Cancelled: orders.refund', 'by the agent', '2026-11-21 14:05 UTC']],
  ] as const)('says in words how it ended, by whom, when and why: %s', (_state, record, words) => {
    const shown = wordsIn(drawCard(record ?? makeRecord(), NOW));
    for (const word of words) expect(shown).toContain(word);
  });

  test('keeps its blocks in the same order in every state, the state last', () => {
    const start = ['header', 'rich_text', 'rich_text', 'rich_text', 'context'];
    for (const [, record] of STATES) expect(kindsIn(drawCard(record, NOW)).slice(0, 5)).toEqual(start);
    expect(kindsIn(drawCard(makeRecord(), NOW)).slice(5)).toEqual(['actions']);
    expect(kindsIn(drawCard(deniedRecord(), NOW)).slice(5)).toEqual(['rich_text']);
  });

  test('leaves out the agent’s words when there are none', () => {
    expect(wordsIn(drawCard(makeRecord({ justification: null }), NOW))).not.toContain('Why');
  });

  test('has one sentence for notifications and screen readers', () => {
    expect(drawCard(makeRecord(), NOW).text).toBe(
      'Approval needed: orders.refund on order/A-1001, by orders-agent, run by Support, until 2026-11-21 14:30 UTC.',
    );
  });

  test('holds no markup at all: foreign text has nothing to break out of', () => {
    for (const [, record] of STATES) expect(mrkdwnIn(drawCard(record, NOW))).toEqual([]);
  });
});

const LEASE: Lease = {
  id: 'lse_1',
  grant_id: 'grt_1',
  request_id: 'apr_1',
  digest: DIGEST,
  use: 1,
  idempotency_key: null,
  jkt: null,
  state: 'active',
  issued_at: new Date('2026-11-21T14:03:00Z'),
  expires_at: new Date('2026-11-21T14:08:00Z'),
  used_at: null,
};
const GRANT = {
  id: 'grt_1',
  request_id: 'apr_1',
  digest: DIGEST,
  credential: { type: 'jwt', audience: 'a', scopes: ['s'], lifetime_seconds: 300 },
  claim_expires_at: new Date('2026-11-21T14:07:00Z'),
  ends_at: null,
  uses_max: 1,
  redeemed_at: null,
  redemptions: 0,
  uses: 0,
} as const;
const USED = { ...LEASE, state: 'used', used_at: new Date('2026-11-21T14:04:00Z') } as const;
const LATER = new Date('2026-11-21T14:20:00Z');
const RESULT = { status: 'succeeded', detail: null, result_digest: null, reported_at: NOW } as const;

describe('the closing line', () => {
  test.each([
    ['Not claimed yet; the agent may claim until 2026-11-21 14:07 UTC.', { grant: GRANT }, NOW],
    ['Approved, never claimed.', { grant: GRANT }, LATER],
    ['Claimed at 2026-11-21 14:03 UTC, not used yet.', { grant: GRANT, lease: LEASE }, NOW],
    ['Claimed at 2026-11-21 14:03 UTC, never used.', { grant: GRANT, lease: LEASE }, LATER],
    [
      'Claimed at 2026-11-21 14:03 UTC, revoked before it was used.',
      { grant: GRANT, lease: { ...LEASE, state: 'revoked' } },
      NOW,
    ],
    ['Used at 2026-11-21 14:04 UTC, no result reported yet.', { grant: GRANT, lease: USED }, NOW],
    ['Used at 2026-11-21 14:04 UTC, no result reported.', { grant: GRANT, lease: USED }, LATER],
    ['Ran at 2026-11-21 14:04 UTC, succeeded.', { grant: GRANT, lease: USED, result: RESULT }, NOW],
    [
      'Ran at 2026-11-21 14:04 UTC, failed: no stock.',
      { grant: GRANT, lease: USED, result: { ...RESULT, status: 'failed', detail: 'no stock' } },
      NOW,
    ],
    ['Ran at 2026-11-21 14:05 UTC, succeeded.', { result: RESULT }, NOW],
  ] as const)('tells approvers what happened: %s', (line, more, now) => {
    const card = drawCard(approvedRecord(more), now);
    expect(card.text.endsWith(` ${line}`)).toBe(true);
    expect(messageFaults(card)).toEqual([]);
  });

  test('is absent when nothing can have happened', () => {
    expect(drawCard(approvedRecord(), NOW).text).toMatch(/UTC\.$/);
    expect(drawCard(deniedRecord(), CREATED_AT).text).not.toContain('claimed');
  });
});
