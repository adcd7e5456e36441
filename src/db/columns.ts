// One list of columns a table: what is inserted, what is read back and as which type all come from it. Sends no statement.

import type { Tx } from './database.ts';

/** The type of Postgres that a value is kept as. */
type KindOf<V> = V extends string
  ? 'text'
  : V extends number
    ? 'integer'
    : V extends boolean
      ? 'boolean'
      : V extends Date
        ? 'timestamptz'
        : V extends Uint8Array
          ? 'bytea'
          : V extends readonly string[]
            ? 'text[]'
            : 'jsonb';
type Kind = 'text' | 'integer' | 'boolean' | 'timestamptz' | 'bytea' | 'text[]' | 'jsonb';
type Way = 'written' | 'read';

/** A column's kind; with "written" or "read" behind it when only one of the two is done with it. */
type ColumnOf<C, W, R> = C extends keyof W
  ? C extends keyof R
    ? KindOf<NonNullable<W[C]>>
    : `${KindOf<NonNullable<W[C]>>} written`
  : C extends keyof R
    ? `${KindOf<NonNullable<R[C]>>} read`
    : never;

/** Every member of what is written and of what is read: one that is left out, or kept as another type, does not compile. */
export type Columns<W, R> = { readonly [C in keyof W | keyof R]-?: ColumnOf<C, W, R> };

/** The same members with times as Postgres writes them into JSON. */
export type JsonRow<R> = {
  readonly [C in keyof R]: R[C] extends Date ? string : R[C] extends Date | null ? string | null : R[C];
};

export type Table<W, R> = {
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  /** `insert into … as m (tenant_id, …)`, for values or a select in that order. */
  readonly into: string;
  /** A whole insert of one row, for `valuesOf`. */
  readonly insert: string;
  /** The tenant, then one value for each column that is written. */
  readonly valuesOf: (tx: Tx, row: W) => unknown[];
  /** How many values `insert` takes. */
  readonly width: number;
  /** What is read, of the table or view by that name. */
  readonly select: (alias: string) => string;
  /** What is read, as one JSON object. */
  readonly json: (alias: string) => string;
  readonly ofJson: (row: JsonRow<R>) => R;
  /** What is read of this table, out of a row that has more. */
  readonly ofRow: (row: R) => R;
  /** What is written, of a select by that name, in the order of `into`. */
  readonly written: (alias: string) => string;
  /**
   * Inserts the rows that a parameter of `recordsOf` holds, with the tenant of `source`; none where `source` has no row. A join
   * with it keeps no order: where that matters, `order by n.place` follows.
   */
  readonly insertRecords: (parameter: string, source: string) => string;
  readonly recordsOf: (rows: readonly W[]) => string;
  /** A whole insert of many rows, for the tenant and `recordsOf`. */
  readonly insertMany: string;
};

/** The statements' texts and values for one table; `W` is what is written of a row, `R` what is read. */
export function tableOf<W extends object, R extends object>(name: string, columns: Columns<W, R>): Table<W, R> {
  const all = Object.entries<string>(columns).map(([column, text]) => {
    const [kind, way] = text.split(' ') as [Kind, Way | undefined];
    return { column, kind, way };
  });
  const written = all.filter(({ way }) => way !== 'read');
  const read = all.filter(({ way }) => way !== 'written');
  const times = new Set(read.filter(({ kind }) => kind === 'timestamptz').map(({ column }) => column));
  const bytes = written.filter(({ kind }) => kind === 'bytea').map(({ column }) => column as keyof W);
  const into = `insert into placet.${name} as m (tenant_id, ${written.map(({ column }) => column).join(', ')})`;
  const listWritten = (alias: string) => written.map(({ column }) => `${alias}.${column}`).join(', ');
  const listKinds = written.map(({ column, kind }) => `${column} ${kind}`).join(', ');
  const insertRecords = (parameter: string, source: string) =>
    `${into} select ${source}.tenant_id, ${listWritten('n')}
      from ${source}, rows from (jsonb_to_recordset(${parameter}::jsonb) as (${listKinds})) with ordinality
        as n (${written.map(({ column }) => column).join(', ')}, place)`;
  return {
    name,
    columns,
    into,
    insert: `${into} values ($1, ${written.map((_, at) => `$${at + 2}`).join(', ')})`,
    width: written.length + 1,
    valuesOf: (tx, row) => [
      tx.tenant_id,
      ...written.map(({ column, kind }) => toValue(kind, row[column as keyof W] ?? null)),
    ],
    select: (alias) => read.map(({ column }) => `${alias}.${column}`).join(', '),
    json: (alias) => `jsonb_build_object(${read.map(({ column }) => `'${column}', ${alias}.${column}`).join(', ')})`,
    ofJson: (row) =>
      Object.fromEntries(read.map(({ column }) => [column, fromJson(row, column as keyof R, times)])) as R,
    ofRow: (row) => Object.fromEntries(read.map(({ column }) => [column, row[column as keyof R]])) as R,
    written: listWritten,
    insertRecords,
    recordsOf: (rows) => JSON.stringify(bytes.length === 0 ? rows : rows.map((row) => withHex(row, bytes))),
    insertMany: `with t as (select $1::text as tenant_id) ${insertRecords('$2', 't')}`,
  };
}

function toValue(kind: Kind, value: unknown): unknown {
  if (value === null) return null;
  if (kind === 'jsonb') return JSON.stringify(value);
  return kind === 'bytea' ? Buffer.from(value as Uint8Array) : value;
}

/** The row with its bytes as Postgres reads them from JSON. */
function withHex<W extends object>(row: W, bytes: readonly (keyof W)[]): object {
  const hex = bytes.map((column) => {
    const value = row[column] as Uint8Array | null;
    return [column, value === null ? null : `\\x${Buffer.from(value).toString('hex')}`];
  });
  return { ...row, ...Object.fromEntries(hex) };
}

function fromJson<R>(row: JsonRow<R>, column: keyof R, times: ReadonlySet<PropertyKey>): unknown {
  const value = row[column];
  return times.has(column) && value !== null ? new Date(value as string) : value;
}
