// Asking on real rows: judged by the newest policy, written once per Idempotency-Key, refused before anything is written.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JSON_LIMITS } from '../../sdk/src/json.ts';
import type { Ask } from '../../src/domain/request/request.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import {
  apply,
  CREDENTIAL,
  makeAgent,
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  setActive,
  sha256,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { countOf } from '../support/rows.ts';
import { NEVER, RULES } from './rules.ts';

let database: TestDatabase;
let world: World;
const policy = makePolicy([
  ...RULES,
  makeRuleFor('bare/*', { name: 'bare', credential: null }),
  makeRuleFor('three/*', { name: 'all three', quorum: 3 }),
  makeRuleFor('oncall/*', { name: 'on-call', approvers: ['dba'], quorum: 2 }),
]);
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, policy);
});
afterAll(() => database.drop());

const ask = (changes: Partial<Ask> = {}) => submit(world.deps, world.caller, makeSubmission(changes));
const count = (sql: string, ...values: unknown[]) => countOf(database, sql, ...values);

describe('the same Idempotency-Key', () => {
  test('fifty times at once is one request: one row, one start, one event, and the same answer fifty times', async () => {
    const submission = makeSubmission();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => submit(world.deps, world.caller, { ...submission })),
    );
    const [first] = answers;
    for (const answer of answers) expect(answer).toEqual(first);
    expect(await count('placet.approval_requests where idempotency_key = $1', submission.idempotency_key)).toBe(1);
    expect(await count("placet.outbox where request_id = $1 and kind = 'start'", first?.id)).toBe(1);
    expect(await count('placet.audit_events where request_id = $1', first?.id)).toBe(1);
  });

  test('with the same new person behind it fifty times at once makes one person', async () => {
    const submission = makeSubmission({ on_behalf_of: 'new-here@example.com' });
    await Promise.all(Array.from({ length: 50 }, () => submit(world.deps, world.caller, submission)));
    expect(await count("placet.person_emails where address = 'new-here@example.com'")).toBe(1);
  });

  test.each([
    ['decided', 'order/1'],
    ['allowed', 'order/free/1'],
    ['denied by a rule', 'order/1/never'],
  ])('gives the answer of its creation again once the request was %s', async (_when, resource) => {
    const submission = makeSubmission({ resource });
    const first = await submit(world.deps, world.caller, submission);
    await decide(world.deps, makeClick(first, 'ann'));
    expect(await submit(world.deps, world.caller, submission)).toEqual(first);
  });

  test('gives the same answer under a newer policy, which judges only what is new', async () => {
    const submission = makeSubmission();
    const first = await submit(world.deps, world.caller, submission);
    await apply(world.service, makePolicy([makeRule({ name: 'newer', ...NEVER })]));
    expect(await submit(world.deps, world.caller, submission)).toEqual(first);
    expect(await ask()).toMatchObject({ state: 'denied', policy: { rule: 'newer' } });
    await apply(world.service, policy);
  });

  test('gives the same answer under a newer policy that would refuse it, and makes no second request', async () => {
    const submission = makeSubmission({ credential: CREDENTIAL });
    const first = await submit(world.deps, world.caller, submission);
    await apply(world.service, makePolicy([makeRule({ credential: null })]));
    expect(await submit(world.deps, world.caller, submission)).toEqual(first);
    await expect(ask({ credential: CREDENTIAL })).rejects.toMatchObject({ code: 'credential_exceeds_policy' });
    await apply(world.service, policy);
  });

  test('with another body is a conflict, and changes nothing', async () => {
    const submission = makeSubmission();
    const { id } = await submit(world.deps, world.caller, submission);
    const other = { ...makeSubmission({ parameters: { amount: 121 } }), idempotency_key: submission.idempotency_key };
    await expect(submit(world.deps, world.caller, other)).rejects.toMatchObject({
      code: 'idempotency_conflict',
      details: { request_id: id },
    });
    expect(await count('placet.approval_requests where idempotency_key = $1', submission.idempotency_key)).toBe(1);
  });

  test('with two bodies at once is one request; whoever comes second meets the conflict', async () => {
    const one = makeSubmission();
    const two = { ...makeSubmission({ parameters: { amount: 1 } }), idempotency_key: one.idempotency_key };
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, place) => submit(world.deps, world.caller, place % 2 === 0 ? one : two)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'idempotency_conflict' });
  });

  test('of another agent is another request', async () => {
    const submission = makeSubmission();
    const other = await makeAgent(world.service);
    const first = await submit(world.deps, world.caller, submission);
    expect((await submit(world.deps, other, submission)).id).not.toBe(first.id);
  });
});

describe('a request is refused, and no row is written, when', () => {
  const wider: [string, Partial<Ask>][] = [
    [
      'its credential has a scope that the rule does not grant',
      { credential: { ...CREDENTIAL, scopes: ['orders:*'] } },
    ],
    ['its credential is for another audience', { credential: { ...CREDENTIAL, audience: 'https://evil.example' } }],
    ['its credential lives a second longer', { credential: { ...CREDENTIAL, lifetime_seconds: 301 } }],
    ['its rule grants no credential at all', { resource: 'bare/1', credential: CREDENTIAL }],
  ];
  test.each(wider)('%s (INV-5)', async (_title, changes) => {
    const submission = makeSubmission(changes);
    await expect(submit(world.deps, world.caller, submission)).rejects.toMatchObject({
      code: 'credential_exceeds_policy',
    });
    expect(await count('placet.approval_requests where idempotency_key = $1', submission.idempotency_key)).toBe(0);
  });

  test('too few people could ever approve: the human behind it does not count (INV-2)', async () => {
    const submission = makeSubmission({ resource: 'three/1', on_behalf_of: 'ann@example.com' });
    await expect(submit(world.deps, world.caller, submission)).rejects.toMatchObject({
      code: 'quorum_unreachable',
      details: { quorum: 3, eligible: 2 },
    });
    expect(await count('placet.approval_requests where idempotency_key = $1', submission.idempotency_key)).toBe(0);
    expect(await ask({ resource: 'three/1' })).toMatchObject({ state: 'pending' });
  });

  test('too few people are active', async () => {
    await setActive(world, database, { address: 'cat@example.com', is_active: false });
    await expect(ask({ resource: 'three/2' })).rejects.toMatchObject({ code: 'quorum_unreachable' });
    await setActive(world, database, { address: 'cat@example.com', is_active: true });
  });

  test('a Slack user group is taken at its word, because only Slack knows who is in it', async () => {
    expect(await ask({ resource: 'oncall/1' })).toMatchObject({ state: 'pending' });
  });
});

describe('what is kept', () => {
  test.each([
    ['as asked when that is sooner', 60, 60],
    ['the rule bounds it when more is asked', 86_400, 600],
    ['the rule says it when nothing is asked', null, 600],
  ])('the expiry: %s', async (_title, timeout_seconds, seconds) => {
    const { created_at, expires_at } = await ask({ timeout_seconds });
    expect(((expires_at?.getTime() ?? 0) - created_at.getTime()) / 1_000).toBe(seconds);
  });

  test('the narrower credential that was asked for, else the one of the rule (INV-5)', async () => {
    const credential = { ...CREDENTIAL, lifetime_seconds: 30 };
    expect((await ask({ credential })).credential).toEqual(credential);
    expect((await ask()).credential).toEqual(CREDENTIAL);
  });

  test('the digest is that of the stored bytes, and the bytes are all that is shown', async () => {
    const { id, digest } = await ask({ parameters: { b: 1, a: '\u202eevil' } });
    const [row] = await database.asSuperuser<{ canonical: Buffer }>(
      'select canonical from placet.approval_requests where id = $1',
      [id],
    );
    const bytes = Buffer.concat([Buffer.from('placet/action/v1\n'), row?.canonical ?? Buffer.alloc(0)]);
    expect(`sha256:${sha256(bytes).toString('hex')}`).toBe(digest);
    expect(JSON.parse(row?.canonical.toString() ?? '')).toMatchObject({ parameters: { a: '\u202eevil', b: 1 } });
  });

  test('a body at its size limit whose numbers grow in the canonical form is taken as any other', async () => {
    // "9e15," is five bytes in the body and seventeen in the canonical form.
    const amounts = Array.from({ length: Math.floor((JSON_LIMITS.bytesMax - 500) / 5) }, () => 9e15);
    expect(await ask({ parameters: { amounts } })).toMatchObject({ state: 'pending', parameters: { amounts } });
  });
});
