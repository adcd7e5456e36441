// What two people cannot be joined by: each wrong merge is refused with its code, and none is ever taken back.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as people from '../../src/db/people.ts';
import { newId } from '../../src/process/wiring.ts';
import { mergePeople } from '../../src/service/admin/people.ts';
import { makePerson, makeWorld, OPERATOR, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { isSomeoneWaiting } from '../support/locks.ts';
import { until } from '../support/wait.ts';

let database: TestDatabase;
let world: World;
let fresh = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
});
afterAll(() => database.drop());

/** People whom no other test has met, because a merge is for good. */
const twoPeople = (): readonly [string, string] => [`m${fresh++}`, `m${fresh++}`];
const emailOf = (name: string) => `${name}@example.com`;
const idOf = (name: string) => makePerson(world.service, emailOf(name));
const merge = (who: string, into: string) =>
  mergePeople(world.service, { tenant_id: TENANT, who, into, operator: OPERATOR });

describe('a merge that is refused changes nothing', () => {
  const everything = () =>
    database.asSuperuser(`select (select jsonb_agg(p order by p.id) from placet.people p) as people,
      (select jsonb_agg(e order by e.address, e.from_at) from placet.person_emails e) as addresses,
      (select count(*)::int from placet.audit_events) as events`);

  test('into itself, of or into one that was merged, in a circle, and of somebody unknown', async () => {
    const [one, other] = twoPeople();
    const [old, kept] = [await idOf(one), await idOf(other)];
    const third = await idOf('cat');
    await merge(old, kept);
    const before = await everything();
    const refused: [who: string, into: string, code: string][] = [
      [kept, kept, 'same_person'],
      [emailOf(one), emailOf(other), 'same_person'],
      [old, kept, 'person_merged'],
      [old, third, 'person_merged'],
      [third, old, 'person_merged'],
      [kept, old, 'person_merged'],
      [newId('person'), kept, 'not_found'],
      [kept, 'nobody@example.com', 'not_found'],
    ];
    for (const [who, into, code] of refused) {
      await expect(
        merge(who, into).then(
          () => 'merged',
          (error) => error.code,
        ),
      ).resolves.toBe(code);
    }
    await expect(merge(old, third)).rejects.toMatchObject({ details: { person: kept } });
    expect(await everything()).toEqual(before);
  });

  test('and there is no way back, nor to somebody else, whoever writes it', async () => {
    const [one, other] = twoPeople();
    const [old, kept] = [await idOf(one), await idOf(other)];
    const third = await idOf('cat');
    await merge(old, kept);
    const before = await everything();
    const set = (into: string | null) =>
      database.transact(TENANT, (tx) =>
        tx.query('update placet.people set merged_into = $2 where id = $1', [old, into]),
      );
    await expect(set(null)).rejects.toThrow('is merged for good');
    await expect(set(third)).rejects.toThrow('is merged for good');
    await expect(
      database.asSuperuser('update placet.people set merged_into = $2 where id = $1', [third, old]),
    ).rejects.toThrow('is merged itself');
    expect(await everything()).toEqual(before);
  });
});

test('of three who are one, merged one after the other or at the same moment, all mean the last', async () => {
  const [one, other] = twoPeople();
  const [third] = twoPeople();
  const [first, middle, last] = [await idOf(one), await idOf(other), await idOf(third)];
  let other_merge: Promise<unknown> = Promise.resolve();
  await database.transact(TENANT, async (tx) => {
    await people.mergePeople(tx, { person_id: first, into_person_id: middle });
    other_merge = merge(middle, last);
    await until(() => isSomeoneWaiting(database));
  });
  await other_merge;
  const sql = 'select id, person_id from placet.people_now where id = any ($1) order by id';
  const now = await database.asSuperuser<{ person_id: string }>(sql, [[first, middle, last]]);
  expect(now.map(({ person_id }) => person_id)).toEqual([last, last, last]);
});
