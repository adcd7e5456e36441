// (a) Create on the allow path through the API, beside bare transactions that insert the same rows and a server that inserts one.

import { openInsertFloor } from '../floors/insert.ts';
import { openServerFloor } from '../floors/server.ts';
import { type Finding, figure, ratio } from '../report.ts';
import { CONNECTIONS, type Sizes } from '../sizes.ts';
import { createCosts } from '../support/costs.ts';
import { inTurns, rateOf } from '../support/measure.ts';
import { ALLOWED, createQuestions } from '../support/policy.ts';
import { openProduct } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';

/** Creates a second beside its floors. */
export async function benchCreate(servers: Servers, { runs, creates }: Sizes): Promise<Finding> {
  const product = await openProduct(servers, ['api']);
  try {
    const agent = product.newAgent(CONNECTIONS);
    const next = createQuestions(ALLOWED);
    const floor = await openInsertFloor(product, (await agent.create(next())).id);
    const server = await openServerFloor(servers, product, next);
    const costs = createCosts(product);
    const create = (count: number) => rateOf(count, CONNECTIONS, () => agent.create(next()));
    const found = await inTurns(runs, {
      create: (share) => costs.of('create', creates * share, create),
      plain: (share) => costs.of('bare', creates * share, floor.plain),
      server: (share) => costs.of('bare server, 1 row', creates * share, server.insert),
      together: (share) => costs.of('bare, 1 statement', creates * share, floor.together),
    });
    await floor.close();
    await server.close();
    return {
      title: `(a) create on the allow path, ${CONNECTIONS} connections, ${creates} a run`,
      figures: [
        figure('create through the API', '/s', found.create, 'at least 1,000'),
        figure(`bare transaction, ${floor.rows} rows by ${floor.rows} statements`, '/s', found.plain),
        figure(`bare transaction, ${floor.rows} rows by 1 statement`, '/s', found.together),
        figure('bare Fastify and pg, one row for each POST', '/s', found.server),
        ratio('of the bare transaction', found.create, found.plain, 'at least 0.95'),
        ratio('of the bare transaction with one statement', found.create, found.together),
        ratio('of the bare server', found.create, found.server, 'at least 0.6'),
      ],
      notes: costs.notes(),
    };
  } finally {
    await product.close();
  }
}
