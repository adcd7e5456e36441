// Applying policies, on real rows: versions, people, accounts, groups and their audit events.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as identities from '../../src/db/identities.ts';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { newId } from '../../src/process/wiring.ts';
import { applyPolicy } from '../../src/service/admin/apply-policy.ts';
import { listGroups, showGroup } from '../../src/service/admin/groups.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import type { ServiceDeps } from '../../src/service/deps.ts';
import { ensurePerson } from '../../src/service/people.ts';
import { userGroupAnswer } from '../support/answers.ts';
import {
  apply,
  makeClick,
  makePerson,
  makePolicy,
  makeRule,
  makeSubmission,
  makeWorld,
  OPERATOR,
  sha256,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { dies, interposed } from '../support/interposed.ts';

let database: TestDatabase;
let service: ServiceDeps;
beforeAll(async () => {
  database = await createTestDatabase();
  service = { transact: database.transact, newId };
});
afterAll(() => database.drop());

const withPeople = (...people: PolicyDocument['people']): PolicyDocument => ({ ...makePolicy(), people });
const withMembers = (...members: string[]): PolicyDocument => {
  const policy = makePolicy();
  const payments = { members, slack_user_group: null, channel: 'C0PAYMENTS' };
  return { ...policy, approver_groups: { ...policy.approver_groups, payments } };
};
const emailOfAccount = async (user_id: string) =>
  database.asSuperuser<{ email: string; linked_by: string }>(
    `select p.email, i.linked_by from placet.person_identities i
     join placet.people_now p on p.tenant_id = i.tenant_id and p.id = i.person_id
     where i.subject = 'T0ACME/' || $1 and i.until_at is null`,
    [user_id],
  );
const membersOf = async (name: string) =>
  (await showGroup(service, { tenant_id: TENANT, name: name })).members.map((person) => person.email);
const eventsOf = (type: string) =>
  database.asSuperuser<{ facts: Record<string, unknown>; actor_id: string }>(
    'select facts, actor_id from placet.audit_events where type = $1 order by position',
    [type],
  );

describe('applying a policy', () => {
  test('an equal document makes no new version; a changed one and a return to an old one do', async () => {
    const first = await apply(service, makePolicy());
    expect(await apply(service, makePolicy())).toEqual({ ...first, kind: 'unchanged' });
    const second = await apply(service, makePolicy([makeRule({ quorum: 2 })]));
    expect(second).toMatchObject({ kind: 'applied', number: first.number + 1 });
    const back = await apply(service, makePolicy());
    expect(back).toMatchObject({ kind: 'applied', number: first.number + 2, digest: first.digest });
  });

  test('each version has its audit event with the number, the digest and who applied it (INV-7)', async () => {
    const applied = await apply(service, makePolicy([makeRule({ name: 'audited' })]));
    expect((await eventsOf('policy.applied')).at(-1)).toEqual({
      facts: { policy_id: applied.id, number: applied.number, digest: applied.digest },
      actor_id: 'test',
    });
  });

  test('a document with problems changes nothing', async () => {
    const before = await eventsOf('policy.applied');
    const failure = apply(service, makePolicy([makeRule({ quorum: 4 })]));
    await expect(failure).rejects.toMatchObject({
      code: 'policy_invalid',
      details: { problems: [{ path: ['rules', 0, 'quorum'] }] },
    });
    expect(await eventsOf('policy.applied')).toEqual(before);
  });

  test('twenty applies at once give twenty versions with numbers of their own', async () => {
    const names = Array.from({ length: 20 }, (_, place) => `parallel ${place}`);
    const applied = await Promise.all(names.map((name) => apply(service, makePolicy([makeRule({ name })]))));
    const numbers = applied.map((version) => version.number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, place) => (numbers[0] ?? 0) + place));
  });

  test('what fails half-way leaves nothing of the version behind (INV-7)', async () => {
    const transact = interposed(database.transact, /insert into placet\.audit_events/, dies('no audit'));
    const broken = { ...service, transact, sha256 };
    const input = { tenant_id: TENANT, document: withMembers('new@example.com'), source: '', operator: OPERATOR };
    await expect(applyPolicy(broken, input)).rejects.toThrow('no audit');
    expect(
      await database.asSuperuser("select address from placet.approver_group_members where address = 'new@example.com'"),
    ).toEqual([]);
  });
});

describe('people and their Slack accounts', () => {
  test('a member known only by e-mail is called by the whole of it, so that no two people look alike', async () => {
    await apply(service, withMembers('ann@example.com', 'zoe@example.com', 'zoe@example.org'));
    expect((await showGroup(service, { tenant_id: TENANT, name: 'payments' })).members).toMatchObject([
      { email: 'ann@example.com', name: 'Ann' },
      { email: 'zoe@example.com', name: 'zoe@example.com' },
      { email: 'zoe@example.org', name: 'zoe@example.org' },
    ]);
  });

  test('an account that the file gives to someone else is refused and stays; one that it no longer lists is unlinked', async () => {
    const ann = { email: 'ann@example.com', name: 'Ann', slack: ['T0ACME/U0TWO'] };
    await apply(service, withPeople(ann));
    expect(await emailOfAccount('U0TWO')).toEqual([{ email: 'ann@example.com', linked_by: 'policy' }]);
    const ben = { email: 'ben@example.com', name: null, slack: ann.slack };
    await expect(apply(service, withPeople({ ...ann, slack: [] }, ben))).rejects.toMatchObject({
      code: 'policy_invalid',
      details: { problems: [{ path: ['people', 1, 'slack', 0], message: expect.stringContaining('move-account') }] },
    });
    expect(await emailOfAccount('U0TWO')).toEqual([{ email: 'ann@example.com', linked_by: 'policy' }]);
    await apply(service, withPeople({ ...ann, slack: [] }));
    expect(await emailOfAccount('U0TWO')).toEqual([]);
    const account = { account: 'T0ACME/U0TWO' };
    expect((await eventsOf('slack_account.linked')).at(-1)).toMatchObject({ facts: account });
    expect((await eventsOf('slack_account.unlinked')).at(-1)).toMatchObject({ facts: account });
    // Not in two steps either.
    await expect(apply(service, withPeople({ ...ann, slack: [] }, ben))).rejects.toMatchObject({
      code: 'policy_invalid',
    });
  });

  test('an account that an e-mail linked stays when the file says nothing of it', async () => {
    await database.transact(TENANT, async (tx) => {
      const person_id = await ensurePerson(service, tx, { address: 'mail@example.com', from: 'owner', by: OPERATOR });
      const account = { provider: 'slack', subject: 'T0ACME/U0BYMAIL' } as const;
      expect(await identities.linkAccount(tx, { ...account, person_id, linked_by: 'email' })).toBe(true);
    });
    await apply(service, makePolicy([makeRule({ name: 'says nothing of it' })]));
    expect(await emailOfAccount('U0BYMAIL')).toEqual([{ email: 'mail@example.com', linked_by: 'email' }]);
  });
});

describe('approver groups', () => {
  test('members are replaced exactly, and the audit event names who came and who went', async () => {
    for (const address of ['ben@example.com', 'eve@example.com']) await makePerson(service, address);
    await apply(service, withMembers('ann@example.com', 'ben@example.com'));
    await apply(service, withMembers('ann@example.com', 'eve@example.com'));
    expect(await membersOf('payments')).toEqual(['ann@example.com', 'eve@example.com']);
    const { facts } = (await eventsOf('approver_group.changed')).at(-1) ?? { facts: {} as Record<string, unknown> };
    expect(facts).toMatchObject({ group: 'payments', is_retired: false, unclaimed: 0 });
    expect([facts['added'], facts['removed']]).toMatchObject([[expect.any(String)], [expect.any(String)]]);
  });

  test('a group that leaves the file is retired with its members, and comes back with the file', async () => {
    await apply(service, withMembers('ann@example.com'));
    await apply(service, { version: 1, people: [], approver_groups: {}, rules: [] });
    expect((await listGroups(service, { tenant_id: TENANT })).every((group) => group.is_retired)).toBe(true);
    expect(await membersOf('payments')).toEqual(['ann@example.com']);
    await apply(service, makePolicy());
    expect(await showGroup(service, { tenant_id: TENANT, name: 'payments' })).toMatchObject({
      is_retired: false,
      member_count: 3,
    });
  });

  test('a later version leaves what a pending request requires, but who left the group decides no more', async () => {
    const world = await makeWorld(database, makePolicy([makeRule({ quorum: 2 })]));
    const request = await submit(world.deps, world.caller, makeSubmission());
    await apply(service, { ...withMembers('ben@example.com', 'cat@example.com'), rules: [makeRule()] });
    const answers = [];
    for (const name of ['ann', 'ben', 'cat']) answers.push(await decide(world.deps, makeClick(request, name)));
    expect(answers).toMatchObject([
      { kind: 'refused', refusal: 'not_in_group' },
      { kind: 'counted', record: { request: { state: 'pending', requirement: { stages: [{ quorum: 2 }] } } } },
      { kind: 'counted', record: { request: { state: 'approved' } } },
    ]);
  });

  test('another version leaves those who approved through a Slack user group, unless it names another one', async () => {
    const rule = makeRule({ approvers: ['dba'] });
    const world = await makeWorld(database, makePolicy([rule]));
    const request = await submit(world.deps, world.caller, makeSubmission());
    const answers = [userGroupAnswer('S0DBA', ['U0ANN'])];
    const answer = await decide(world.deps, makeClick(request, 'ann', { answers }));
    expect(answer).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
    await apply(service, makePolicy([rule, makeRule({ name: 'another' })]));
    expect(await membersOf('dba')).toEqual(['ann@example.com']);
    const dba = { members: [], slack_user_group: 'S0OTHER', channel: 'C0DBA' };
    const policy = makePolicy([rule]);
    await apply(service, { ...policy, approver_groups: { ...policy.approver_groups, dba } });
    expect(await membersOf('dba')).toEqual([]);
  });

  test('a group that is not there is not found', async () => {
    await expect(showGroup(service, { tenant_id: TENANT, name: 'gone' })).rejects.toMatchObject({ code: 'not_found' });
  });
});
