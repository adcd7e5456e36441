// What whoever owns the database can do to the log, and how the walk of `placet audit verify` finds it.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { shifted } from '../support/shifted.ts';
import { alterEvent, CREATED, forgeCheckpoint, rehash, sequence } from './harm.ts';
import { addEvents, type LogCopy, type LogWorld, makeKeys, makeLogWorld } from './world.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await makeLogWorld();
});
afterAll(() => world.drop());

test('a log that nobody touched is whole, and an erased value leaves it whole', async () => {
  const copy = await world.copy();
  expect(await copy.verify()).toBe('nothing');
  await copy.asOwner(`update placet.audit_events set salt = null where ${CREATED} or type = 'decision.recorded'`);
  expect(await copy.verify()).toBe('nothing');
});

describe('placet audit verify finds what the owner of the database did', () => {
  test.each<[what: string, harm: (copy: LogCopy) => Promise<unknown>, finding: string]>([
    [
      'altered a row',
      (copy) => copy.asOwner(`update placet.audit_events set outcome = 'failure' where ${CREATED}`),
      'the event’s row does not say what its leaf says',
    ],
    [
      'altered a byte of a leaf',
      (copy) => copy.asOwner('update placet.log_leaves set leaf = set_byte(leaf, 5, 65) where index = 3'),
      'the leaf is not the one that the log has there',
    ],
    [
      'altered a value',
      (copy) => copy.asOwner("update placet.decisions set reason = 'no'"),
      'A value is shown that is not the one that the log commits to. (reason)',
    ],
    [
      'altered a time',
      (copy) =>
        copy.asOwner(`update placet.audit_events set occurred_at = occurred_at - interval '1 day' where ${CREATED}`),
      'the event’s row does not say what its leaf says',
    ],
    [
      'dropped an event',
      (copy) => copy.asOwner(`delete from placet.audit_events where ${CREATED}`),
      'the event is gone',
    ],
    [
      'dropped an event with its place',
      (copy) =>
        copy.asOwner(
          `with e as (delete from placet.audit_events where ${CREATED} returning position) delete from placet.log_leaves l using e where l.position = e.position`,
        ),
      'the log has no place',
    ],
    [
      'dropped the tail',
      (copy) =>
        copy.asOwner(
          'delete from placet.log_leaves where index >= 300; update placet.logs set size = 300; delete from placet.log_checkpoints',
        ),
      'the anchor',
    ],
    [
      'inserted an event',
      async (copy) => {
        const columns = 'type, outcome, actor_kind, actor_id, request_id, lease_id, digest, facts, occurred_at';
        await copy.asOwner(`insert into placet.audit_events (tenant_id, id, ${columns})
          select tenant_id, 'evt_' || repeat('0', 36), ${columns} from placet.audit_events e where ${CREATED}`);
        await sequence(copy);
      },
      'the request is made a second time',
    ],
    [
      'kept an event out of the log',
      async (copy) => {
        await addEvents(copy.database.transact, 1);
        await copy.asOwner('update placet.logs set settled = settled + 1');
        await sequence(copy);
      },
      'the event is outside of the log',
    ],
    [
      'put an event between those that have their places',
      (copy) =>
        copy.asOwner(
          `create temp table t as select * from placet.audit_events where ${CREATED}; update t set id = 'evt_' || repeat('0', 36), position = 0;
            insert into placet.audit_events overriding system value select * from t`,
        ),
      'the event is outside of the log',
    ],
    [
      'swapped two places',
      (copy) =>
        copy.asOwner(
          `create temp table t as select * from placet.log_leaves where index in (3, 4); delete from placet.log_leaves where index in (3, 4);
            insert into placet.log_leaves select tenant_id, 7 - index, position, leaf, hash, sequenced_at from t`,
        ),
      'the kept hash 0 of level 1 is not that of its leaves',
    ],
    [
      'swapped the leaves of two events',
      (copy) =>
        copy.asOwner(
          'update placet.log_leaves l set leaf = o.leaf from placet.log_leaves o where l.index + o.index = 7 and l.index in (3, 4)',
        ),
      'the leaf is not the one that the log has there',
    ],
    [
      'altered a kept hash',
      (copy) => copy.asOwner("update placet.log_nodes set hash = sha256('x')"),
      'the kept hash 0 of level 1 is not that of its leaves',
    ],
    [
      'altered a checkpoint',
      (copy) => copy.asOwner("update placet.log_checkpoints set note = replace(note, 'default', 'other')"),
      'is not signed by the log’s key',
    ],
    [
      'rewrote the whole log over an altered event',
      async (copy) => {
        await alterEvent(copy);
        await rehash(copy);
      },
      'is of another log',
    ],
    [
      'rewrote the whole log and signed it again with the stolen key',
      async (copy) => {
        await alterEvent(copy);
        await forgeCheckpoint(copy, world.keys, await rehash(copy));
      },
      'the anchor',
    ],
    [
      'gave the log another key',
      (copy) => copy.asOwner('update placet.logs set public_key = $1', [makeKeys().public_key]),
      'holds what this log’s key did not sign',
    ],
  ])('%s', async (_, harm, finding) => {
    const copy = await world.copy();
    await harm(copy);
    expect(await copy.verify()).toContain(finding);
  });

  test('set the clock back', async () => {
    const copy = await world.copy();
    const { transact, pass } = shifted(copy.database.transact);
    pass(-3_600);
    await addEvents(transact, 1);
    await sequence(copy);
    expect(await copy.verify()).toBe('the clock went back before the event');
  });

  test('altered a row of a request that its events tell of', async () => {
    const copy = await world.copy();
    await copy.asOwner("update placet.results set status = 'failed'");
    expect(await copy.verify()).toBe('the row says another results.0.status');
  });
});
