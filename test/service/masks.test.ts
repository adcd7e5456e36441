// Masked parameters on real rows: judged by their values, kept as commitments, and answered with the salts to whoever asked.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actionDigest } from '@placet/sdk';
import { listRequests, readRequest } from '../../src/service/agent/read.ts';
import { submit } from '../../src/service/agent/submit.ts';
import {
  apply,
  MASKS,
  makePolicy,
  makeRule,
  makeSubmission,
  makeWorld,
  sha256,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let world: World;
const CARD = '4111111111111111';
const action = {
  parameters: {
    type: 'object',
    properties: { amount: { type: 'number' }, card: { type: 'string', pattern: '^[0-9]{16}$' }, pin: { enum: [1, 2] } },
  },
  mask: ['card', 'pin'],
} as const;
const policy = {
  ...makePolicy([
    makeRule({ name: 'test cards', when: `parameters.card == "${CARD}"`, effect: 'allow', approvers: [] }),
    makeRule({ name: 'others' }),
  ]),
  actions: { 'orders.refund': action },
};
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, { ...policy, rules: policy.rules.slice(0, 1) });
});
afterAll(() => database.drop());

const asking = (parameters = { amount: 5, card: CARD }) => {
  const submission = makeSubmission({ parameters });
  return { submission, answer: submit(world.deps, world.caller, submission) };
};
type Row = { readonly body_digest: Buffer; readonly canonical: Buffer; readonly all: string };
const rowOf = async (id: string) => {
  const sql = 'select body_digest, canonical, r::text as all from placet.approval_requests r where id = $1';
  const [row] = await database.asSuperuser<Row>(sql, [id]);
  if (row === undefined) throw new Error('there is no such request');
  return row;
};

test('are judged by their values, and the row holds commitments in their place', async () => {
  const view = await asking().answer;
  expect(view).toMatchObject({ state: 'approved', policy: { rule: 'test cards' }, parameters: { amount: 5 } });
  const { canonical, all } = await rowOf(view.id);
  expect(all).not.toContain(CARD);
  const { card } = view.masked ?? {};
  const bytes = Buffer.concat([Buffer.from(card?.salt ?? '', 'base64url'), Buffer.from(JSON.stringify(CARD))]);
  const commitment = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  expect(card).toMatchObject({ commitment, type: 'string', length: 16 });
  expect(JSON.parse(canonical.toString())).toMatchObject({ v: 2, masked: { card: { commitment } } });
  expect(await asking({ amount: 5, card: '4111111111111112' }).answer).toMatchObject({ state: 'denied' });
});

test('have a digest that the SDK makes again from the values and the salts of the answer', async () => {
  const { submission, answer } = asking();
  const { masked, digest } = await answer;
  const salts = Object.fromEntries(Object.entries(masked ?? {}).map(([name, { salt }]) => [name, salt ?? '']));
  const { action, resource, parameters } = submission.ask;
  expect(actionDigest({ action, resource, parameters }, salts)).toBe(digest);
  expect(actionDigest({ action, resource, parameters: { ...parameters, card: '4111111111111112' } }, salts)).not.toBe(
    digest,
  );
  expect((await asking().answer).digest).not.toBe(digest);
});

test('are answered with their salts when the ask is repeated, and without them when it is read', async () => {
  const { submission, answer } = asking();
  const first = await answer;
  expect(await submit(world.deps, world.caller, submission)).toEqual(first);
  const bare = { card: { ...first.masked?.['card'], salt: null } };
  expect((await readRequest(world.deps, world.caller, first.id)).masked).toEqual(bare);
  const { items } = await listRequests(world.deps, world.caller, { state: null, limit: 1, cursor: null });
  expect(items[0]?.masked).toEqual(bare);
});

test('do not stand behind a digest of the body that could be tried, and another body is still a conflict', async () => {
  const { submission, answer } = asking();
  const { id } = await answer;
  const { body_digest } = await rowOf(id);
  expect(body_digest.equals(Buffer.from(submission.body_digest))).toBe(false);
  const other = { ...submission, body_digest: sha256(Buffer.from('another body')) };
  await expect(submit(world.deps, world.caller, other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
});

test('that are not there are not masked, and a repeat under a policy that masks is answered as it was', async () => {
  const bare = asking({ amount: 5 } as { amount: number; card: string });
  expect((await bare.answer).masked).toBeNull();
  await apply(world.service, makePolicy([makeRule({ effect: 'allow', approvers: [] })]));
  const open = asking();
  const first = await open.answer;
  expect(first).toMatchObject({ masked: null, parameters: { card: CARD } });
  await apply(world.service, policy);
  expect(await submit(world.deps, world.caller, open.submission)).toEqual(first);
});

test('salts open for the request that they were sealed for, and for no other', () => {
  const place = { tenant_id: TENANT, request_id: 'apr_1' };
  const hidden = MASKS.hide(place, { card: CARD, amount: 1 }, ['card', 'pin']);
  if (hidden === null) throw new Error('something is masked');
  expect(hidden.parameters).toEqual({ amount: 1 });
  expect(MASKS.openSalts(place, hidden.salts_sealed)).toEqual(hidden.salts);
  for (const other of [
    { ...place, request_id: 'apr_2' },
    { ...place, tenant_id: 'other' },
  ])
    expect(() => MASKS.openSalts(other, hidden.salts_sealed)).toThrow();
  expect(MASKS.hide(place, { amount: 1 }, ['card'])).toBeNull();
});
