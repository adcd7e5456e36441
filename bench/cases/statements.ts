// Round trips to PostgreSQL and SQL statements of each operation, counted under the real use cases.

import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { createActivities } from '../../activities/index.ts';
import { openListener } from '../../src/db/listen.ts';
import { createLog } from '../../src/observe/log.ts';
import { createMessenger } from '../../src/slack/send/messenger.ts';
import { buildUseCases } from '../../src/process/use-cases.ts';
import { openService } from '../../src/process/wiring.ts';
import { type Finding, figure } from '../report.ts';
import type { Sizes } from '../sizes.ts';
import { ALLOWED, type Asked, createQuestions, REQUIRED } from '../support/policy.ts';
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
    const create = (asked: Asked) => {
      const ask = { on_behalf_of: null, timeout_seconds: null, credential: null, justification: null, ...asked };
      const body_digest = createHash('sha256').update(JSON.stringify(asked)).digest();
      return cases.submit(caller, { idempotency_key: randomUUID(), body_digest, ask });
    };
    const silent = { onError: () => undefined, onRefused: () => undefined };
    const activities = createActivities({ ...service, ...silent, messenger: createMessenger(config) });
    const tend = ({ id: request_id }: { readonly id: string }) => activities.tend({ tenant_id: 'default', request_id });
    const [allowed, required] = [createQuestions(ALLOWED), createQuestions(REQUIRED)];
    const round = async (tell: <T>(name: string, work: () => Promise<T>) => Promise<T>) => {
      await tell('each call of an agent: its key', () => cases.authenticate(bearer));
      await tell('create, allowed', () => create(allowed()));
      const request = await tell('create, needs a person', () => create(required()));
      await tell("the run's look: posts the card", () => tend(request));
      await tell("the run's look: nothing to say", () => tend(request));
      await tell('read', () => cases.readRequest(caller, request.id));
      await tell('decide', () => product.approve(request));
      await tell("the run's look: redraws the card, tells the owner", () => tend(request));
      await tell('long poll, decided already', () =>
        cases.awaitDecision(caller, request.id, 30, AbortSignal.timeout(30_000)),
      );
      const { token, lease } = await tell('claim', () => cases.claim(caller, request.id));
      await tell('use', () => cases.use({ lease_id: lease.id, token, digest: request.digest }));
      const result = { status: 'succeeded', detail: null, result_digest: null } as const;
      await tell('report', () => cases.report({ caller }, request.id, result));
      await tell("the run's look: redraws both", () => tend(request));
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
    const given: unknown = Reflect.apply(real, this, args);
    const settle = () => underWay.set(this, (underWay.get(this) ?? 1) - 1);
    if (given instanceof Promise) given.then(settle, settle);
    else settle(); // With a callback, as the pool's own query: nothing is sent together with it.
    return given;
  };
  Object.assign(pg.Client.prototype, { query: count });
  try {
    return { value: await work(), counts };
  } finally {
    Object.assign(pg.Client.prototype, { query: real });
  }
}
