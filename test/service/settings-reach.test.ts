// What Settings says of who could decide, before a change is made: each human once in a stage, as the decision counts them.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PolicyDocument, Rule } from '../../src/domain/policy/policy.ts';
import { reachUnder, sourcesUnder } from '../../src/service/admin/settings-reach.ts';
import { onCallAnswer, userGroupAnswer } from '../support/answers.ts';
import { apply, makePerson, makePolicy, makeRuleFor, makeWorld, setActive, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

const group = (entry: object) => ({ members: [], slack_user_group: null, channel: 'C0PAYMENTS', ...entry });
const on_call = { url: 'https://oncall.example/sre', among: ['payments'] };
const document: PolicyDocument = {
  ...makePolicy([]),
  people: [{ email: 'ann@example.com', name: 'Ann', slack: ['T0ACME/U0ANN'] }],
  approver_groups: {
    payments: group({ members: ['ann@example.com', 'ben@example.com'] }),
    board: group({ members: ['ben@example.com'] }),
    dba: group({ slack_user_group: 'S0DBA' }),
    leads: group({ groups: ['payments', 'dba'] }),
    duty: group({ on_call }),
    off: group({ members: ['off@example.com'] }),
  },
};
const DBA = userGroupAnswer('S0DBA', ['U0ANN', 'U0CAT']);
const DUTY = onCallAnswer({ kind: 'on_call', format: 'json', url: on_call.url }, [
  'ben@example.com',
  'stranger@example.com',
]);

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  await apply(world.service, document);
  await makePerson(world.service, 'off@example.com');
  await setActive(world, database, { address: 'off@example.com', is_active: false });
});
afterAll(() => database.drop());

type Entry = Partial<PolicyDocument>;
async function reachOf(changes: Partial<Rule>, more: Entry = {}) {
  const changed = { ...document, ...more };
  const rules = [makeRuleFor('reach/*', changes)];
  const stages = await world.service.transact(TENANT, (tx) =>
    reachUnder(tx, { document: changed, rules, answers: [DBA, DUTY] }),
  );
  return stages.map(({ people, from_sources, is_enough, by_fallback }) => [
    people,
    from_sources,
    is_enough,
    by_fallback,
  ]);
}
const stages = (...of: { approvers: string[]; quorum: number; each?: true }[]) => ({ approvers: [], stages: of });

test.each<[string, Partial<Rule>, Entry, unknown]>([
  ['who is listed and in a Slack user group is one', { approvers: ['leads'], quorum: 3 }, {}, [[3, 1, true, false]]],
  ['so four are not there', { approvers: ['leads'], quorum: 4 }, {}, [[3, 1, false, false]]],
  ['a Slack user group has who is in it now', { approvers: ['dba'], quorum: 2 }, {}, [[2, 2, true, false]]],
  ['who is on call counts among its people alone', { approvers: ['duty'], quorum: 1 }, {}, [[1, 1, true, false]]],
  ['who is deactivated is nobody', { approvers: ['off'], quorum: 1 }, {}, [[0, 0, false, false]]],
  [
    'one who could fill either stage fills one',
    stages({ approvers: ['board'], quorum: 1 }, { approvers: ['board'], quorum: 1 }),
    {},
    [
      [1, 0, true, false],
      [1, 0, false, false],
    ],
  ],
  [
    'unless the rule lets people count in two',
    { ...stages({ approvers: ['board'], quorum: 1 }, { approvers: ['board'], quorum: 1 }), distinct_stages: false },
    {},
    [
      [1, 0, true, false],
      [1, 0, true, false],
    ],
  ],
  [
    'where each group needs a person of its own, one in both is not enough',
    stages({ approvers: ['board', 'duty'], quorum: 2, each: true }),
    {},
    [[1, 0, false, false]],
  ],
  [
    'those of fallback stand in where too few are left',
    { approvers: ['board'], quorum: 2 },
    { fallback: ['payments'] },
    [[1, 0, true, true]],
  ],
  [
    'in the place of a group that has nobody, where each needs a person of its own',
    stages({ approvers: ['board', 'off'], quorum: 2, each: true }),
    { fallback: ['payments'] },
    [[1, 0, true, true]],
  ],
  [
    'and in no other place, however many the other groups have',
    stages({ approvers: ['payments', 'off'], quorum: 2, each: true }),
    { fallback: ['off'] },
    [[2, 0, false, false]],
  ],
  [
    'and are not enough where they are the same people',
    { approvers: ['board'], quorum: 2 },
    { fallback: ['board'] },
    [[1, 0, false, false]],
  ],
])('%s', async (_what, changes, more, expected) => {
  expect(await reachOf(changes, more)).toEqual(expected);
});

test('each source is asked that a rule rests on, also inside other groups and of those among whom it chooses', () => {
  const kinds = (name: string, more: Entry = {}) =>
    sourcesUnder({ ...document, ...more }, [makeRuleFor('x', { approvers: [name] })]).map(({ kind }) => kind);
  expect(kinds('payments')).toEqual([]);
  expect(kinds('leads')).toEqual(['slack_user_group']);
  expect(kinds('duty')).toEqual(['on_call']);
  expect(kinds('payments', { fallback: ['dba'] })).toEqual(['slack_user_group']);
  const among = { ...on_call, among: ['leads'] };
  const groups = { ...document.approver_groups, duty: group({ on_call: among }) };
  expect(kinds('duty', { approver_groups: groups }).sort()).toEqual(['on_call', 'slack_user_group']);
});
