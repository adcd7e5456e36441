// What the log adds to each operation: the same program in turns on a database with the log and on one as it was before, with
// what it sends, what processor time and how many bytes of write-ahead log that takes; and what the sequencer takes for an event.

import { randomBytes } from 'node:crypto';
import { ensureLog, type Mark, sequenceAll } from '../../src/audit/sequence.ts';
import { openListener } from '../../src/db/listen.ts';
import { createLog } from '../../src/observe/log.ts';
import { buildUseCases } from '../../src/process/use-cases.ts';
import { openService } from '../../src/process/wiring.ts';
import { type Finding, figure, ratio } from '../report.ts';
import type { Sizes } from '../sizes.ts';
import { counted } from '../support/counts.ts';
import { createQuestions, REQUIRED } from '../support/policy.ts';
import { openProduct, type Product } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';
import { cpuOf } from '../support/usage.ts';

const TENANT = 'default';
const OPERATIONS = ['create', 'decide', 'claim', 'use'] as const;
type Name = (typeof OPERATIONS)[number];
type Cost = { readonly cpu_ms: number; readonly wal_bytes: number; readonly statements: number };
/** What is aimed at for each operation. */
const AIM = 'at most 1.10';

/** Runs both in turns, so that a busy machine slows both. */
export async function benchLog(servers: Servers, { log_runs: runs, log_operations: count }: Sizes): Promise<Finding> {
  const sides = { before: await openSide(servers), after: await openSide(servers) };
  try {
    // As the last release has it: no statement of an operation names what the log added.
    await sides.before.product.sql('alter table placet.audit_events drop column salt');
    const { service } = sides.after;
    const key = () => ({ public_key: randomBytes(32), private_sealed: randomBytes(32) });
    const log = { transact: service.transact, tenant_id: TENANT };
    await ensureLog(log, 'bench.example/default', key);
    const found = { before: newCosts(), after: newCosts() };
    const sequenced: Cost[] = [];
    let mark: Mark | null = null;
    for (let run = 0; run <= runs; run += 1) {
      // The first of each is not counted; who begins changes, for whoever is second finds the caches warm.
      const names = run % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const);
      for (const name of names) {
        const costs = await sides[name].run(run === 0 ? Math.ceil(count / 4) : count);
        if (run > 0) for (const each of OPERATIONS) found[name][each].push(costs[each]);
      }
      let events = 0;
      const cost = await costOf(sides.after.product, 1, async () => {
        for (const _ of [1, 2]) {
          const passed = await sequenceAll(log, mark);
          mark = passed.mark;
          events += passed.count;
        }
      });
      if (run > 0) sequenced.push({ ...cost, cpu_ms: cost.cpu_ms / events, wal_bytes: cost.wal_bytes / events });
    }
    const pick = (side: keyof typeof found, name: Name, what: keyof Cost) =>
      found[side][name].map((cost) => cost[what]);
    return {
      title: 'what the log adds to each operation',
      figures: [
        ...OPERATIONS.flatMap((name) => [
          figure(name, 'ms of processor', pick('after', name, 'cpu_ms')),
          ratio('  of that before', pick('after', name, 'cpu_ms'), pick('before', name, 'cpu_ms'), AIM),
          figure('', 'bytes of WAL', pick('after', name, 'wal_bytes')),
          ratio('  of that before', pick('after', name, 'wal_bytes'), pick('before', name, 'wal_bytes')),
          figure('', 'statements', pick('after', name, 'statements')),
          ratio('  of that before', pick('after', name, 'statements'), pick('before', name, 'statements')),
        ]),
        figure(
          'the sequencer, an event',
          'ms of processor',
          sequenced.map(({ cpu_ms }) => cpu_ms),
        ),
        figure(
          '',
          'bytes of WAL',
          sequenced.map(({ wal_bytes }) => wal_bytes),
        ),
      ],
      notes: ['processor time of PostgreSQL and of the program, one after the other; the sequencer runs in the worker'],
    };
  } finally {
    for (const side of Object.values(sides)) await side.close();
  }
}

const newCosts = (): Record<Name, Cost[]> => ({ create: [], decide: [], claim: [], use: [] });

/** A product whose operations run in this process. */
async function openSide(servers: Servers) {
  const product = await openProduct(servers, []);
  const { config } = product;
  const { database, service } = await openService(config, 'bench', createLog({ level: 'silent', role: 'bench' }));
  const listener = openListener({ url: product.appUrl, onError: () => undefined });
  const api = buildUseCases({ config, database, service, listener });
  const questions = createQuestions(REQUIRED);
  const caller = await api.authenticate(product.key);
  const create = () => {
    const ask = { on_behalf_of: null, timeout_seconds: null, credential: null, ...questions() };
    const idempotency_key = randomBytes(16).toString('hex');
    return api.submit(caller, { idempotency_key, body_digest: randomBytes(32), ask });
  };
  return {
    product,
    service,
    run: async (count: number): Promise<Record<Name, Cost>> => {
      const all =
        <T, R>(items: readonly T[], work: (item: T) => Promise<R>) =>
        async () => {
          const done: R[] = [];
          for (const item of items) done.push(await work(item));
          return done;
        };
      const costs: Partial<Record<Name, Cost>> = {};
      const measure = async <R>(name: Name, work: () => Promise<R>): Promise<R> => {
        let value: R | undefined;
        costs[name] = await costOf(product, count, async () => {
          value = await work();
        });
        return value as R;
      };
      const requests = await measure('create', all(Array.from({ length: count }), create));
      await measure('decide', all(requests, product.approve));
      const claimed = await measure(
        'claim',
        all(requests, async (request) => ({ request, ...(await api.claim(caller, request.id)) })),
      );
      await measure(
        'use',
        all(claimed, ({ request: { digest }, token, lease }) => api.use({ lease_id: lease.id, token, digest })),
      );
      return costs as Record<Name, Cost>;
    },
    close: async () => {
      await listener.close();
      await database.close();
      await product.close();
    },
  };
}

/** What one of so many pieces of work cost. */
async function costOf({ pids, sql }: Product, count: number, work: () => Promise<unknown>): Promise<Cost> {
  const readWal = async () =>
    Number((await sql<{ at: string }>("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as at"))[0]?.at);
  const [wal, before] = [await readWal(), cpuOf(pids)];
  const { counts } = await counted(work);
  const after = cpuOf(pids);
  const used = Object.entries(after).reduce((sum, [name, ms]) => sum + ms - (before[name] ?? 0), 0);
  const wal_bytes = (await readWal()) - wal;
  return { cpu_ms: used / count, wal_bytes: wal_bytes / count, statements: counts.statements / count };
}
