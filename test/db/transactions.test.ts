// A transaction ends for all that was begun in it: nothing of it runs on in the next one on the same connection, which may
// be another tenant's (INV-9).

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Database, openDatabase, type Tx } from '../../src/db/database.ts';
import { inOrder } from '../../src/db/in-order.ts';
import * as tenants from '../../src/db/tenants.ts';
import { newId } from '../../src/process/wiring.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { later } from '../support/later.ts';
import type { Statements } from '../support/statements.ts';

const OTHER = 'other';

let database: TestDatabase;
/** One connection only, so that each transaction follows the one before on it. */
let single: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  const options = { url: database.app_url, max: 1, application_name: 'test', onError: () => undefined };
  single = openDatabase(options);
  for (const tenant of [TENANT, OTHER]) await single.transact(tenant, (tx) => tenants.ensureTenant(tx));
});
afterAll(async () => {
  await single.close();
  await database.drop();
});

const addPerson = (tx: Tx, name: string) =>
  tx.query('insert into placet.people (tenant_id, id, name) values (placet.current_tenant(), $1, $2)', [
    newId('person'),
    name,
  ]);
const named = (name: string) =>
  database.asSuperuser<{ tenant_id: string }>('select tenant_id from placet.people where name = $1', [name]);
const fail = (tx: Tx) => tx.query('select 1 / $1::int as never', [0]);
const LATE = { code: 'internal', cause: { message: 'a statement was sent after the end of its transaction' } };

test('what was left running when its sibling failed does not go on in the transaction of another tenant (INV-9)', async () => {
  const next = later<void>();
  let left: Promise<unknown> = Promise.resolve();
  const failed = single.transact(TENANT, async (tx) => {
    left = next.promise.then(() => addPerson(tx, 'stray'));
    left.catch(() => undefined);
    await Promise.all([left, fail(tx)]);
  });
  await expect(failed).rejects.toThrow('division by zero');
  await single.transact(OTHER, async (tx) => {
    await tx.query('select 1 as one');
    next.resolve();
    await Promise.allSettled([left]);
  });
  expect(await named('stray')).toEqual([]);
  await expect(left).rejects.toMatchObject(LATE);
});

test('a transaction that was kept beyond its end is refused, after a commit too', async () => {
  const kept = await single.transact(TENANT, async (tx) => tx);
  await expect(addPerson(kept, 'kept')).rejects.toMatchObject(LATE);
  expect(await named('kept')).toEqual([]);
});

test('statements that are still under way when their transaction fails are rolled back with it', async () => {
  let left: Promise<unknown> = Promise.resolve();
  const failed = single.transact(TENANT, async (tx) => {
    left = tx.query('select pg_sleep(0.1)').then(() => undefined);
    void addPerson(tx, 'under way');
    throw new Error('no more');
  });
  await expect(failed).rejects.toThrow('no more');
  await left;
  await single.transact(OTHER, (tx) => addPerson(tx, 'next'));
  expect(await named('under way')).toEqual([]);
  expect(await named('next')).toEqual([{ tenant_id: OTHER }]);
});

test('a failure that nobody looked at is no success: nothing was committed, and the caller learns it', async () => {
  const passedOver = single.transact(TENANT, async (tx) => {
    await addPerson(tx, 'half');
    await fail(tx).catch(() => undefined);
    return 'done';
  });
  await expect(passedOver).rejects.toMatchObject({ code: 'internal', cause: { message: /nothing was committed/ } });
  expect(await named('half')).toEqual([]);
});

test('what is sent with the commit is committed with it; what comes later is refused', async () => {
  const answer = await single.transact(TENANT, async (tx) => {
    const sent = await tx.commitWith(() => inOrder(tx, [(tx) => addPerson(tx, 'with the commit'), async () => 'sent']));
    await expect(addPerson(tx, 'after it')).rejects.toMatchObject({ code: 'internal' });
    await expect(tx.commitWith(() => addPerson(tx, 'again'))).rejects.toMatchObject({ code: 'internal' });
    return sent[1];
  });
  expect(answer).toBe('sent');
  expect(await named('with the commit')).toEqual([{ tenant_id: TENANT }]);
  expect(await named('after it')).toEqual([]);
});

test('a statement that fails beside its commit takes all of the transaction with it, and its own error is told', async () => {
  const failed = single.transact(TENANT, async (tx) => {
    await addPerson(tx, 'before the failure');
    return tx.commitWith(() => inOrder(tx, [(tx) => addPerson(tx, 'beside it'), (tx) => fail(tx)]));
  });
  await expect(failed).rejects.toThrow('division by zero');
  expect(await named('before the failure')).toEqual([]);
  expect(await named('beside it')).toEqual([]);
  await single.transact(OTHER, (tx) => addPerson(tx, 'on the same connection'));
  expect(await named('on the same connection')).toEqual([{ tenant_id: OTHER }]);
});

test('statements in order are sent before any is awaited, run as they stand, and answer as they stand', async () => {
  const sent: string[] = [];
  const answers = await single.transact(TENANT, (begun) => {
    const query: Tx['query'] = (text, values) => {
      sent.push(text);
      return begun.query(text, values);
    };
    const tx: Tx = { ...begun, query };
    const number = async (each: Tx, sql: string) => (await each.query<{ n: number }>(sql)).rows[0]?.n;
    const answered = inOrder(tx, [
      (each) => number(each, 'select 1 as n'),
      null,
      async (each) => {
        const two = await number(each, 'select 2 as n');
        return [two, await number(each, 'select 3 as n')] as const;
      },
    ]);
    expect(sent).toEqual(['select 1 as n', 'select 2 as n']);
    return answered;
  });
  expect(answers).toEqual([1, null, [2, 3]]);
  expect(sent).toEqual(['select 1 as n', 'select 2 as n', 'select 3 as n']);
});

test('statements in order have all ended when the first error in their order is thrown', async () => {
  const ended: string[] = [];
  const failed = single.transact(TENANT, (tx) =>
    inOrder(tx, [
      (each) => fail(each),
      (each) => addPerson(each, 'behind').finally(() => ended.push('behind')),
      async () => {
        throw new Error('sooner, but behind');
      },
    ]).finally(() => ended.push('all')),
  );
  await expect(failed).rejects.toThrow('division by zero');
  expect(ended).toEqual(['behind', 'all']);
});

test('of statements in order only the last may send another, and what they gave out goes on after them', async () => {
  const twice = async (tx: Tx) => {
    await tx.query('select 1 as one');
    return tx.query('select 2 as two');
  };
  const failed = single.transact(TENANT, (tx) => inOrder(tx, [twice, (each) => each.query('select 3 as three')]));
  await expect(failed).rejects.toMatchObject({ code: 'internal', cause: { message: /not the last of its order/ } });
  const [row] = await single.transact(TENANT, async (begun) => {
    const [tx] = await inOrder(begun, [async (each) => each, twice]);
    return (await tx.query<{ n: number }>('select 4 as n')).rows;
  });
  expect(row).toEqual({ n: 4 });
});

test('a connection that cannot say that it is in no transaction is not used again', async () => {
  const pidOf = async (tx: Tx) => (await tx.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
  const before = await single.transact(TENANT, pidOf);
  const lost = single.transact(TENANT, async (tx) => {
    const pid = await pidOf(tx);
    expect(pid).toBe(before);
    await tx.query('select pg_terminate_backend($1)', [pid]);
  });
  await expect(lost).rejects.toMatchObject({ code: 'unavailable' });
  expect(await single.transact(OTHER, pidOf)).not.toBe(before);
});

type Takes<F> = F extends (tx: infer X, ...rest: never) => unknown ? X : never;
type UnderLock<Room extends keyof Statements> = {
  [Name in keyof Statements[Room]]: Tx extends Takes<Statements[Room][Name]> ? never : `${Room}.${Name & string}`;
}[keyof Statements[Room]];

test('what changes a request, or what hangs on it, does not compile without its lock', () => {
  // Neither one more nor one less compiles: `npm run check` reads the types of the tests too.
  const all: Readonly<Record<{ [Room in keyof Statements]: UnderLock<Room> }[keyof Statements], true>> = {
    'requests.closeRequest': true,
    'requests.expireRequest': true,
    'requests.tellRequest': true,
    'requests.touchRequest': true,
    'decisions.insertDecision': true,
    'escalations.insertEscalations': true,
    'contentViews.insertContentView': true,
    'grants.insertGrant': true,
    'grants.redeemGrant': true,
    'grants.redeemWithoutLease': true,
    'leases.spendLease': true,
    'leases.endLease': true,
    'executions.insertExecution': true,
    'results.insertResult': true,
    'revocations.insertRevocation': true,
    'proposals.endProposal': true,
  };
  expect(Object.keys(all)).toHaveLength(16);
});
