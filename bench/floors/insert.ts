// The floor of create: transactions that insert the very rows that one create inserts, and do nothing else.

import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { ID_RANDOM_BYTES, makeId } from '../../src/domain/ids.ts';
import { CONNECTIONS } from '../sizes.ts';
import { rateOf } from '../support/measure.ts';
import type { Product } from '../support/product.ts';

type Row = Record<string, unknown>;
type Statement = { readonly text: string; readonly values: unknown[] };

/** Columns that PostgreSQL fills in by itself. */
const NUMBERED = `select column_name as name from information_schema.columns
  where table_schema = 'placet' and table_name = $1 and is_identity = 'YES'`;

export type InsertFloor = {
  /** `count` transactions, each row by a statement of its own; transactions a second. */
  readonly plain: (count: number) => Promise<number>;
  /** The same rows by one statement between begin and commit. */
  readonly together: (count: number) => Promise<number>;
  readonly rows: number;
  readonly close: () => Promise<void>;
};

/** Copies the rows of the request `id` again and again, under new ids, as the application's login. */
export async function openInsertFloor(product: Product, id: string): Promise<InsertFloor> {
  const of = async (table: string, column: string) => {
    const rows = await product.sql<Row>(`select * from placet.${table} where ${column} = $1 order by id`, [id]);
    const numbered = await product.sql<{ name: string }>(NUMBERED, [table]);
    for (const row of rows) for (const { name } of numbered) delete row[name];
    return rows;
  };
  const [request = {}] = await of('approval_requests', 'id');
  const [grant = {}] = await of('grants', 'request_id');
  const events = await of('audit_events', 'request_id');
  const pool = new pg.Pool({ connectionString: product.appUrl, max: CONNECTIONS });
  // Lost when the bench stops half way; whoever uses a connection hears of it anyway.
  pool.on('error', () => undefined);
  const copy = (): Statement[] => {
    const request_id = newId('request');
    const fresh = { ...request, id: request_id, idempotency_key: randomUUID() };
    return [
      insertOf('approval_requests', fresh),
      ...events.map((event) => insertOf('audit_events', { ...event, id: newId('event'), request_id })),
      insertOf('grants', { ...grant, id: newId('grant'), request_id }),
    ];
  };
  const run = (count: number, statements: () => Statement[]) =>
    rateOf(count, CONNECTIONS, () => inTransaction(pool, statements()));
  return {
    plain: (count) => run(count, copy),
    together: (count) => run(count, () => [merge(copy())]),
    rows: 2 + events.length,
    close: () => pool.end(),
  };
}

async function inTransaction(pool: pg.Pool, statements: readonly Statement[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("begin; select set_config('placet.tenant_id', 'default', true)");
    for (const { text, values } of statements) await client.query(text, values);
    await client.query('commit');
  } finally {
    client.release();
  }
}

function newId(kind: 'request' | 'event' | 'grant'): string {
  return makeId(kind, Date.now(), randomBytes(ID_RANDOM_BYTES));
}

function insertOf(table: string, row: Row): Statement {
  const columns = Object.keys(row);
  const places = columns.map((_, place) => `$${place + 1}`).join(', ');
  return {
    text: `insert into placet.${table} (${columns.join(', ')}) values (${places})`,
    values: Object.values(row).map(toParameter),
  };
}

/** What pg gives for jsonb is an object and must go back as text; dates, bytes and lists of texts go back as they are. */
function toParameter(value: unknown): unknown {
  const isPlain = typeof value !== 'object' || value === null;
  if (isPlain || value instanceof Date || Buffer.isBuffer(value) || Array.isArray(value)) return value;
  return JSON.stringify(value);
}

/** Several inserts as one statement: all but the last stand in a WITH. */
function merge(statements: readonly Statement[]): Statement {
  const values: unknown[] = [];
  const texts = statements.map((statement) => {
    const offset = values.length;
    values.push(...statement.values);
    return statement.text.replace(/\$(\d+)/g, (_, place) => `$${Number(place) + offset}`);
  });
  const last = texts.pop() ?? '';
  return { text: `with ${texts.map((text, place) => `i${place} as (${text})`).join(', ')} ${last}`, values };
}
