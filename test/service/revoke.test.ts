// Revoke: what an approval gave is taken back for good, by those who may and nobody else; nothing runs after it.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as contentViews from '../../src/db/content-views.ts';
import type { AdminTokenPrincipal, PersonPrincipal } from '../../src/domain/people/principal.ts';
import { newId } from '../../src/process/wiring.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { advance } from '../../src/service/clock/advance.ts';
import type { Revoker } from '../../src/service/revoke-lease.ts';
import {
  CREDENTIAL,
  makeAgent,
  makeClick,
  makePerson,
  makePolicy,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  OPERATOR,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf, leasesOf } from '../support/rows.ts';
import { shifted } from '../support/shifted.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

const RACES = 25;
const PARALLEL = 200;
const SUCCEEDED = { status: 'succeeded', detail: null, result_digest: null } as const;

let database: TestDatabase;
let world: World;
let api: TestUseCases;
/** The same database when time has passed. */
let moved: TestDatabase['transact'];
let pass: (seconds: number) => void;
let later: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  const several = makeRuleFor('batch/*', { credential: { ...CREDENTIAL, uses: 3, window_seconds: 600 } });
  const bare = makeRuleFor('bare/*', { credential: null });
  const free = makeRuleFor('free/*', { effect: 'allow', approvers: [] });
  const policy = makePolicy([several, bare, free, makeRuleFor('order/*')]);
  world = await makeWorld(database, { ...policy, roles: { admin: ['ada@example.com'], viewer: ['vic@example.com'] } });
  api = createTestUseCases(database);
  ({ transact: moved, pass } = shifted(database.transact));
  later = createTestUseCases({ ...database, transact: moved });
});
afterAll(async () => {
  await api.close();
  await later.close();
  await database.drop();
});

async function approved(resource = 'order/A-1') {
  const request = await api.submit(world.caller, makeSubmission({ resource }));
  if (request.state === 'pending') await decide(world.deps, makeClick(request, 'ann'));
  return request;
}
type Request = Awaited<ReturnType<typeof approved>>;
const claim = (request: Request) => api.claim(world.caller, request.id);
type Claimed = Awaited<ReturnType<typeof claim>>;
const use = ({ digest }: Request, { token, lease }: Claimed) => api.use({ lease_id: lease.id, token, digest });
const revoke = ({ id: request_id }: Pick<Request, 'id'>, by: Revoker = world.caller) =>
  api.revokeLease({ tenant_id: TENANT, of: { request_id }, by });
const start = ({ id, digest }: Request) => api.start(world.caller, { id, idempotency_key: 'run', digest });
const report = ({ id }: Request, status: 'succeeded' | 'failed' = 'succeeded') =>
  api.report({ caller: world.caller }, id, { ...SUCCEEDED, status });
const outcomeOf = async ({ id }: Request) => (await api.readRequest(world.caller, id)).outcome;
const violations = () => database.transact(TENANT, (tx) => contentViews.countViolations(tx));
const NONE = { executed_without_approval: 0, executed_twice: 0 };

async function person(name: string, changes: Partial<PersonPrincipal> = {}): Promise<PersonPrincipal> {
  const id = await makePerson(world.service, `${name}@example.com`);
  return { kind: 'person', id, via: 'slack', account: `T0ACME/U0${name.toUpperCase()}`, is_active: true, ...changes };
}

test('a lease that its agent gave back is used by nobody, nor is anything claimed, begun or told of after it', async () => {
  const request = await approved('batch/1');
  const first = await claim(request);
  await use(request, first);
  await report(request);
  const live = await claim(request);
  const answer = await revoke(request);
  expect(answer).toEqual({
    ...{ kind: 'revoked', request_id: request.id, lease_id: live.lease.id },
    revoked_at: expect.any(Date),
  });
  await expect(use(request, live)).rejects.toMatchObject({ code: 'lease_revoked' });
  await expect(claim(request)).rejects.toMatchObject({ code: 'approval_revoked' });
  await expect(start(request)).rejects.toMatchObject({ code: 'approval_revoked' });
  await expect(report(request)).rejects.toMatchObject({ code: 'lease_revoked' });
  await expect(report(request, 'failed')).resolves.toMatchObject({ status: 'failed' });
  // Once more is the same answer, whoever asks, and nothing is written twice.
  expect(await revoke(request, OPERATOR)).toEqual({ ...answer, kind: 'unchanged' });
  expect(await eventsOf(database, request.id, 'approval.revoked')).toHaveLength(1);
  expect(await eventsOf(database, request.id, 'lease.revoked')).toHaveLength(1);
  // The agent learns it as data, by whom and when.
  expect(await outcomeOf(request)).toMatchObject({
    ...{ grant: { redemptions: 2, uses: 1 }, lease: { id: live.lease.id, state: 'revoked', used_at: null } },
    revocation: { at: answer.revoked_at, by: world.caller.name },
  });
  expect(await violations()).toEqual(NONE);
});

test.each([
  { title: 'before it was claimed', resource: 'order/A-1', code: 'approval_revoked' },
  { title: 'where the rule allowed it without people', resource: 'free/1', code: 'approval_revoked' },
  { title: 'where its rule grants no credential', resource: 'bare/1', code: 'approval_revoked' },
])('what is revoked $title is neither claimed nor begun nor said to have run', async ({ resource, code }) => {
  const request = await approved(resource);
  expect(await revoke(request)).toMatchObject({ kind: 'revoked', lease_id: null });
  await expect(claim(request)).rejects.toMatchObject({ code });
  await expect(start(request)).rejects.toMatchObject({ code });
  for (const status of ['succeeded', 'failed'] as const)
    await expect(report(request, status)).rejects.toMatchObject({ code });
  expect(await leasesOf(database, request.id)).toEqual([]);
  expect(await violations()).toEqual(NONE);
});

describe('nothing is left to revoke', () => {
  test.each([
    { title: 'of a request that waits, with not_approved', play: async () => undefined, code: 'not_approved' },
    { title: 'once it was used', play: async (request: Request) => use(request, await claim(request)) },
    { title: 'once it was begun', play: start },
    { title: 'once it was told how it went', play: report },
  ])('$title', async ({ play, code = 'nothing_to_revoke' }) => {
    const request = code === 'not_approved' ? await api.submit(world.caller, makeSubmission()) : await approved();
    await play(request);
    await expect(revoke(request)).rejects.toMatchObject({ code });
    expect(await eventsOf(database, request.id, 'approval.revoked')).toEqual([]);
  });

  test('by a lease that is over: what may still be claimed under its approval stays', async () => {
    const request = await approved('batch/1');
    const first = await claim(request);
    await use(request, first);
    const of = { lease_id: first.lease.id };
    await expect(api.revokeLease({ tenant_id: TENANT, of, by: world.caller })).rejects.toMatchObject({
      code: 'nothing_to_revoke',
    });
    const live = await claim(request);
    const by_lease = { tenant_id: TENANT, of: { lease_id: live.lease.id }, by: world.caller };
    expect(await api.revokeLease(by_lease)).toMatchObject({ kind: 'revoked', request_id: request.id });
  });

  test('of an approval whose time is over, and its lease has ended by itself', async () => {
    const request = await approved();
    await claim(request);
    pass(400);
    const late = later.revokeLease({ tenant_id: TENANT, of: { request_id: request.id }, by: OPERATOR });
    await expect(late).rejects.toMatchObject({ code: 'nothing_to_revoke' });
    const undeliverable = { after_seconds: 60, admin_channel: null };
    await advance({ transact: moved, newId, undeliverable }, { tenant_id: TENANT, request_id: request.id });
    expect(await outcomeOf(request)).toMatchObject({ lease: { state: 'expired' }, revocation: null });
  });
});

describe('who may revoke', () => {
  const bearing = (owner_person_id: string): AdminTokenPrincipal => ({
    ...{ kind: 'admin_token', id: 'tok_none', via: 'api', tenant_id: TENANT, name: 'robot', role: 'admin' },
    ...{ owner_person_id, maker_person_id: null, permissions: ['leases.revoke'] },
  });

  test('an approver who decided it, the owner of its agent, who has the permission, and whoever runs Placet', async () => {
    const people = await Promise.all(['ann', 'olga', 'ada'].map((name) => person(name)));
    const names = ['Ann', 'olga@example.com', 'ada@example.com', 'an operator'];
    for (const [place, by] of [...people, OPERATOR].entries()) {
      const request = await approved();
      expect(await revoke(request, by)).toMatchObject({ kind: 'revoked' });
      expect(await outcomeOf(request)).toMatchObject({ revocation: { by: names[place] } });
    }
  });

  test('nobody else: another agent learns nothing, and a role is looked at as it is now', async () => {
    const request = await approved();
    const other = await makeAgent(world.service);
    await expect(revoke(request, other)).rejects.toMatchObject({ code: 'not_found' });
    const strangers = ['ben', 'vic', 'zoe'].map((name) => person(name));
    const asleep = [person('ann', { is_active: false }), person('ada', { is_active: false })];
    for (const by of await Promise.all([...strangers, ...asleep]))
      await expect(revoke(request, by)).rejects.toMatchObject({ code: 'permission_missing' });
    await expect(revoke(request, bearing('prs_none'))).rejects.toMatchObject({ code: 'admin_token_invalid' });
    const gone = { id: 'apr_none' };
    await expect(revoke(gone, OPERATOR)).rejects.toMatchObject({ code: 'not_found' });
    expect(await outcomeOf(request)).toMatchObject({ revocation: null });
  });
});

test('of a revocation and two hundred uses at once, nothing is used after it, and nothing twice (INV-6, INV-10)', async () => {
  const request = await approved();
  const claimed = await claim(request);
  const uses = Array.from({ length: PARALLEL }, () => use(request, claimed).then(() => 'used', codeOf));
  const revoking = revoke(request).then(() => 'revoked', codeOf);
  const [how, ...ended] = await Promise.all([revoking, ...uses]);
  const used = ended.filter((each) => each === 'used').length;
  expect({ how, used }).toEqual(how === 'revoked' ? { how, used: 0 } : { how: 'nothing_to_revoke', used: 1 });
  expect(await violations()).toEqual(NONE);
});

test('whichever of claim, start, use and revocation is first, what comes after it finds it so, each time', async () => {
  const ends = new Set<string>();
  for (let race = 0; race < RACES; race += 1) {
    const request = await approved(race % 2 === 0 ? 'batch/1' : 'order/A-1');
    const taking = race % 3 === 0 ? start(request) : claim(request).then((claimed) => use(request, claimed));
    const [took, revoked] = await Promise.all([
      taking.then(() => 'ran', codeOf),
      revoke(request).then(() => 'revoked', codeOf),
    ]);
    ends.add(`${took}/${revoked}`);
    await expect(claim(request)).rejects.toMatchObject({
      code: revoked === 'revoked' ? 'approval_revoked' : expect.any(String),
    });
    const rows = await leasesOf(database, request.id);
    expect(rows.filter(({ state }) => state === 'active')).toEqual([]);
  }
  for (const end of ends)
    expect(['ran/revoked', 'ran/nothing_to_revoke', 'approval_revoked/revoked', 'lease_revoked/revoked']).toContain(
      end,
    );
  expect(await violations()).toEqual(NONE);
}, 60_000);

test('a revoked lease that is used all the same is refused by the database, and found where that is off (INV-10)', async () => {
  const request = await approved();
  await claim(request);
  await revoke(request);
  const revive = `update placet.leases set state = 'used', used_at = now(), ended_at = now() where request_id = '${request.id}'`;
  const refused = { code: '23001' };
  await expect(database.asSuperuser(revive)).rejects.toMatchObject(refused);
  await expect(database.asSuperuser('delete from placet.revocations')).rejects.toMatchObject(refused);
  const again = `insert into placet.leases select tenant_id, overlay(id placing 'zz' from 38), grant_id, request_id, digest,
    kid, 'active', issued_at, expires_at, null, null, 2, null, null from placet.leases where request_id = '${request.id}'`;
  await expect(database.asSuperuser(again)).rejects.toMatchObject(refused);
  const guards = (how: string) => `alter table placet.leases ${how} trigger guard_lease_state`;
  await database.asSuperuser([guards('disable'), revive, guards('enable always')].join(';'));
  expect(await violations()).toEqual({ ...NONE, executed_without_approval: 1 });
  // And one that is said to have come before the use.
  const other = await approved();
  await use(other, await claim(other));
  await database.asSuperuser(
    `insert into placet.revocations select tenant_id, request_id, 'operator', 'ops', null, used_at - interval '1 s'
     from placet.leases where request_id = '${other.id}'`,
  );
  expect(await violations()).toEqual({ ...NONE, executed_without_approval: 2 });
});

function codeOf(error: unknown): string {
  return (error as { readonly code?: string }).code ?? String(error);
}
