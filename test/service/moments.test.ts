// The moment that counts: whoever waited for a lock is judged by the time at which the lock was got, not asked for.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../src/process/wiring.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { userGroupAnswer } from '../support/answers.ts';
import {
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { HOLD_REQUEST, whileLocked } from '../support/locks.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

const byDba = makeRuleFor('db/*', { approvers: ['dba'] });

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule({ quorum: 2 }), byDba]));
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** What an apply of a policy holds until it commits. */
const HOLD_POLICIES = "select pg_advisory_xact_lock(hashtextextended('placet.policy/' || 'default', 0))";
const ask = () => api.submit(world.caller, makeSubmission());
async function approved() {
  const request = await ask();
  for (const name of ['ann', 'ben']) await decide(world.deps, makeClick(request, name));
  return request;
}

test('an approval that waited for its turn beyond the expiry does not count (INV-4)', async () => {
  const request = await ask();
  const answer = await whileLocked(
    database,
    {
      hold: HOLD_REQUEST,
      beforeCommit: 'update placet.approval_requests set expires_at = clock_timestamp() where id = $1',
      values: [request.id],
    },
    () => decide(world.deps, makeClick(request, 'ann')),
  );
  expect(answer).toMatchObject({ kind: 'refused', refusal: 'expired' });
});

test('a claim that waited for its turn beyond the claim window is refused', async () => {
  const request = await approved();
  const claiming = whileLocked(
    database,
    {
      hold: HOLD_REQUEST,
      beforeCommit: 'update placet.grants set claim_expires_at = clock_timestamp() where request_id = $1',
      values: [request.id],
    },
    () => api.claim(world.caller, request.id),
  );
  await expect(claiming).rejects.toMatchObject({ code: 'claim_expired' });
});

test('a use that waited for its turn beyond the end of the lease is refused, and says why (INV-5)', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const using = whileLocked(
    database,
    {
      hold: HOLD_REQUEST,
      beforeCommit: 'update placet.leases set expires_at = clock_timestamp() where request_id = $1',
      values: [request.id],
    },
    () => api.use({ lease_id: lease.id, token, digest: request.digest }),
  );
  await expect(using).rejects.toMatchObject({ code: 'lease_expired' });
});

test('a use that meets the end of its lease is told that the lease is over, not that it was used', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const using = whileLocked(
    database,
    {
      hold: HOLD_REQUEST,
      beforeCommit: `update placet.leases set state = 'expired', ended_at = now() where request_id = $1`,
      values: [request.id],
    },
    () => api.use({ lease_id: lease.id, token, digest: request.digest }),
  );
  await expect(using).rejects.toMatchObject({ code: 'lease_expired' });
});

describe('a click that meets another policy is judged by what the group is then', () => {
  // Applies a policy by hand, as far as the group is concerned, so that it can be held open.
  const apply = (slack_user_group: string, members: string) => `with changed as (
    update placet.approver_groups set slack_user_group = ${slack_user_group}
    where tenant_id = 'default' and name = 'dba' returning tenant_id, id) ${members}`;
  const none = 'delete from placet.approver_group_members m using changed c where m.group_id = c.id';
  const cat = `insert into placet.approver_group_members (tenant_id, group_id, address)
    select c.tenant_id, c.id, 'cat@example.com' from changed c`;
  const askForDb = () => api.submit(world.caller, makeSubmission({ resource: 'db/1' }));
  const clickAsCat = (request: RequestView, user_ids: readonly string[]) =>
    decide(world.deps, makeClick(request, 'cat', { answers: [userGroupAnswer('S0DBA', user_ids)] }));
  afterEach(() => database.asSuperuser(apply("'S0DBA'", none)));

  test('a member of the Slack user group that it no longer stands for does not count, now or later', async () => {
    const request = await askForDb();
    const beforeCommit = apply("'S0OTHER'", none);
    const clicking = () => clickAsCat(request, ['U0CAT']);
    const answer = await whileLocked(database, { hold: HOLD_POLICIES, beforeCommit }, clicking);
    expect(answer).toMatchObject({ kind: 'refused', refusal: 'not_in_group' });
    const left = `select from placet.approver_group_members m join placet.approver_groups g on g.id = m.group_id
      where g.name = 'dba'`;
    expect(await database.asSuperuser(left)).toEqual([]);
  });

  test('somebody whom the policy lists stays, whatever Slack said of the user group before', async () => {
    const request = await askForDb();
    const beforeCommit = apply('null', cat);
    const clicking = () => clickAsCat(request, []);
    const answer = await whileLocked(database, { hold: HOLD_POLICIES, beforeCommit }, clicking);
    expect(answer).toMatchObject({ kind: 'counted' });
  });

  test('an account that it gives to somebody else counts for that person', async () => {
    const request = await ask();
    const answer = await whileLocked(
      database,
      {
        hold: HOLD_POLICIES,
        beforeCommit: `insert into placet.person_identities (tenant_id, provider, subject, person_id, linked_by)
          select tenant_id, 'slack', 'T0ACME/U0DAN', person_id, 'policy' from placet.person_emails
          where address = 'ann@example.com'`,
      },
      () => decide(world.deps, makeClick(request, 'dan')),
    );
    expect(answer).toMatchObject({ kind: 'counted', record: { decisions: [{ person: { name: 'Ann' } }] } });
  });
});

test('a claim that meets another policy goes by it: whoever it takes out no longer counts', async () => {
  const request = await approved();
  const claiming = whileLocked(
    database,
    {
      hold: HOLD_POLICIES,
      beforeCommit: `delete from placet.approver_group_members where address = 'ann@example.com'`,
    },
    () => api.claim(world.caller, request.id),
  );
  await expect(claiming).rejects.toMatchObject({ code: 'quorum_lost' });
});

test('a request that meets another policy is judged by that one alone', async () => {
  const { policy } = await ask();
  const asking = whileLocked(
    database,
    {
      hold: HOLD_POLICIES,
      beforeCommit: `insert into placet.policy_versions (tenant_id, id, number, document, source, digest, applied_by)
        select tenant_id, '${newId('policy')}', number + 1, jsonb_set(document, '{rules}', '[]'), source, digest, applied_by
        from placet.policy_versions order by number desc limit 1`,
    },
    ask,
  );
  expect(await asking).toMatchObject({ state: 'denied', policy: { number: (policy.number ?? 0) + 1 } });
});
