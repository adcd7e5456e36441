// Who acted, as the log says it: each step of a request names whoever did it, and nobody goes under another's name.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decide } from '../../src/service/approver/decide.ts';
import { advance } from '../../src/service/clock/advance.ts';
import { makeClick, makeProfile, makeSubmission, personOf, TEAM, type World } from '../support/builders.ts';
import { TENANT, type TestDatabase } from '../support/database.ts';
import { UNDELIVERABLE } from '../support/fake-messenger.ts';
import { openTestApi, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database, world, api, close } = await openTestApi());
});
afterAll(() => close());

/** The events of a request in the order of writing, as `type by kind/id`. */
async function actorsOf(request_id: string): Promise<string[]> {
  const sql = `select type || ' by ' || actor_kind || '/' || actor_id as line from placet.audit_events
    where request_id = $1 order by position`;
  return (await database.asSuperuser<{ line: string }>(sql, [request_id])).map(({ line }) => line);
}

const idOf = async (address: string) =>
  (await database.asSuperuser<{ id: string }>(`select ${personOf(address)} as id`))[0]?.id;

test('asked by its agent, decided by a person, granted by the policy, used and told by the credential’s holder', async () => {
  const request = await submitApproved(api, world);
  const { token, lease } = await api.claim(world.caller, request.id);
  await api.use({ lease_id: lease.id, token, digest: request.digest });
  await api.report({ token }, request.id, { status: 'succeeded', detail: null, result_digest: null });
  const [agent, holder] = [`agent/${world.caller.id}`, `token/${lease.id}`];
  expect(await actorsOf(request.id)).toEqual([
    `approval_request.created by ${agent}`,
    `decision.recorded by person/${await idOf('ann@example.com')}`,
    'approval_request.approved by system/rule',
    'grant.created by system/policy',
    `credential.issued by ${agent}`,
    `lease.used by ${holder}`,
    `result.reported by ${holder}`,
  ]);
});

test('a credential that proves nothing names no lease as whoever presented it', async () => {
  const request = await submitApproved(api, world);
  const { token, lease } = await api.claim(world.caller, request.id);
  const forged = `${token.slice(0, -8)}AAAAAAAA`;
  const using = api.use({ lease_id: lease.id, token: forged, digest: request.digest });
  await expect(using).rejects.toMatchObject({ code: 'credential_invalid' });
  expect(await actorsOf(request.id)).toContain('credential.refused by token/unverified');
});

test('an account that is nobody’s acts as an account, and an agent that withdraws as itself', async () => {
  const request = await api.submit(world.caller, makeSubmission());
  const profile = makeProfile('stranger', { is_guest: true });
  const click = makeClick(request, 'stranger', { profile });
  expect(await decide(world.deps, click)).toMatchObject({ kind: 'refused', refusal: 'guest', person_id: null });
  await api.cancel(world.caller, request.id);
  expect(await actorsOf(request.id)).toEqual([
    `approval_request.created by agent/${world.caller.id}`,
    `decision.refused by slack_account/${TEAM}/U0STRANGER`,
    `approval_request.cancelled by agent/${world.caller.id}`,
  ]);
});

test('what time ends is ended by the clock', async () => {
  const request = await api.submit(world.caller, makeSubmission({ timeout_seconds: 60 }));
  await database.asSuperuser(
    `update placet.approval_requests set created_at = created_at - interval '2 minutes',
       expires_at = expires_at - interval '2 minutes' where id = $1`,
    [request.id],
  );
  await advance({ ...world.service, undeliverable: UNDELIVERABLE }, { tenant_id: TENANT, request_id: request.id });
  expect((await actorsOf(request.id)).at(-1)).toBe('approval_request.expired by system/clock');
});
