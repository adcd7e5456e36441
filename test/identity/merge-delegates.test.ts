// People who are away turn out to be somebody else, or one: what was decided in their place is counted anew, and reported.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tally } from '../../src/domain/request/stages.ts';
import { mergePeople } from '../../src/service/admin/people.ts';
import { readCard } from '../../src/service/approver/approver.ts';
import { decide } from '../../src/service/approver/decide.ts';
import {
  makeAgent,
  makeClick,
  makePerson,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  OPERATOR,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

const AWAY = Array.from({ length: 6 }, (_, at) => `away${at}`);
const VERIFY = readFileSync(new URL('../../docs/verify.md', import.meta.url), 'utf8');
const emailOf = (name: string) => `${name}@example.com`;

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  const made = makePolicy([makeRule({ quorum: 2 }), makeRuleFor('three/*', { quorum: 3 })]);
  const people = AWAY.map((name) => ({
    ...{ email: emailOf(name), name, slack: [] },
    away: { until: '2999-12-24', delegate: emailOf(`for-${name}`) },
  }));
  const members = ['ann', 'ben', ...AWAY].map(emailOf);
  const payments = { members, slack_user_group: null, channel: 'C0PAYMENTS' };
  world = await makeWorld(database, { ...made, people, approver_groups: { payments } });
  api = createTestUseCases(database);
  for (const name of AWAY) await makePerson(world.service, emailOf(name));
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function approvedBy(names: readonly string[], resource = 'order/A-1', caller = world.caller) {
  const request = await api.submit(caller, makeSubmission({ resource }));
  for (const name of names)
    expect(await decide(world.deps, makeClick(request, name))).toMatchObject({ kind: 'counted' });
  return request;
}
async function ranBy(names: readonly string[], caller = world.caller) {
  const request = await approvedBy(names, 'order/A-4', caller);
  const { token, lease } = await api.claim(caller, request.id);
  await api.use({ lease_id: lease.id, token, digest: request.digest });
  return request.id;
}
const mergeNamed = (who: string, into: string) =>
  mergePeople(world.service, { tenant_id: TENANT, who: emailOf(who), into: emailOf(into), operator: OPERATOR });
/** What the statement of docs/verify.md with these words in it finds. */
async function foundBy(mark: string): Promise<Record<string, unknown>[]> {
  const blocks = [...VERIFY.matchAll(/^```sql empty\n([\s\S]*?)^```$/gm)].map(([, sql = '']) => sql);
  const [sql] = blocks.filter((text) => text.includes(mark));
  expect(sql).toBeDefined();
  return database.asSuperuser(sql ?? '');
}

test('whoever was stood in for and approved as well, was stood in for twice, or stands behind it, is found (INV-1, INV-2, INV-10)', async () => {
  const owned = await makeAgent(world.service, emailOf('other-owner'));
  const itself = await ranBy(['for-away0', 'ann']);
  const twice = await ranBy(['for-away1', 'for-away2']);
  const behind = await ranBy(['for-away3', 'ben'], owned);
  const fine = await ranBy(['for-away0', 'ben']);
  const found = async () => ({
    executed: (await foundBy('placet.executed_without_approval')).map(({ request_id }) => request_id).sort(),
    voices: (await foundBy('o.id <> d.id')).length,
    excluded: (await foundBy('excluded_now')).length,
  });
  expect(await found()).toEqual({ executed: [], voices: 0, excluded: 0 });
  expect(await mergeNamed('ann', 'away0')).toMatchObject({ executed_without_approval: 1 });
  expect(await found()).toEqual({ executed: [itself], voices: 1, excluded: 0 });
  expect(await mergeNamed('away1', 'away2')).toMatchObject({ executed_without_approval: 1 });
  expect(await found()).toEqual({ executed: [itself, twice].sort(), voices: 3, excluded: 0 });
  expect(await mergeNamed('away3', 'other-owner')).toMatchObject({ executed_without_approval: 1 });
  expect(await found()).toEqual({ executed: [itself, twice, behind].sort(), voices: 3, excluded: 1 });
  expect((await found()).executed).not.toContain(fine);
});

test('what waits is counted anew: two delegates of one human are one voice (INV-1)', async () => {
  const { id } = await approvedBy(['for-away4', 'for-away5'], 'three/1');
  expect(await mergeNamed('away4', 'away5')).toMatchObject({ recounted: 1 });
  const { request, decisions } = await readCard(world.service, TENANT, id);
  expect(tally(request, decisions)).toEqual({ approvals: 1, quorum: 3 });
});
