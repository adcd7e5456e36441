// The signer and the sequencer: no two checkpoints contradict each other, and no event is left out, whoever dies or
// restores what.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { recordEvent } from '../../src/audit/record.ts';
import { type Mark, sequenceAll } from '../../src/audit/sequence.ts';
import type { Tx } from '../../src/db/database.ts';
import { CLOCK } from '../../src/domain/people/principal.ts';
import { newId } from '../../src/process/wiring.ts';
import { TENANT } from '../support/database.ts';
import { alterEvent, rehash, sequence } from './harm.ts';
import { addEvents, type LogWorld, makeLogWorld, ORIGIN, signerOf } from './world.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await makeLogWorld();
});
afterAll(() => world.drop());

describe('the signer signs nothing', () => {
  test('for a database of yesterday, restored, nor for one that went on from there', async () => {
    const [copy, yesterday] = [await world.copy(), await world.copy()];
    await addEvents(copy.database.transact, 10);
    await sequence(copy);
    expect(await signCheckpoint(copy.signer)).toMatchObject({ kind: 'signed' });
    const restored = signerOf(yesterday.database.transact, [copy.anchor], world.keys);
    expect(await signCheckpoint(restored)).toMatchObject({ kind: 'refused', why: 'log_behind' });
    await addEvents(yesterday.database.transact, 20);
    await sequence(yesterday);
    expect(await signCheckpoint(restored)).toMatchObject({ kind: 'refused', why: 'log_forked' });
  });

  test('for a log that was rewritten', async () => {
    const copy = await world.copy();
    await alterEvent(copy);
    await rehash(copy);
    await addEvents(copy.database.transact, 1);
    await sequence(copy);
    expect(await signCheckpoint(copy.signer)).toMatchObject({ kind: 'refused', why: 'log_forked' });
  });

  test('without an anchor, with one that cannot be read, that is behind, or that holds another key’s checkpoint', async () => {
    const copy = await world.copy();
    await addEvents(copy.database.transact, 1);
    await sequence(copy);
    const { anchor, signer } = copy;
    const unreachable = { ...anchor, read: () => Promise.reject(new Error('no such host')) };
    const empty = { ...anchor, read: async () => [] };
    const foreign = {
      ...anchor,
      read: async () => [(await anchor.read(ORIGIN))[0]?.replaceAll('default', 'other') ?? ''],
    };
    const because = async (anchors: (typeof anchor)[]) =>
      (await signCheckpoint({ ...signer, anchors })) as { why?: string };
    expect((await because([])).why).toBe('no_anchor');
    expect((await because([unreachable])).why).toBe('anchor_unreachable');
    expect((await because([empty])).why).toBe('anchor_behind');
    expect((await because([foreign])).why).toBe('anchor_foreign');
    expect(await because([anchor])).toMatchObject({ kind: 'signed' });
  });

  test('twice: of ten signers at once one signs, and what one has not finished no other doubles', async () => {
    const copy = await world.copy();
    await addEvents(copy.database.transact, 1);
    await sequence(copy);
    const signers = Array.from({ length: 10 }, () => signerOf(copy.database.transact, [copy.anchor], world.keys));
    const kinds = (await Promise.all(signers.map(signCheckpoint))).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'signed')).toHaveLength(1);
    // One was held up for longer than its turn: another signs, and the first is too late.
    await addEvents(copy.database.transact, 1);
    await sequence(copy);
    const [slow, fast] = [signers[0], signers[1]] as [(typeof signers)[0], (typeof signers)[0]];
    const overtaken = {
      ...copy.anchor,
      write: async (anchored: Parameters<typeof copy.anchor.write>[0]) => {
        await copy.database.asSuperuser('update placet.logs set signer_until = now()');
        await addEvents(copy.database.transact, 1);
        await sequence(copy);
        expect(await signCheckpoint(fast)).toMatchObject({ kind: 'signed' });
        return copy.anchor.write(anchored);
      },
    };
    await copy.database.asSuperuser('update placet.logs set signer_until = now()');
    expect(await signCheckpoint({ ...slow, anchors: [overtaken] })).toEqual({ kind: 'busy' });
    expect(await copy.verify()).toBe('nothing');
  });
});

test('an anchor beside the first that holds a later checkpoint is told as one that missed this one', async () => {
  const copy = await world.copy();
  await addEvents(copy.database.transact, 1);
  await sequence(copy);
  const later = { ...copy.anchor, name: 'later', write: async () => false };
  const { missed } = (await signCheckpoint({ ...copy.signer, anchors: [copy.anchor, later] })) as { missed?: object };
  expect(missed).toMatchObject([{ name: 'later', cause: { message: 'it holds a later checkpoint' } }]);
});

test('of two checkpoints that the anchor holds after one size, both must be of this log', async () => {
  const [copy, other] = [await world.copy(), await world.copy()];
  for (const each of [copy, other]) {
    await addEvents(each.database.transact, 2);
    await sequence(each);
    expect(await signCheckpoint(each.signer)).toMatchObject({ kind: 'signed' });
  }
  await addEvents(copy.database.transact, 1);
  await sequence(copy);
  const read = async (origin: string) => [...(await copy.anchor.read(origin)), ...(await other.anchor.read(origin))];
  const both = { ...copy.anchor, read };
  expect(await signCheckpoint({ ...copy.signer, anchors: [both] })).toMatchObject({ why: 'log_forked' });
  expect(await signCheckpoint(copy.signer)).toMatchObject({ kind: 'signed' });
});

test('a checkpoint that stands in the anchor alone, since its signer died, is taken from there and never signed anew', async () => {
  const copy = await world.copy();
  await addEvents(copy.database.transact, 1);
  await sequence(copy);
  const dying = {
    ...copy.anchor,
    write: async (anchored: Parameters<typeof copy.anchor.write>[0]) => {
      await copy.anchor.write(anchored);
      throw new Error('killed');
    },
  };
  expect(await signCheckpoint({ ...copy.signer, anchors: [dying] })).toMatchObject({ why: 'anchor_unreachable' });
  const [note] = await copy.anchor.read(ORIGIN);
  await addEvents(copy.database.transact, 1);
  await sequence(copy);
  expect(await signCheckpoint(copy.signer)).toMatchObject({ kind: 'signed' });
  const rows = await copy.asOwner('select note from placet.log_checkpoints order by size');
  expect(rows.map((row) => row['note'])).toContain(note);
  expect(await copy.verify()).toBe('nothing');
});

test('an event whose transaction ends after later ones gets its place too, and none is left out or doubled', async () => {
  const copy = await world.copy();
  const { transact } = copy.database;
  const facts = { kid: 'late' };
  await transact(TENANT, async (tx) => {
    await recordEvent({ newId }, tx, { type: 'signing_key.created', outcome: 'success', actor: CLOCK, facts });
    await Promise.all(Array.from({ length: 5 }, () => addEvents(transact, 30)));
    await Promise.all(Array.from({ length: 3 }, () => sequence(copy)));
  });
  await Promise.all(Array.from({ length: 3 }, () => sequence(copy)));
  const [row] =
    await copy.asOwner(`select (select count(*) from placet.audit_events where salt is not null)::int as events,
    (select count(*) from placet.log_leaves)::int as places, (select max(index) + 1 from placet.log_leaves)::int as size`);
  expect(row).toEqual({ events: row?.['places'], places: row?.['size'], size: row?.['size'] });
  expect(await copy.verify()).toBe('nothing');
});

test('the log is settled past an event that was taken back, and never past one that may still come', async () => {
  const copy = await world.copy();
  const { transact } = copy.database;
  const deps = { transact, tenant_id: TENANT };
  const number = async (sql: string) =>
    Number((await copy.database.asSuperuser<{ n: string }>(`select ${sql} as n`))[0]?.n);
  const settled = () => number('(select settled from placet.logs)');
  const newest = () => number('(select max(position) from placet.audit_events)');
  const facts = { kid: 'late' };
  const write = (tx: Tx) =>
    recordEvent({ newId }, tx, { type: 'signing_key.created', outcome: 'success', actor: CLOCK, facts });
  let mark: Mark | null = null;
  const pass = async () => {
    mark = (await sequenceAll(deps, mark)).mark;
  };
  const before = await settled();
  let late = 0;
  await transact(TENANT, async (tx) => {
    await write(tx);
    await addEvents(transact, 1);
    late = (await newest()) - 1;
    for (let passes = 0; passes < 3; passes += 1) await pass();
    expect(await settled()).toBeLessThan(late);
  });
  await pass();
  await pass();
  expect(await settled()).toBe(await newest());
  expect(await settled()).toBeGreaterThan(before);
  const back = new Error('taken back');
  await transact(TENANT, async (tx) => {
    await write(tx);
    throw back;
  }).catch((error: unknown) => expect(error).toBe(back));
  await addEvents(transact, 1);
  for (let passes = 0; passes < 3; passes += 1) await pass();
  expect(await settled()).toBe(await newest());
  expect(await copy.verify()).toBe('nothing');
});
