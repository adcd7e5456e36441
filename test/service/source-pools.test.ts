// Who counts as there before a request waits: whoever is away is there by their delegate, once; and what a
// source that failed says at the claim.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as reach from '../../src/db/reach.ts';
import * as signingKeys from '../../src/db/signing-keys.ts';
import { type AskedSource, NOT_ASKED, type SourceAnswer, sourceKey } from '../../src/domain/people/membership.ts';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { claim } from '../../src/service/agent/claim.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { onCallAnswer, userGroupAnswer } from '../support/answers.ts';
import {
  makeClick,
  makePerson,
  makePolicy,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

const group = (entry: object) => ({ members: [], slack_user_group: null, channel: 'C0PAYMENTS', ...entry });
const emails = (...names: string[]) => names.map((name) => `${name}@example.com`);
const away = { until: '2999-12-24' };
const DUTY = { kind: 'on_call', format: 'json', url: 'https://oncall.example/sre' } as const;
const POLICY: PolicyDocument = {
  ...makePolicy([
    makeRuleFor('duty/*', { approvers: ['duty'] }),
    makeRuleFor('duty-two/*', { approvers: ['duty'], quorum: 2 }),
    makeRuleFor('dba/*', { approvers: ['dba'] }),
    makeRuleFor('dba-two/*', { approvers: ['dba'], quorum: 2 }),
    makeRuleFor('gus/*', { approvers: ['night'] }),
    makeRuleFor('gus-two/*', { approvers: ['night'], quorum: 2 }),
  ]),
  people: [
    { email: 'ann@example.com', name: 'Ann', slack: [], away: { ...away, delegate: 'dan@example.com' } },
    { email: 'ben@example.com', name: 'Ben', slack: [], away: { ...away, delegate: 'dan@example.com' } },
    { email: 'gus@example.com', name: 'Gus', slack: ['T0ACME/U0GUS'], away },
  ],
  approver_groups: {
    payments: group({ members: emails('ann', 'ben', 'cat') }),
    duty: group({ on_call: { url: DUTY.url, among: ['payments'] } }),
    dba: group({ slack_user_group: 'S0DBA' }),
    night: group({ slack_user_group: 'S0NIGHT' }),
  },
};

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, POLICY);
  await makePerson(world.service, 'dan@example.com');
});
afterAll(() => database.drop());

const ask = (resource: string, ...answers: readonly SourceAnswer[]) => {
  const answering = async (sources: readonly AskedSource[]) =>
    sources.map((source) => {
      const found = answers.find((answer) => sourceKey(answer.source) === sourceKey(source));
      return found ?? { source, asked_at: new Date(), members: [], digest: '', fault: NOT_ASKED };
    });
  const deps = { ...world.deps, askLately: answering, askSources: answering };
  return submit(deps, world.caller, makeSubmission({ resource }));
};
const UNREACHABLE = { code: 'quorum_unreachable' };

describe('of those whom a source has now', () => {
  test('whoever is on call and away is there by their delegate, and two with one delegate are one (INV-1)', async () => {
    await expect(ask('duty/1', onCallAnswer(DUTY, emails('ann')))).resolves.toMatchObject({ state: 'pending' });
    await expect(ask('duty/2', onCallAnswer(DUTY, emails('eve')))).rejects.toMatchObject(UNREACHABLE);
    // The delegate is not among whom the source may choose, by being one.
    await expect(ask('duty/3', onCallAnswer(DUTY, emails('dan')))).rejects.toMatchObject(UNREACHABLE);
    await expect(ask('duty-two/1', onCallAnswer(DUTY, emails('ann', 'ben')))).rejects.toMatchObject(UNREACHABLE);
    await expect(ask('duty-two/2', onCallAnswer(DUTY, emails('ann', 'cat')))).resolves.toBeDefined();
  });

  test('whoever is away without a delegate is not there', async () => {
    await expect(ask('gus/1', userGroupAnswer('S0NIGHT', ['U0GUS']))).rejects.toMatchObject(UNREACHABLE);
    await expect(ask('gus/2', userGroupAnswer('S0NIGHT', ['U0GUS', 'U0NEW']))).resolves.toBeDefined();
  });
});

test('the mark of who may decide changes when one is deactivated and another comes back, and with each decision', async () => {
  const mark = () => database.transact(TENANT, (tx) => reach.readReachState(tx));
  const set = (email: string, at: string) =>
    database.asSuperuser(`update placet.people set deactivated_at = ${at} where id in (
      select person_id from placet.person_emails where address = '${email}@example.com')`);
  await set('gus', 'now()');
  const marks = [await mark()];
  await set('gus', 'null');
  await set('dan', 'now()');
  marks.push(await mark());
  await set('dan', 'null');
  const request = await ask('dba-two/3', userGroupAnswer('S0DBA', ['U0NEW', 'U0CAT']));
  marks.push(await mark());
  await decide(world.deps, makeClick(request, 'cat', { answers: [userGroupAnswer('S0DBA', ['U0CAT'])] }));
  marks.push(await mark());
  expect(new Set(marks).size).toBe(4);
});

test('a source that fails at the claim says nothing of who approved: it may be tried again, and nobody on call is final', async () => {
  const now = onCallAnswer(DUTY, emails('cat'));
  const request = await ask('duty/4', now);
  expect(await decide(world.deps, makeClick(request, 'cat', { answers: [now] }))).toMatchObject({ kind: 'counted' });
  const key = { kid: 'k'.repeat(43), public_jwk: {}, private_sealed: Buffer.alloc(32) };
  await database.transact(TENANT, (tx) => signingKeys.insertKey(tx, key));
  const signers = { opened: (kid: string) => ({ kid, sign: async () => kid }), open: async () => undefined };
  const judgeProof = () => Promise.reject(new Error('no proof came'));
  const claimed = (fault: string) => {
    const askSources = async () => [{ ...onCallAnswer(DUTY, []), fault }];
    return claim({ ...world.service, signers, askSources, judgeProof }, world.caller, request.id);
  };
  await expect(claimed('answer_late')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(claimed('nobody_on_call')).rejects.toMatchObject({ code: 'quorum_lost' });
});
