// A card by its place: buttons only where its groups are asked now, a call where it is urgent, and what became of a change
// of policy that was left behind.

import { expect, test } from '@jest/globals';
import { POLICY_APPLY } from '../../../src/domain/policy/proposal.ts';
import type { Stage } from '../../../src/domain/request/request.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { drawMinimalCard } from '../../../src/slack/draw/small-cards.ts';
import { messageFaults, wordsIn } from './drawn.ts';
import { makeRecord, NOW } from './request-records.ts';

const PLACE = { is_asked: true, user_groups: [], has_others: true };
const stages: readonly Stage[] = [{ approvers: [{ group_id: 'grp_1', name: 'payments' }], quorum: 1 }];
const kinds = (blocks: readonly { readonly type: string }[]) => blocks.map(({ type }) => type);

test('a card whose groups are not asked any more has no buttons, and says the rest', () => {
  const record = makeRecord();
  const [open, over] = [PLACE, { ...PLACE, is_asked: false }].map((place) => drawCard(record, NOW, place).blocks);
  expect(kinds(over ?? [])).toEqual(kinds(open ?? []).filter((type) => type !== 'actions'));
  expect(kinds(drawMinimalCard(record, NOW, false).blocks)).not.toContain('actions');
});

test('an urgent card calls its user groups, and everybody in the channel of people whom the policy lists', () => {
  const urgent = makeRecord({ requirement: { stages, urgent: true } });
  const card = drawCard(urgent, NOW, { ...PLACE, user_groups: ['S0DBA'] });
  const parts = JSON.stringify(card.blocks);
  expect(parts).toContain('{"type":"usergroup","usergroup_id":"S0DBA"}');
  expect(parts).toContain('{"type":"broadcast","range":"channel"}');
  expect(messageFaults(card)).toEqual([]);
  const calm = [drawCard(makeRecord(), NOW, PLACE), drawCard(urgent, NOW, { ...PLACE, is_asked: false })];
  for (const { blocks } of calm) expect(JSON.stringify(blocks)).not.toMatch(/usergroup|broadcast/);
});

test('a change of policy that was left behind says that another one took its place, not that an agent cancelled it', () => {
  const superseded = drawCard(makeRecord({ action: POLICY_APPLY, state: 'cancelled', closed_at: NOW }), NOW);
  expect(wordsIn(superseded)).toContain('another change of the policy took its place. Nothing is applied.');
  expect(wordsIn(superseded)).not.toContain('by the agent');
  expect(wordsIn(drawCard(makeRecord({ state: 'cancelled', closed_at: NOW }), NOW))).toContain('by the agent');
});
