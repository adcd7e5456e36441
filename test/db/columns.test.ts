// The column lists of src/db/tables.ts against the schema that the migrations make.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as adminTables from '../../src/db/admin-tables.ts';
import * as agentTables from '../../src/db/agent-tables.ts';
import * as tables from '../../src/db/tables.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

type Column = { readonly table: string; readonly name: string; readonly type: string; readonly is_needed: boolean };

let database: TestDatabase;
let columns: readonly Column[];
beforeAll(async () => {
  database = await createTestDatabase();
  columns = await database.asSuperuser<Column>(
    `select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
       a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attname <> 'tenant_id' as is_needed
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'placet'::regnamespace and c.relkind in ('r', 'v')`,
  );
});
afterAll(() => database.drop());

/** PostgreSQL's long name for the type of a list; an id that it counts up itself is read as text. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  timestamptz: ['timestamp with time zone'],
  text: ['text', 'bigint'],
};

test.each(Object.values({ ...tables, ...adminTables, ...agentTables }).map((table) => [table.name, table] as const))(
  'each column in the list of %s is one of the table, or of its view as people are now, and has that type',
  (name, table) => {
    const strange = Object.entries(table.columns).filter(([column, text]) => {
      const [kind = '', way] = text.split(' ');
      const owners = way === 'read' ? [name, `${name}_now`] : [name];
      const found = columns.find((each) => owners.includes(each.table) && each.name === column);
      return found === undefined || !(NAMES[kind] ?? [kind]).includes(found.type);
    });
    expect(strange).toEqual([]);
  },
);

test.each(Object.values(tables).map((table) => [table.name, table] as const))(
  'what %s asks of a new row is written by its list',
  (name, table) => {
    const written = Object.entries(table.columns).flatMap(([column, text]) => (text.endsWith(' read') ? [] : column));
    const needed = columns.filter((each) => each.table === name && each.is_needed);
    expect(needed.length).toBeGreaterThan(0);
    expect(needed.map((each) => each.name).filter((column) => !written.includes(column))).toEqual([]);
  },
);
