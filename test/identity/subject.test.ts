// Whom a credential names: the person that the request was made for, as it was settled then, whoever has the address since.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { endAddress, mergePeople, moveAddress } from '../../src/service/admin/people.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makePerson, makeSubmission, OPERATOR, type World } from '../support/builders.ts';
import { TENANT, type TestDatabase } from '../support/database.ts';
import { openTestApi, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database, world, api, close } = await openTestApi());
});
afterAll(() => close());

const idOf = (address: string) => makePerson(world.service, address);
const by = { tenant_id: TENANT, operator: OPERATOR };

/** Approved, for whoever has the address at that moment. */
async function approvedFor(on_behalf_of: string): Promise<string> {
  const request = await api.submit(world.caller, makeSubmission({ on_behalf_of }));
  expect(await decide(world.deps, makeClick(request, 'ann'))).toMatchObject({ kind: 'counted' });
  return request.id;
}

/** Who the credential says it is for, and who acts. */
async function subjectAtClaim(id: string) {
  const { token } = await api.claim(world.caller, id);
  const { sub, act } = decodeJwt(token);
  return { sub, act };
}

test.each([
  [
    'that was given to another person',
    (address: string) => moveAddress(world.service, { ...by, address, to: 'cat@example.com' }),
  ],
  [
    'that is another person’s by now, since nobody had it for a while',
    async (address: string) => {
      await endAddress(world.service, { ...by, address });
      await moveAddress(world.service, { ...by, address, to: 'ben@example.com' });
    },
  ],
  ['that is nobody’s any more', (address: string) => endAddress(world.service, { ...by, address })],
])('an address %s between ask and claim changes nothing about whom the credential names', async (name, change) => {
  for (const other of ['ben@example.com', 'cat@example.com']) await idOf(other);
  const address = `asked-${name.length}@example.com`;
  const person_id = await idOf(address);
  // Known by another address too, as somebody whose first one is taken away must be.
  await moveAddress(world.service, { ...by, address: `second-${name.length}@example.com`, to: address });
  const request_id = await approvedFor(address);
  await change(address);
  expect(await subjectAtClaim(request_id)).toEqual({ sub: person_id, act: { sub: world.caller.id } });
});

test('who was joined to another person since is named by the kept one', async () => {
  await idOf('before@example.com');
  const kept = await idOf('after@example.com');
  const request_id = await approvedFor('before@example.com');
  await mergePeople(world.service, { ...by, who: 'before@example.com', into: 'after@example.com' });
  expect(await subjectAtClaim(request_id)).toEqual({ sub: kept, act: { sub: world.caller.id } });
});

test('an address is the same person however it was written', async () => {
  const request_id = await approvedFor('Pia@BÜCHER.example');
  expect(await subjectAtClaim(request_id)).toMatchObject({ sub: await idOf('pia@xn--bcher-kva.example') });
});

test('asked for nobody, the credential names the agent itself, and nobody acts for it', async () => {
  const request = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(request, 'ann'));
  expect(await subjectAtClaim(request.id)).toEqual({ sub: world.caller.id, act: undefined });
});

test('whom a request is for is never written anew, and each that is for somebody says whom', async () => {
  const request_id = await approvedFor('kept@example.com');
  const other = await idOf('ann@example.com');
  const write = (sql: string) => database.transact(TENANT, (tx) => tx.query(sql, [request_id, other]));
  await expect(
    write('update placet.approval_requests set on_behalf_of_person_id = $2 where id = $1'),
  ).rejects.toMatchObject({ cause: { code: '42501' } });
  await expect(
    database.asSuperuser('update placet.approval_requests set on_behalf_of_person_id = null where id = $1', [
      request_id,
    ]),
  ).rejects.toThrow('approval_requests_on_behalf_of_person');
});
