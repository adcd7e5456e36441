// The tables of an export: who decided and was a member of what at that moment, whether duties were separated, when what was
// issued ended, and the rules of each version.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reportAudit } from '../../src/service/admin/report.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { advance } from '../../src/service/clock/advance.ts';
import { apply, makeClick, makePolicy, makeRule, makeSubmission } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import { shifted } from '../support/shifted.ts';
import { openTestApi } from '../support/use-cases.ts';
import { checkExport, exportTo } from './exporting.ts';
import { addEvents, keepTestLog } from './world.ts';

let opened: Awaited<ReturnType<typeof openTestApi>>;
let archive: Awaited<ReturnType<typeof exportTo>>;
let log: ReturnType<typeof keepTestLog>;
let key: string;
let first: { readonly id: string; readonly digest: string };
let lease_id: string;

beforeAll(async () => {
  opened = await openTestApi();
  const { api, world, database } = opened;
  log = keepTestLog(database.transact);
  key = log.key;
  first = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(first, 'olga'));
  await decide(world.deps, makeClick(first, 'ann', { reason: 'as asked' }));
  const { lease, token } = await api.claim(world.caller, first.id);
  lease_id = lease.id;
  await api.use({ lease_id, token, digest: first.digest });
  // Ann is no member any more when the second one is decided.
  const { payments, ...others } = makePolicy().approver_groups;
  if (payments === undefined) throw new Error('the policy has no such group');
  const groups = { ...others, payments: { ...payments, members: ['ben@example.com'] } };
  await apply(world.service, { ...makePolicy(), approver_groups: groups });
  const second = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(second, 'ben'));
  await api.claim(world.caller, second.id);
  const { transact, pass } = shifted(database.transact);
  pass(3_600);
  const clock = { ...world.service, transact, undeliverable: { after_seconds: 86_400, admin_channel: null } };
  await advance(clock, { tenant_id: TENANT, request_id: second.id });
  const denied = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(denied, 'ben', { decision: 'deny', reason: 'not now' }));
  await log.sign();
  archive = await exportTo(database.transact);
}, 60_000);
afterAll(() => opened.close());

/** The lines of a table as objects. */
function table(name: string): Record<string, string>[] {
  const lines = archive.textOf(name).trimEnd().split('\r\n');
  const [head = [], ...rows] = lines.map((line) => line.slice(1, -1).split('","'));
  return rows.map((row) => Object.fromEntries(head.map((column, at) => [column, row[at] ?? ''])));
}

test('each decision stands with its policy, and with who was in the groups of its stage at that moment', () => {
  const [one, two, three] = table('decisions.csv');
  const { person_id: ann = '' } = one ?? {};
  expect(one).toMatchObject({ request_id: first.id, decision: 'approve', stage: '0', has_reason: 'yes' });
  expect(one).toMatchObject({ rule: 'refunds', counted_in: 'payments', policy_number: '1' });
  expect(one?.['groups_and_members']).toBe(`payments: ${ann} 2 not known yet`);
  expect(two).toMatchObject({ has_reason: 'no', policy_number: '2', decision: 'approve' });
  expect(two?.['groups_and_members']).toBe(`payments: ${two?.['person_id']}`);
  expect(three).toMatchObject({ decision: 'deny', has_reason: 'yes' });
});

test('each approval and denial says who stood behind it, who decided, and how often one of the former tried', () => {
  const [one, two, three] = table('separation-of-duties.csv');
  const [decision] = table('decisions.csv');
  const { id: agent_id, owner_person_id } = opened.world.caller;
  expect(one).toMatchObject({ request_id: first.id, state: 'approved', agent_id, effect: 'require', quorum: '1' });
  expect(one).toMatchObject({ people_behind: owner_person_id, approved_by: decision?.['person_id'] });
  expect(one).toMatchObject({ is_separated: 'yes', own_attempts_refused: '1' });
  expect(two).toMatchObject({ state: 'approved', own_attempts_refused: '0' });
  expect(three).toMatchObject({ state: 'denied', approved_by: '', denied_by: two?.['approved_by'] });
});

test('each credential stands with the approval before it, and with its end and how late that was', () => {
  const [one, two] = table('leases.csv');
  expect(one).toMatchObject({ lease_id, is_approved_before: 'yes', state: 'used', lag_seconds: '0' });
  expect(Number(one?.['approved_index'])).toBeLessThan(Number(one?.['index']));
  expect(two).toMatchObject({ is_approved_before: 'yes', state: 'expired' });
  expect(Number(two?.['lag_seconds'])).toBeGreaterThan(3_000);
});

test('each version of the policy is there by its rules and its digest, and nobody’s address is', async () => {
  const lines = archive.textOf('policies.ndjson').trimEnd().split('\n');
  const [one, two] = lines.map((line) => JSON.parse(line));
  expect([one, two]).toMatchObject([{ number: 1, rules: [{ name: 'refunds' }] }, { number: 2 }]);
  const applied = JSON.parse(archive.textOf('events.ndjson').split('\n')[two.index] ?? '');
  expect(applied).toMatchObject({ type: 'policy.applied', facts: { digest: two.digest } });
  const tables = ['decisions.csv', 'separation-of-duties.csv', 'leases.csv', 'policies.ndjson'];
  expect(tables.map(archive.textOf).join('')).not.toContain('@');
  expect(await checkExport(archive.folder, key)).toContain('without a gap');
});

describe('the report for auditors', () => {
  const report = (seed: string, sample_size = 25) => {
    const { transact } = opened.database;
    return reportAudit({ transact }, { tenant_id: TENANT, from: null, to: null, seed, sample_size });
  };

  test('counts each population, and finds what is not as it should be', async () => {
    const { populations, ...of } = await report('2026');
    const counted = populations.map(({ name, count, exceptions }) => [
      name,
      count,
      exceptions.items.map(({ why }) => why),
    ]);
    expect(of).toMatchObject({
      log: 'placet.example/default',
      seed: '2026',
      first_index: 0,
      end_index: archive.end_index,
    });
    expect(counted).toEqual([
      ['approvals', 2, []],
      ['decisions', 3, []],
      ['credentials', 2, ['its end was late']],
      ['policy changes', 2, []],
      ['refusals', 1, []],
    ]);
    const [approvals] = populations;
    expect(approvals?.sample.map(({ request_id }) => request_id)).toContain(first.id);
    expect(new Set(populations.flatMap(({ criteria }) => criteria))).toEqual(
      new Set(['CC6.1', 'CC6.2', 'CC6.3', 'CC6.6', 'CC7.2', 'CC7.3', 'CC8.1']),
    );
  });

  test('is the same for the same seed, to the byte, and draws another sample for another one', async () => {
    const drawn = async (seed: string) => JSON.stringify(await report(seed, 1));
    expect(await drawn('one')).toBe(await drawn('one'));
    const decisions = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
        async (seed) => (await report(seed, 1)).populations[1]?.sample[0]?.['index'],
      ),
    );
    expect(new Set(decisions).size).toBeGreaterThan(1);
  });
});

describe('what the log does not tell is an exception, and never well', () => {
  const whyOf = async (name: string) => {
    const { transact } = opened.database;
    const input = { tenant_id: TENANT, from: null, to: null, seed: '', sample_size: 0 };
    const { populations } = await reportAudit({ transact }, input);
    return populations.find((each) => each.name === name)?.exceptions.items.map(({ why }) => why);
  };

  test('a credential that has no end though its time is over is overdue', async () => {
    const { api, world, database } = opened;
    const third = await api.submit(world.caller, makeSubmission());
    await decide(world.deps, makeClick(third, 'ben'));
    await api.claim(world.caller, third.id);
    await log.sign();
    expect(await whyOf('credentials')).toEqual(['its end was late']);
    const { transact, pass } = shifted(database.transact);
    pass(3_600);
    await addEvents(transact, 1);
    await log.sign();
    expect(await whyOf('credentials')).toEqual(['its end was late', 'it has no end, though its time is over']);
    archive = await exportTo(database.transact);
    expect(table('leases.csv').at(-1)).toMatchObject({ request_id: third.id, state: 'overdue', ended_at: '' });
  });

  test('whether duties were separated is unknown where nothing says who stood behind the request', async () => {
    await opened.database.asSuperuser(`do $$ begin
      alter table placet.audit_events disable trigger all;
      update placet.audit_events set request_id = null
      where type = 'approval_request.created' and request_id = '${first.id}';
    end $$`);
    expect(await whyOf('approvals')).toEqual(['it is not on record who stood behind the request']);
  });
});

test('an address with which a rule compares is left out of it, and the rest of its condition is not', async () => {
  const when = 'agent.owner == "olga@example.com" || agent.owner.endsWith("@example.com")';
  await apply(opened.world.service, makePolicy([makeRule({ when })]));
  await log.sign();
  archive = await exportTo(opened.database.transact);
  const last = JSON.parse(archive.textOf('policies.ndjson').trimEnd().split('\n').at(-1) ?? '');
  expect(last.rules[0].when).toBe('agent.owner == "(an address)" || agent.owner.endsWith("@example.com")');
});
