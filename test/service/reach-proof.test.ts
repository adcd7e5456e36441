// Before a request waits, people who may count must be there: who is in a Slack user group is asked where it matters.

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type AskedSource, NOT_ASKED, type SourceAnswer, sourceKey } from '../../src/domain/people/membership.ts';
import { askingLately } from '../../src/process/member-sources.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { userGroupAnswer } from '../support/answers.ts';
import { makeClick, makePolicy, makeRuleFor, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let world: World;
let answers: readonly SourceAnswer[];
let questions: string[];

const group = (entry: object) => ({ members: [], slack_user_group: null, channel: 'C0PAYMENTS', ...entry });
beforeAll(async () => {
  database = await createTestDatabase();
  const made = makePolicy([
    makeRuleFor('dba/*', { approvers: ['dba'] }),
    makeRuleFor('two/*', { approvers: ['dba', 'payments'], quorum: 2 }),
    makeRuleFor('four/*', { approvers: ['dba', 'payments'], quorum: 4 }),
  ]);
  const { payments } = made.approver_groups;
  world = await makeWorld(database, {
    ...made,
    approver_groups: {
      payments,
      dba: group({ slack_user_group: 'S0DBA' }),
      night: group({ slack_user_group: 'S0NIGHT' }),
    },
    fallback: ['night'],
  } as typeof made);
  // Their accounts are known from a click.
  const request = await submit(world.deps, world.caller, makeSubmission({ resource: 'two/0' }));
  for (const name of ['olga', 'ann']) await decide(world.deps, makeClick(request, name));
});
afterAll(() => database.drop());
beforeEach(() => {
  questions = [];
});

const ask = (resource: string) => {
  const askLately = async (sources: readonly AskedSource[]) => {
    questions.push(...sources.map(sourceKey));
    return sources.map((source) => {
      const found = answers.find((answer) => sourceKey(answer.source) === sourceKey(source));
      return found ?? { source, asked_at: new Date(), members: [], digest: '', fault: NOT_ASKED };
    });
  };
  return submit({ ...world.deps, askLately }, world.caller, makeSubmission({ resource }));
};
const NIGHT = 'slack_user_group:S0NIGHT';
const DBA = 'slack_user_group:S0DBA';

test('where the listed people are enough nobody is asked', async () => {
  answers = [];
  await expect(ask('two/1')).resolves.toMatchObject({ state: 'pending' });
  expect(questions).toEqual([]);
});

test.each<[string, string, SourceAnswer[]]>([
  ['with somebody whom nobody has seen yet', 'dba/1', [userGroupAnswer('S0DBA', ['U0NEW'])]],
  ['that makes the others enough', 'four/1', [userGroupAnswer('S0DBA', ['U0ANN', 'U0NEW'])]],
])('a user group %s is asked, and is enough', async (_title, resource, now) => {
  answers = now;
  await expect(ask(resource)).resolves.toMatchObject({ state: 'pending' });
  expect(questions).toEqual([DBA]);
});

test.each<[string, SourceAnswer]>([
  ['nobody', userGroupAnswer('S0DBA', [])],
  ['the human behind the agent alone (INV-2)', userGroupAnswer('S0DBA', ['U0OLGA'])],
  ['nobody any more, since it is gone', { ...userGroupAnswer('S0DBA', []), fault: 'no_such_subteam' }],
])('with %s it is refused where the fallback has nobody either, and stood in for where it has', async (_title, now) => {
  answers = [now, userGroupAnswer('S0NIGHT', [])];
  await expect(ask('dba/2')).rejects.toMatchObject({
    code: 'quorum_unreachable',
    details: { missing: [{ group: 'dba', eligible: 0 }], fallback: ['night'] },
  });
  answers = [now, userGroupAnswer('S0NIGHT', ['U0NEW'])];
  await expect(ask('dba/3')).resolves.toMatchObject({ state: 'pending' });
  expect(questions).toContain(NIGHT);
});

test('who is in the user group and listed as well is one person (INV-1)', async () => {
  answers = [userGroupAnswer('S0DBA', ['U0ANN']), userGroupAnswer('S0NIGHT', [])];
  await expect(ask('four/2')).rejects.toMatchObject({ code: 'quorum_unreachable', details: { eligible: 3 } });
});

test('while it cannot be asked requests are made: who may decide is asked at the click', async () => {
  answers = [];
  await expect(ask('dba/4')).resolves.toMatchObject({ state: 'pending' });
  expect(questions).toEqual([DBA]);
});

test('many who ask within a minute are one question to Slack, and one that fails is no failure of theirs', async () => {
  let calls = 0;
  const lately = askingLately(async ([source]) => {
    calls += 1;
    if (source?.kind !== 'slack_user_group' || source.id === 'S0GONE') throw new Error('Slack is away');
    return [userGroupAnswer(source.id, ['U0ANN'])];
  });
  const dba = { kind: 'slack_user_group', id: 'S0DBA' } as const;
  const gone = { kind: 'slack_user_group', id: 'S0GONE' } as const;
  const [first, second] = await Promise.all([lately([dba, gone]), lately([dba])]);
  expect([first[0]?.members, second[0]?.members, first[1]?.fault]).toEqual([
    ['T0ACME/U0ANN'],
    ['T0ACME/U0ANN'],
    NOT_ASKED,
  ]);
  expect([(await lately([gone]))[0]?.fault, calls]).toEqual([NOT_ASKED, 2]);
});
