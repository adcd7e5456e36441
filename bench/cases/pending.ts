// (f) Create while many requests are pending, and the api's memory then.

import { type Finding, figure } from '../report.ts';
import { CONNECTIONS, type Sizes } from '../sizes.ts';
import { createCosts } from '../support/costs.ts';
import { rateOf } from '../support/measure.ts';
import { createQuestions, REQUIRED } from '../support/policy.ts';
import { openProduct, type Product } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';
import { memoryOf } from '../support/usage.ts';

/** Creates that need a person, at each number of pending requests; what a run made is closed again before the next. */
export async function benchPending(servers: Servers, sizes: Sizes): Promise<Finding> {
  const product = await openProduct(servers, ['api']);
  try {
    const agent = product.newAgent(CONNECTIONS);
    const next = createQuestions(REQUIRED);
    const costs = createCosts(product);
    const { id } = await agent.create(next());
    const measure = async (name: string, count: number) => {
      const rate = await costs.of(name, count, () => rateOf(count, CONNECTIONS, () => agent.create(next())));
      await closeNew(product);
      return rate;
    };
    await measure('warm-up', sizes.createsAtPending);
    const figures = [];
    const medians: number[] = [];
    for (const pending of sizes.pending) {
      await fill(product, id, pending);
      const rates: number[] = [];
      for (let run = 0; run < sizes.runs; run += 1) {
        rates.push(await measure(`at ${pending}`, sizes.createsAtPending));
      }
      const row = figure(`create at ${pending.toLocaleString('en-GB')} pending`, '/s', rates);
      medians.push(row.summary.median);
      figures.push(row, figure('memory of the api then', 'MB', [memoryOf(product.pids['api'] ?? 0)], 'at most 250'));
    }
    const first = medians[0] ?? Number.NaN;
    medians.slice(1).forEach((rate, place) => {
      figures.push(figure(`at ${sizes.pending[place + 1]} beside at 0`, 'x', [rate / first], '0.8 to 1.2'));
    });
    return {
      title: `(f) create that needs a person, ${CONNECTIONS} connections, ${sizes.createsAtPending} a run`,
      figures,
      notes: costs.notes(),
    };
  } finally {
    await product.close();
  }
}

/** Ends what the last run made: all but the copies, which have no outbox row. */
async function closeNew({ sql }: Product): Promise<void> {
  await sql(`update placet.approval_requests r set state = 'cancelled', closed_at = now(), revision = revision + 1
    where state = 'pending' and exists (select from placet.outbox o where o.request_id = r.id)`);
  await sql('delete from placet.outbox');
  await sql('vacuum analyze placet.approval_requests, placet.outbox, placet.audit_events');
}

/** Copies the request `id` until so many are pending. */
async function fill({ sql }: Product, id: string, pending: number): Promise<void> {
  const columns = await sql<{ name: string }>(`select column_name as name from information_schema.columns
    where table_schema = 'placet' and table_name = 'approval_requests'`);
  const fresh: Record<string, string> = {
    // The 40 characters of an id: 22 in place of what is random, told by the count.
    id: `left(r.id, 20) || lpad(copy::text, 20, '0')`,
    idempotency_key: `'copy-' || copy`,
    state: `'pending'`,
    closed_at: 'null',
  };
  const values = columns.map(({ name }) => fresh[name] ?? `r.${name}`);
  const [{ count } = { count: 0 }] = await sql<{ count: number }>(
    `select count(*)::int as count from placet.approval_requests where state = 'pending'`,
  );
  await sql(
    `insert into placet.approval_requests (${columns.map(({ name }) => name).join(', ')})
     select ${values.join(', ')} from placet.approval_requests r, generate_series($2::int, $3::int) as copy where r.id = $1`,
    [id, count + 1, pending],
  );
  await sql('vacuum analyze placet.approval_requests');
}
