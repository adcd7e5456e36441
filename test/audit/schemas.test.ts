// The schemas of all events stand in the tree, for whoever reads a leaf without our code.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { makeLeaf } from '../../src/audit/leaf.ts';
import { openEvent } from '../../src/audit/open.ts';
import type { LoggedEvent } from '../../src/db/logged-events.ts';
import { eventSchemas } from '../../src/domain/audit/schema.ts';
import { newId } from '../../src/process/wiring.ts';

const FILE = fileURLToPath(new URL('../../docs/events.schema.json', import.meta.url));

test('docs/events.schema.json has the schema of each event type and version that is written', () => {
  const about = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'The events of a Placet log, by type and version',
  };
  const document = { ...about, $defs: eventSchemas() };
  if (process.env['PLACET_TEST_UPDATE'] === '1') writeFileSync(FILE, `${JSON.stringify(document, null, 1)}\n`);
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(document);
});

test('an event of thousands of people has a leaf that fits a tile, and commits to what it cannot show', () => {
  const added = Array.from({ length: 3_000 }, () => newId('person'));
  const group = { group: 'payments', channel: 'C0PAYMENTS', slack_user_group: null, source: null, is_retired: false };
  const event: LoggedEvent = {
    ...{
      id: newId('event'),
      type: 'approver_group.changed',
      outcome: 'success',
      actor_kind: 'operator',
      actor_id: 'ann',
    },
    ...{ request_id: null, lease_id: null, digest: null, occurred_at: new Date(0), position: '1' },
    ...{ salt: Buffer.alloc(16, 7), row_facts: null, content: null },
    facts: { ...group, added, removed: [], unclaimed: 0 },
  };
  const leaf = Buffer.from(makeLeaf(event));
  expect(leaf.length).toBeLessThan(65_536);
  const shown = JSON.parse(leaf.toString('utf8'));
  expect([shown.facts, Object.keys(shown.committed)]).toEqual([
    {},
    expect.arrayContaining(['added', 'actor', 'group']),
  ]);
  const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    eventSchemas()['approver_group.changed@2'] ?? {},
  );
  expect(isValid(shown) ? [] : isValid.errors).toEqual([]);
  expect(openEvent({ ...event, leaf })).toMatchObject({ values: { added, group: 'payments' } });
  const altered = { ...event, facts: { ...event.facts, added: added.slice(1) } };
  expect(openEvent({ ...altered, leaf })).toMatchObject({ why: expect.stringContaining('(added)') });
});
