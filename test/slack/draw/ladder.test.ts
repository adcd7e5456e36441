// The ladder of a request with several stages on its card, in lists and in answers.

import { describe, expect, test } from '@jest/globals';
import type { Requirement } from '../../../src/domain/request/request.ts';
import { answerCounted, answerRefused } from '../../../src/slack/draw/answers.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { lengthOf } from '../../../src/slack/draw/card-limits.ts';
import { drawReminder } from '../../../src/slack/draw/small-cards.ts';
import { drawHome } from '../../../src/slack/draw/waiting-list.ts';
import { wordsIn } from './drawn.ts';
import { APPROVAL, CREATED_AT, makeRecord, NOW, SECOND_APPROVAL } from './request-records.ts';

const group = (name: string) => ({ group_id: `grp_${name}`, name });
const REQUIREMENT: Requirement = {
  stages: [
    { approvers: [group('payments')], quorum: 1 },
    { approvers: [group('dba'), group('leads')], quorum: 2, each: true },
    { approvers: [group('board')], quorum: 1 },
  ],
};
const FIRST = { ...APPROVAL, group_ids: ['grp_payments'] };
const SECOND = { ...SECOND_APPROVAL, stage: 1, group_ids: ['grp_dba'] };
const linesOf = (record: ReturnType<typeof makeRecord>) => wordsIn(drawCard(record, NOW)).replace(/\s+/g, ' ');

describe('the card of a request with several stages', () => {
  test('shows what is needed now and what comes then', () => {
    const words = linesOf(makeRecord({ requirement: REQUIREMENT }));
    expect(words).toContain('Needs 1 person of payments');
    expect(words).toContain('Now 1 person of payments');
    expect(words).toContain('Then 2 people of dba and leads, at least one of each');
    expect(words).toContain('Then 1 person of board');
  });

  test('shows what is done, by whom, and who is still missing of every group', () => {
    const record = makeRecord({ requirement: REQUIREMENT }, { decisions: [FIRST, SECOND] });
    const words = linesOf(record);
    expect(words).toContain('Done 1 person of payments: Finance Lead');
    expect(words).toContain('Now 2 people of dba and leads, at least one of each: Treasurer');
    expect(wordsIn(drawReminder(record))).toContain('Needs 1 more of leads');
    expect(wordsIn(drawHome({ items: [record], has_more: false }))).toContain('Needs 2 people of dba and leads');
  });

  test('shows where it ended, and promises nothing after that', () => {
    const words = linesOf(
      makeRecord({ requirement: REQUIREMENT, state: 'expired', closed_at: NOW }, { decisions: [FIRST] }),
    );
    expect(words).toContain('Not done 2 people of dba and leads');
    expect(words).toContain('Not reached 1 person of board');
    expect(words).not.toContain('Then');
  });

  test('is that of before where there is one stage', () => {
    expect(linesOf(makeRecord())).not.toMatch(/(Now|Then)/);
  });

  test('names few of many stages, whatever their groups are called', () => {
    const many = Array.from({ length: 10 }, () => ({
      approvers: [group('&'.repeat(100)), group('<'.repeat(100))],
      quorum: 20,
    }));
    const record = makeRecord({ requirement: { stages: many } });
    expect(linesOf(record)).toContain('6 more stages');
    expect(lengthOf(JSON.stringify(drawCard(record, NOW).blocks))).toBeLessThan(10_000);
  });
});

test('who completes a stage is told that, and what is needed then', () => {
  const record = makeRecord({ requirement: REQUIREMENT }, { decisions: [FIRST] });
  expect(wordsIn(answerCounted(record, 'approve'))).toContain('its stage complete; it needs 2 more of dba and leads');
  expect(wordsIn(answerRefused(record, 'not_in_group', 'U0ELSE'))).toContain('members of dba and leads decide on this');
});

test('what happened on a later day is told with its day', () => {
  const at = (hours: number) => new Date(CREATED_AT.getTime() + hours * 3_600_000);
  const approvedAt = (hours: number) =>
    makeRecord(
      { requirement: REQUIREMENT, expires_at: at(700) },
      { decisions: [FIRST, { ...SECOND, decided_at: at(hours) }] },
    );
  expect(JSON.stringify(drawCard(approvedAt(1), NOW).blocks)).not.toMatch(/Approved by.*date_short_pretty/);
  expect(JSON.stringify(drawCard(approvedAt(30), NOW).blocks)).toMatch(/Approved by.*date_short_pretty/);
});
