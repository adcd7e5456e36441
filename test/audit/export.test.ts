// An export of the log: whole, the same bytes each time, and checked by the one file that goes with it, which finds whatever was
// done to it since.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Transact } from '../../src/db/database.ts';
import { shifted } from '../support/shifted.ts';
import { openTestApi, submitApproved } from '../support/use-cases.ts';
import { checkExport, type ExportFilter, exportTo, type Harm, harmedCopy, hideFirst, lines } from './exporting.ts';
import { addEvents, keepTestLog } from './world.ts';

const run = promisify(execFile);

let opened: Awaited<ReturnType<typeof openTestApi>>;
let log: ReturnType<typeof keepTestLog>;
/** The moment between the first events and the others. */
let between: Date;

beforeAll(async () => {
  opened = await openTestApi();
  log = keepTestLog(opened.database.transact);
  await submitApproved(opened.api, opened.world);
  await log.sign();
  const [row] = await opened.database.asSuperuser<{ now: Date }>('select clock_timestamp() as now');
  between = row?.now ?? new Date(0);
  // More than a page of the export, and more than a kept subtree.
  await addEvents(opened.database.transact, 510);
  await log.sign();
}, 60_000);
afterAll(() => opened.close());

/** An hour later, by the clock of whoever exports. */
const later = (): Transact => {
  const { transact, pass } = shifted(opened.database.transact);
  pass(3_600);
  return transact;
};
const exported = (filter: ExportFilter = {}, transact = opened.database.transact) => exportTo(transact, filter);
const check = (folder: string, key = log.key) => checkExport(folder, key);
const countOf = async (sql: string) =>
  Number((await opened.database.asSuperuser<{ n: string }>(`select ${sql} as n`))[0]?.n);

describe('the whole log', () => {
  let whole: Awaited<ReturnType<typeof exported>>;
  beforeAll(async () => {
    whole = await exported();
  });

  test('has each leaf to the byte, and its own verifier takes it', async () => {
    const leaves = await opened.database.asSuperuser<{ leaf: Buffer }>(
      `select leaf from placet.log_leaves where index < ${whole.end_index} order by index`,
    );
    expect(leaves.length).toBeGreaterThan(510);
    expect(whole.textOf('events.ndjson')).toBe(leaves.map(({ leaf }) => `${leaf}\n`).join(''));
    expect(whole.textOf('events.csv').split('\r\n')).toHaveLength(leaves.length + 2);
    expect(whole.manifest).toMatchObject({ first_index: 0, events: { shown: leaves.length, left_out: 0 } });
    const { stdout } = await run('node', [join(whole.folder, 'verify.mjs'), whole.folder, '--key', log.key]);
    expect(stdout).toContain(`They stand in the tree of ${whole.tree_size} events`);
    expect(await check(whole.folder)).toBe(stdout);
    expect(stdout).toContain(`: ${leaves.length} with their events, 0 by their hashes alone.`);
    const [first] = whole.textOf('events.ndjson').split('\n');
    expect(stdout).toContain(`The first event shown is of ${JSON.parse(first ?? '').occurred_at}`);
    const [statement, says] = [whole.manifest.statement, 'All is well.'];
    const other = harmedCopy(whole.folder, (file) => file('manifest.json', (it) => it.replace(statement, says)));
    expect(await check(other)).toBe(stdout);
  });

  test('no value that a leaf only commits to is in it', () => {
    const all = ['events.ndjson', 'events.csv', 'manifest.json'].map(whole.textOf).join('');
    expect(all).toContain('justification');
    expect(all).not.toContain('A-1001');
  });

  const HARM: readonly (readonly [string, Harm, string])[] = [
    [
      'an altered event',
      (file) => file('events.ndjson', (it) => it.replace('"success"', '"failure"')),
      'events.csv says',
    ],
    [
      'an altered event, in both tables',
      (file) => {
        file('events.ndjson', (it) => it.replace('"success"', '"failure"'));
        file('events.csv', (it) => it.replace('"success"', '"failure"'));
      },
      'the root is another one',
    ],
    [
      'a dropped event',
      (file) =>
        file(
          'events.ndjson',
          lines(([, ...rest]) => rest),
        ),
      'events.csv says',
    ],
    [
      'a dropped end',
      (file) =>
        file(
          'events.ndjson',
          lines((all) => [...all.slice(0, -2), '']),
        ),
      'is missing',
    ],
    ['one event more', (file) => file('events.ndjson', (it) => `${it}${it.split('\n')[0]}\n`), 'more than the span'],
    [
      'a span that is told shorter',
      (file) => file('manifest.json', (it) => it.replace(/("end_index": )\d+/, '$1 9')),
      'too short',
    ],
    [
      'a span that is told to begin later',
      (file) => file('manifest.json', (it) => it.replace(/("first_index": )0/, '$1 1')),
      'too short',
    ],
    ['an altered table', (file) => file('events.csv', (it) => it.replace('"agent"', '"person"')), 'events.csv says'],
    [
      'a table without its lines',
      (file) =>
        file(
          'decisions.csv',
          lines(([head = '']) => [head, '']),
        ),
      'has no line of',
    ],
    [
      'an event that is hidden by its hash, without a filter',
      (file) => hideFirst(whole.folder, file),
      'though there is no filter',
    ],
    ['another decision', (file) => file('decisions.csv', (it) => it.replace('"approve"', '"deny"')), ': decision'],
    [
      'another end of a request',
      (file) => file('separation-of-duties.csv', (it) => it.replace('"approved"', '"denied"')),
      ': state',
    ],
    [
      'nobody behind a request',
      (file) => file('separation-of-duties.csv', (it) => it.replace(/"(agt_\w+)","prs_\w+"/, '"$1",""')),
      ': people_behind',
    ],
    [
      'a line about an event of another type',
      (file) => file('decisions.csv', (it) => it.replace(/\n"\d+"/, '\n"0"')),
      ': index',
    ],
    [
      'a policy of another digest',
      (file) => file('policies.ndjson', (it) => it.replace(/sha256:\w{4}/, 'sha256:0000')),
      'policies.ndjson says',
    ],
    [
      'a file that the manifest does not name',
      (file) =>
        file('manifest.json', (it) => it.replace('"VERIFY.md"', '"verify.md"').replace(/"verify.md": \{[^}]*\},?/, '')),
      'other files',
    ],
    [
      'another count',
      (file) => file('manifest.json', (it) => it.replace(/("shown": )\d+/, '$1 1')),
      'counts other events',
    ],
    ['another checkpoint', (file) => file('checkpoint.txt', (it) => it.replace(/\n\d+\n/, '\n9\n')), 'signature under'],
    ['no signature', (file) => file('checkpoint.txt', (it) => it.slice(0, it.indexOf('— '))), 'not signed by this key'],
  ];
  test('whatever is altered, added or taken away is found, though the manifest was made to fit', async () => {
    const names = await Promise.all(
      HARM.map(async ([name, change, why]) => {
        const found = await check(harmedCopy(whole.folder, change)).catch(String);
        return found.includes(why) ? name : `${name}: ${found}`;
      }),
    );
    expect(names).toEqual(HARM.map(([name]) => name));
  });

  test('a file that is not what the manifest says is found, and another log’s key takes nothing', async () => {
    writeFileSync(join(whole.folder, 'VERIFY.md'), 'Trust me.');
    await expect(check(whole.folder)).rejects.toThrow('VERIFY.md is not the file');
    const other = keepTestLog(opened.database.transact);
    await expect(check((await exported()).folder, other.key)).rejects.toThrow('another key');
  });
});

describe('a span of time', () => {
  test('is the same bytes each time, though the log has grown', async () => {
    const first = await exported({ to: between }).catch((error: unknown) => error);
    // Until a minute has passed events may still come into it.
    expect(first).toMatchObject({ code: 'invalid_request' });
    const to = between;
    const [one, next] = [await exported({ to }, later()), await exported({ from: to }, later())];
    await log.sign();
    const again = await exported({ to }, later());
    expect(again.bytes.equals(one.bytes)).toBe(true);
    expect([one.first_index, one.end_index]).toEqual([0, next.first_index]);
    expect(one.end_index).toBeGreaterThan(3);
    for (const { folder } of [one, next]) await check(folder);
  });

  test('is empty where nothing happened, and that is checked too', async () => {
    const none = await exported({ from: new Date('2020-01-01'), to: new Date('2020-01-02') });
    expect(none.manifest.events).toEqual({ shown: 0, left_out: 0, by_type: {} });
    expect(await check(none.folder)).toContain('NOTHING IS SHOWN');
  });
});

test('a filter cannot hide that something happened: what it leaves out is counted, and proven by its hash', async () => {
  const some = await exported({ types: ['decision.recorded', 'approval_request.created'] });
  expect(some.manifest.events).toMatchObject({ shown: 2, by_type: { 'decision.recorded': 1 } });
  expect(some.manifest.events.left_out).toBe(some.end_index - 2);
  expect(await check(some.folder)).toContain('A hash does not show its type');
  expect(some.textOf('leases.csv').trimEnd().split('\n')).toHaveLength(1);
  const left = some.textOf('left-out.txt').split('\n');
  writeFileSync(join(some.folder, 'left-out.txt'), [...left.slice(0, 3), ...left.slice(4)].join('\n'));
  await expect(check(some.folder)).rejects.toThrow();
});

test('each export is an event, with who made it and what it holds; what is refused makes none and writes no file', async () => {
  const exports = () => countOf("(select count(*) from placet.audit_events where type = 'audit_export.created')");
  const before = await exports();
  await exported({ types: ['decision.recorded'] });
  expect(await exports()).toBe(before + 1);
  const [event] = await opened.database.asSuperuser<{ facts: object; actor_kind: string }>(
    "select facts, actor_kind from placet.audit_events where type = 'audit_export.created' order by position desc limit 1",
  );
  expect(event).toMatchObject({ actor_kind: 'operator', facts: { types: ['decision.recorded'], first_index: 0 } });
  for (const filter of [
    { types: ['decision.*'] },
    { to: new Date(Date.now() + 60_000) },
    { from: new Date('2026-02-01'), to: new Date('2026-02-01') },
  ])
    await expect(exported(filter)).rejects.toMatchObject({ code: 'invalid_request' });
  expect(await exports()).toBe(before + 1);
});
