// What cannot be logged is not done, what was lost on the way is not given twice, and who is revoked gets nothing more.
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { revokeAgent } from '../../src/service/admin/agents.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeKey } from '../http/real-api.ts';
import { makeClick, OPERATOR } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import { leasesOf } from '../support/rows.ts';
import { codeOf, type Door, openDoor, REQUESTS } from './door.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const claim = (id: string, key = door.key) => door.api.send(key, 'POST', `${REQUESTS}/${id}/credential`);
const stateOf = async (id: string) => JSON.parse((await door.api.send(door.key, 'GET', `${REQUESTS}/${id}`)).text);

describe('without its audit event', () => {
  /** Runs `work` while the app role may not write to the audit log. */
  async function withoutAudit<T>(work: () => Promise<T>): Promise<T> {
    await door.database.asSuperuser('revoke insert on placet.audit_events from placet_app');
    try {
      return await work();
    } finally {
      await door.database.asSuperuser('grant insert on placet.audit_events to placet_app');
    }
  }

  test('nothing is asked, cancelled, claimed, used or reported, and afterwards all of it works (INV-7)', async () => {
    const [pending, approved, claimed] = [await door.ask(), await door.approved(), await door.claimed()];
    const { lease_id, token, request } = claimed;
    const steps = [
      () =>
        door.api.send(
          door.key,
          'POST',
          REQUESTS,
          { action: 'orders.refund', resource: 'order/87' },
          { 'idempotency-key': 'audit-87' },
        ),
      () => door.api.send(door.key, 'POST', `${REQUESTS}/${pending.id}/cancel`),
      () => claim(approved.id),
      () => door.api.send(token, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest }),
      () => door.api.send(door.key, 'POST', `${REQUESTS}/${request.id}/result`, { status: 'failed' }),
    ];
    const refused = await withoutAudit(async () => {
      const answers = [];
      for (const step of steps) answers.push(await step());
      return answers;
    });
    expect(refused.map((answer) => [answer.status, codeOf(answer)])).toEqual(steps.map(() => [503, 'unavailable']));
    for (const { text } of refused) expect(text).not.toMatch(/audit|permission/);
    expect(
      await door.database.asSuperuser(`select 1 from placet.approval_requests where resource = 'order/87'`),
    ).toEqual([]);
    expect([(await stateOf(pending.id)).state, await leasesOf(door.database, approved.id)]).toEqual(['pending', []]);
    expect([await door.leaseState(lease_id), (await stateOf(request.id)).outcome.result]).toEqual(['active', null]);
    for (const step of steps) expect((await step()).status).toBeLessThan(300);
  });

  test('a refusal is not answered either: no credential is judged that cannot be logged', async () => {
    const { lease_id, request, token } = await door.claimed();
    const other = await door.claimed();
    const use = (bearer: string) =>
      door.api.send(bearer, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest });
    expect((await withoutAudit(() => use(other.token))).status).toBe(503);
    expect([(await use(other.token)).status, (await use(token)).status]).toEqual([401, 200]);
  });
});

test('a claim whose answer was lost is not given again, and its lease is not prolonged', async () => {
  const { id } = await door.approved();
  await new Promise<void>((resolve) => {
    const sent = httpRequest(`${door.api.url}${REQUESTS}/${id}/credential`, {
      method: 'POST',
      headers: { authorization: `Bearer ${door.key}` },
    });
    sent.on('error', () => undefined);
    // The answer's first byte is thrown away, as by a crash of the agent or of a proxy.
    sent.on('response', (response) => {
      response.destroy();
      resolve();
    });
    sent.end();
  });
  const again = await Promise.all([claim(id), claim(id)]);
  expect(again.map((answer) => [answer.status, codeOf(answer)])).toEqual(Array(2).fill([409, 'already_claimed']));
  expect(await leasesOf(door.database, id)).toEqual([{ state: 'active' }]);
});

test('an agent that is revoked while it claims gets one credential or none, and from then on nothing', async () => {
  const key = await makeKey(door.world.service);
  const ask = { action: 'orders.refund', resource: 'order/63' };
  const input = await door.api.send(key, 'POST', REQUESTS, ask, { 'idempotency-key': 'one' });
  const request = JSON.parse(input.text) as { id: string; digest: string };
  await decide(door.world.deps, makeClick(request, 'ann'));
  const claims = Array.from({ length: 20 }, () => claim(request.id, key));
  await revoke(request.id);
  const answers = await Promise.all(claims);
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  for (const { status } of answers) expect([200, 401, 409]).toContain(status);
  const leases = await leasesOf(door.database, request.id);
  const after = await Promise.all([
    claim(request.id, key),
    door.api.send(key, 'GET', REQUESTS),
    door.api.send(key, 'GET', `${REQUESTS}/${request.id}?wait_seconds=60`),
    door.api.send(key, 'POST', REQUESTS, ask, { 'idempotency-key': 'two' }),
  ]);
  expect(after.map((answer) => [answer.status, codeOf(answer)])).toEqual(Array(4).fill([401, 'agent_key_invalid']));
  expect(await leasesOf(door.database, request.id)).toEqual(leases);
});

/** Revokes the agent that asked, as the operator does. */
async function revoke(request_id: string): Promise<void> {
  const [agent] = await door.database.asSuperuser<{ name: string }>(
    `select a.name from placet.agents a join placet.approval_requests r on r.agent_id = a.id where r.id = $1`,
    [request_id],
  );
  const makeAgentKey = () => {
    throw new Error('no key is made here');
  };
  const input = { tenant_id: TENANT, name: agent?.name ?? '', by: OPERATOR };
  await revokeAgent({ ...door.world.service, makeAgentKey }, input);
}
