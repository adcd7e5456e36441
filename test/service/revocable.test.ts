// What a person sees that they may take back, and takes back: what they approved, what their agent has, or all of it.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decide } from '../../src/service/approver/decide.ts';
import { revokeByPerson } from '../../src/service/approver/revoke.ts';
import { listWaitingFor } from '../../src/service/approver/waiting.ts';
import {
  makeClick,
  makePerson,
  makePolicy,
  makeProfile,
  makeRule,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, { ...makePolicy([makeRule()]), roles: { admin: ['ada@example.com'] } });
  for (const name of ['ada', 'zoe']) await makePerson(world.service, `${name}@example.com`);
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function approvedBy(name: string) {
  const request = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(request, name));
  return request;
}
async function seenBy(name: string): Promise<readonly string[]> {
  const input = { tenant_id: TENANT, profile: makeProfile(name), answers: [], limit: 10 };
  const answer = await listWaitingFor(world.deps, input);
  return answer.kind === 'listed' ? (answer.revocable ?? []).map(({ request }) => request.id) : [answer.refusal];
}

test('each sees what they approved, what their agent has, or by their role all of it, until nothing of it is left', async () => {
  const [of_ann, of_ben] = [await approvedBy('ann'), await approvedBy('ben')];
  const both = [of_ben.id, of_ann.id];
  expect(await seenBy('ann')).toEqual([of_ann.id]);
  expect(await seenBy('ben')).toEqual([of_ben.id]);
  for (const name of ['olga', 'ada']) expect([name, await seenBy(name)]).toEqual([name, both]);
  for (const name of ['cat', 'zoe']) expect([name, await seenBy(name)]).toEqual([name, []]);
  const { token, lease } = await api.claim(world.caller, of_ann.id);
  expect(await seenBy('ann')).toEqual([of_ann.id]);
  await api.use({ lease_id: lease.id, token, digest: of_ann.digest });
  expect(await seenBy('ann')).toEqual([]);
  const by = (profile: ReturnType<typeof makeProfile>) =>
    revokeByPerson(world.deps, { tenant_id: TENANT, request_id: of_ben.id, profile });
  for (const profile of [
    makeProfile('ann'),
    makeProfile('zoe'),
    makeProfile('ben', { is_bot: true, user_id: 'U0BOT' }),
  ])
    await expect(by(profile)).rejects.toMatchObject({ code: 'permission_missing' });
  expect(await by(makeProfile('ben'))).toMatchObject({ kind: 'revoked' });
  expect(await seenBy('ada')).toEqual([]);
  const { outcome } = await api.readRequest(world.caller, of_ben.id);
  expect(outcome).toMatchObject({ revocation: { by: expect.stringContaining('ben') } });
});
