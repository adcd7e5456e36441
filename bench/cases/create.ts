// (a) Create on the allow path through the API, beside bare transactions that insert the same rows.

import { openInsertFloor } from '../floors/insert.ts';
import { type Finding, figure, ratio } from '../report.ts';
import { CONNECTIONS, type Sizes } from '../sizes.ts';
import { createCosts } from '../support/costs.ts';
import { inTurns, rateOf } from '../support/measure.ts';
import { ALLOWED, createQuestions } from '../support/policy.ts';
import { openProduct } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';

/** Creates a second beside its two floors. */
export async function benchCreate(servers: Servers, { runs, creates }: Sizes): Promise<Finding> {
  const product = await openProduct(servers, ['api']);
  try {
    const agent = product.newAgent(CONNECTIONS);
    const next = createQuestions(ALLOWED);
    const floor = await openInsertFloor(product, (await agent.create(next())).id);
    const costs = createCosts(product);
    const create = (count: number) => rateOf(count, CONNECTIONS, () => agent.create(next()));
    const found = await inTurns(runs, {
      create: (share) => costs.of('create', creates * share, create),
      plain: (share) => costs.of('bare', creates * share, floor.plain),
      together: (share) => costs.of('bare, 1 statement', creates * share, floor.together),
    });
    await floor.close();
    return {
      title: `(a) create on the allow path, ${CONNECTIONS} connections, ${creates} a run`,
      figures: [
        figure('create through the API', '/s', found.create, 'at least 1,000'),
        figure(`bare transaction, ${floor.rows} rows by ${floor.rows} statements`, '/s', found.plain),
        figure(`bare transaction, ${floor.rows} rows by 1 statement`, '/s', found.together),
        ratio('of the bare transaction', found.create, found.plain, 'at least 0.5'),
        ratio('of the bare transaction with one statement', found.create, found.together),
      ],
      notes: costs.notes(),
    };
  } finally {
    await product.close();
  }
}
