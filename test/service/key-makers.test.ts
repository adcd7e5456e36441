// Whoever gets a key of an agent while its requests are on their way, on real rows: nobody acts on their own approval.

import { expect, test } from '@jest/globals';
import * as agents from '../../src/db/agents.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { listWaitingFor } from '../../src/service/approver/waiting.ts';
import { makeClick, makePerson, makeProfile, makeSubmission, makeWorld } from '../support/builders.ts';
import { createTestDatabase, TENANT } from '../support/database.ts';
import { createTestUseCases } from '../support/use-cases.ts';

test('who gets a key of an agent counts no more for what it asked before: at the click, in the list, at the claim (INV-2)', async () => {
  const database = await createTestDatabase();
  const world = await makeWorld(database);
  const api = createTestUseCases(database);
  const ask = (resource: string) => api.submit(world.caller, makeSubmission({ resource }));
  const waiting = async (name: string) => {
    const of = { tenant_id: TENANT, profile: makeProfile(name), answers: [], limit: 10 };
    const answer = await listWaitingFor(world.deps, of);
    return answer.kind === 'listed' ? answer.items.map(({ request }) => request.id) : [];
  };
  const [pending, approved, other] = [await ask('order/A-1'), await ask('order/B-2'), await ask('order/C-3')];
  expect(await decide(world.deps, makeClick(approved, 'ben'))).toMatchObject({ kind: 'counted' });
  expect(await decide(world.deps, makeClick(other, 'cat'))).toMatchObject({ kind: 'counted' });
  const ben = await makePerson(world.service, 'ben@example.com');
  await database.transact(TENANT, (tx) => agents.addBehind(tx, world.caller.id, [ben]));
  expect(await decide(world.deps, makeClick(pending, 'ben'))).toMatchObject({ refusal: 'was_requester' });
  expect([await waiting('ben'), await waiting('cat')]).toEqual([[], [pending.id]]);
  await expect(api.claim(world.caller, approved.id)).rejects.toMatchObject({ code: 'quorum_lost' });
  expect(await api.claim(world.caller, other.id)).toHaveProperty('token');
  expect(await decide(world.deps, makeClick(pending, 'cat'))).toMatchObject({ kind: 'counted' });
  await api.close();
  await database.drop();
});
