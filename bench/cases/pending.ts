// (f) Create and click while many requests are pending, and the api's memory then.

import { type Finding, figure } from '../report.ts';
import { CONNECTIONS, type Sizes } from '../sizes.ts';
import type { Answered } from '../support/agent.ts';
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
      const made: Answered[] = [];
      const create = () => rateOf(count, CONNECTIONS, async () => made.push(await agent.create(next())));
      const created = await costs.of(`create ${name}`, count, create);
      const click = (place: number) => product.approve(made[place] ?? { id: '', digest: '' });
      const clicked = await costs.of(`click ${name}`, count, () => rateOf(count, CONNECTIONS, click));
      await closeNew(product);
      return { created, clicked };
    };
    await measure('warm-up', sizes.createsAtPending);
    const figures = [];
    const medians: { readonly created: number; readonly clicked: number }[] = [];
    for (const pending of sizes.pending) {
      await fill(product, id, pending);
      const rates: { readonly created: number; readonly clicked: number }[] = [];
      for (let run = 0; run < sizes.runs; run += 1) {
        rates.push(await measure(`at ${pending}`, sizes.createsAtPending));
      }
      const many = pending.toLocaleString('en-GB');
      const created = figure(
        `create at ${many} pending`,
        '/s',
        rates.map((rate) => rate.created),
      );
      const clicked = figure(
        `click, after Slack, at ${many} pending`,
        '/s',
        rates.map((rate) => rate.clicked),
      );
      medians.push({ created: created.summary.median, clicked: clicked.summary.median });
      const memory = memoryOf(product.pids['api'] ?? 0);
      figures.push(created, clicked, figure('memory of the api then', 'MB', [memory], 'at most 250'));
    }
    const [first] = medians;
    medians.slice(1).forEach(({ created, clicked }, place) => {
      const name = `at ${sizes.pending[place + 1]} beside at 0`;
      figures.push(figure(`create ${name}`, 'x', [created / (first?.created ?? Number.NaN)], '0.9 to 1.1'));
      figures.push(figure(`click ${name}`, 'x', [clicked / (first?.clicked ?? Number.NaN)], '0.9 to 1.1'));
    });
    return {
      title: `(f) create that needs a person and its click, ${CONNECTIONS} connections, ${sizes.createsAtPending} a run`,
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
