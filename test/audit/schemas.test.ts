// The schemas of all events stand in the tree, for whoever reads a leaf without our code.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { eventSchemas } from '../../src/domain/audit/schema.ts';

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
