// Counts what this process sends to PostgreSQL. Knows nothing of Placet but how it begins a transaction.

import pg from 'pg';

export type Counts = {
  /** Times that somebody waited for an answer: what is sent while another is under way travels with it. */
  readonly trips: number;
  readonly statements: number;
  /** Those of several statements, and each statement that stands alone. */
  readonly transactions: number;
};

/** Only our begin holds several statements in one text: the tenant is set and the time read with it. */
const BEGIN = /^begin;/i;
const END = /^(commit|rollback)$/i;

/** Every query of every connection of this process while the work lasts. */
export async function counted<T>(work: () => Promise<T>): Promise<{ readonly counts: Counts; readonly value: T }> {
  const counts = { trips: 0, statements: 0, transactions: 0 };
  const underWay = new Map<pg.Client, number>();
  const open = new Set<pg.Client>();
  const real = pg.Client.prototype.query;
  const note = (client: pg.Client, text: string) => {
    if ((underWay.get(client) ?? 0) === 0) counts.trips += 1;
    counts.statements += BEGIN.test(text) ? 2 : 1;
    if (!open.has(client)) counts.transactions += 1;
    if (BEGIN.test(text)) open.add(client);
    if (END.test(text)) open.delete(client);
  };
  const count = function (this: pg.Client, ...args: Parameters<typeof real>) {
    const [query] = args as unknown as [string | { text: string }];
    note(this, typeof query === 'string' ? query : query.text);
    underWay.set(this, (underWay.get(this) ?? 0) + 1);
    const result: unknown = Reflect.apply(real, this, args);
    const settle = () => underWay.set(this, (underWay.get(this) ?? 1) - 1);
    if (result instanceof Promise) result.then(settle, settle);
    else settle(); // With a callback, as the pool's own query: nothing is sent together with it.
    return result;
  };
  Object.assign(pg.Client.prototype, { query: count });
  try {
    return { value: await work(), counts };
  } finally {
    Object.assign(pg.Client.prototype, { query: real });
  }
}
