// Round trips to PostgreSQL and SQL statements of each operation, counted under the real use cases.

import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { createActivities } from '../../activities/index.ts';
import { openListener } from '../../src/db/listen.ts';
import { createLog } from '../../src/observe/log.ts';
import { buildUseCases } from '../../src/process/use-cases.ts';
import { openService } from '../../src/process/wiring.ts';
import { createMessenger } from '../../src/slack/send/messenger.ts';
import { type Finding, figure } from '../report.ts';
import type { Sizes } from '../sizes.ts';
import { ALLOWED, createQuestions, type Question, REQUIRED } from '../support/policy.ts';
import { openProduct } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';

type Counts = { trips: number; statements: number };

/** Counts one of each, after one that is not counted. */
export async function benchStatements(servers: Servers, _sizes: Sizes): Promise<Finding> {
  // Slack's side stands beside it; no worker runs, since its work is done here to be counted.
  const product = await openProduct(servers, ['slack']);
  const { config } = product;
  const { database, service } = await openService(config, 'bench', createLog({ level: 'silent', role: 'bench' }));
  const listener = openListener({ url: product.appUrl, onError: () => undefined });
  try {
    const cases = buildUseCases({ config, database, service, listener });
    const bearer = product.key;
    const caller = await cases.authenticate(bearer);
    const create = (input: Question) => {
      const ask = { on_behalf_of: null, timeout_seconds: null, credential: null, justification: null, ...input };
      const body_digest = createHash('sha256').update(JSON.stringify(input)).digest();
      return cases.submit(caller, { idempotency_key: randomUUID(), body_digest, ask });
    };
    const undeliverable = { after_seconds: config.undeliverable_after_seconds, admin_channel: null };
    const silent = { onError: () => undefined, onRefused: () => undefined, undeliverable };
    const activities = createActivities({
      ...service,
      ...silent,
      messenger: createMessenger({
        token: config.slack.kind === 'none' ? '' : config.slack.bot_token,
        api_url: config.slack_api_url,
      }),
    });
    const reconcile = ({ id: request_id }: { readonly id: string }) =>
      activities.reconcile({ tenant_id: 'default', request_id });
    const [allowed, required] = [createQuestions(ALLOWED), createQuestions(REQUIRED)];
    const round = async (measure: <T>(name: string, work: () => Promise<T>) => Promise<T>) => {
      await measure('each call of an agent: its key', () => cases.authenticate(bearer));
      await measure('create, allowed', () => create(allowed()));
      const request = await measure('create, needs a person', () => create(required()));
      await measure("the run's look: posts the card", () => reconcile(request));
      await measure("the run's look: nothing to say", () => reconcile(request));
      await measure('read', () => cases.readRequest(caller, request.id));
      await measure('decide', () => product.approve(request));
      await measure("the run's look: redraws the card, tells the owner", () => reconcile(request));
      await measure('long poll, decided already', () =>
        cases.awaitDecision(caller, { id: request.id, wait_seconds: 30, signal: AbortSignal.timeout(30_000) }),
      );
      const { token, lease } = await measure('claim', () => cases.claim(caller, request.id));
      await measure('use', () => cases.use({ lease_id: lease.id, token, digest: request.digest }));
      const result = { status: 'succeeded', detail: null, result_digest: null } as const;
      await measure('report', () => cases.report({ caller }, request.id, result));
      await measure("the run's look: redraws both", () => reconcile(request));
    };
    await round((_name, work) => work());
    const found = new Map<string, Counts>();
    await round(async (name, work) => {
      const { counts, value } = await counted(work);
      found.set(name, counts);
      return value;
    });
    const figures = [...found].flatMap(([name, { trips, statements }]) => [
      figure(name, 'round trips', [trips]),
      figure('', 'statements', [statements]),
    ]);
    return {
      title: 'round trips and SQL statements of each operation',
      figures,
      notes: ['begin, set the tenant and read the time is one round trip; commit is one; triggers are not counted'],
    };
  } finally {
    await listener.close();
    await database.close();
    await product.close();
  }
}

/** Every query of every connection of this process while the work lasts; what is sent together is one round trip. */
async function counted<T>(work: () => Promise<T>): Promise<{ counts: Counts; value: T }> {
  const counts = { trips: 0, statements: 0 };
  const underWay = new Map<pg.Client, number>();
  const real = pg.Client.prototype.query;
  const count = function (this: pg.Client, ...args: Parameters<typeof real>) {
    const [query] = args as unknown as [string | { text: string }];
    const text = typeof query === 'string' ? query : query.text;
    const others = underWay.get(this) ?? 0;
    if (others === 0) counts.trips += 1;
    // Only our begin holds several statements in one text.
    counts.statements += /^begin;/i.test(text) ? 2 : 1;
    underWay.set(this, others + 1);
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
