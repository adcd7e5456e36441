// `placet doctor` on people: whoever is named by the policy or owns an agent, and Slack does not know, is told by address.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, startPlayground } from '@placet/playground';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { buildAdmin } from '../../src/process/admin.ts';
import { requireConfig } from '../../src/process/config.ts';
import { OPERATOR } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { goodSettings, KNOWN_PEOPLE, runDoctor } from './support.ts';

let database: TestDatabase;
let playground: Playground;
let admin: ReturnType<typeof buildAdmin>;

beforeAll(async () => {
  [database, playground] = await Promise.all([createTestDatabase(), startPlayground({})]);
  admin = buildAdmin(() => requireConfig(goodSettings(database, playground)));
});
afterAll(() => Promise.all([database.drop(), playground.close()]));

const apply = (document: PolicyDocument) => admin.applyPolicy({ document, source: '', operator: OPERATOR });
const people = async () => (await runDoctor(goodSettings(database, playground))).get('People');

/** The policy with further people in it. */
const naming = (...addresses: readonly string[]): PolicyDocument => ({
  ...KNOWN_PEOPLE,
  people: [...KNOWN_PEOPLE.people, ...addresses.map((email) => ({ email, name: null, slack: [] }))],
});

test('before anybody is named there is nothing to ask for', async () => {
  expect(await people()).toMatchObject({ ok: true, detail: 'nobody is named yet: placet policy apply' });
});

test('whoever Slack knows, by address or by the account that the policy names, is not told', async () => {
  await apply(KNOWN_PEOPLE);
  await createPlaygroundClient(playground.url).setUser('U0FINLEAD', { email: 'f.lead@example.com' });
  expect(await people()).toMatchObject({
    ok: true,
    detail: 'Slack knows all 5 of the policy and the owners of agents',
  });
});

test('a mistyped address, one who has left, one whose address is not confirmed and an owner are told, with what helps', async () => {
  const slack = createPlaygroundClient(playground.url);
  await slack.setUser('U0TREASURER', { is_email_confirmed: false });
  await apply(naming('tresurer@example.com', 'gone@example.com'));
  const agent = { environment: 'production', days: 1, is_new_owner: true, by: OPERATOR };
  await admin.createAgent({ ...agent, name: 'lonely', owner_email: 'nobody@example.com' });
  await admin.createAgent({ ...agent, name: 'ended', owner_email: 'once@example.com' });
  await admin.revokeAgent({ name: 'ended', by: OPERATOR });
  const line = await people();
  expect(line).toMatchObject({
    ok: false,
    detail:
      'Slack does not know gone@example.com, nobody@example.com (owner of lonely), treasurer@example.com, tresurer@example.com',
  });
  expect(line?.remedy).toContain('placet person merge');
});

test('a long list of them is cut, and says of how many', async () => {
  await apply(naming(...Array.from({ length: 30 }, (_, at) => `typo-${String(at).padStart(2, '0')}@example.com`)));
  const { detail = '' } = (await people()) ?? {};
  expect(detail.match(/@/g)).toHaveLength(20);
  expect(detail).toMatch(/ and 12 more$/);
});
