// The three processes of the product, each behind the same PgBouncer in transaction mode: they share few connections, and a
// request goes its whole way.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD } from '@placet/playground';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { describePooler, type PgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { type SpawnedProduct, spawnProduct } from '../support/product.ts';
import { superuserUrl } from '../support/stack.ts';
import { until } from '../support/wait.ts';
import { ask } from './ask.ts';

let pooler: PgBouncer;
let template: TestDatabase;
let product: SpawnedProduct;
describePooler('behind a pooler of transactions', () => {
  beforeAll(async () => {
    // Its making makes the login that PgBouncer is told of.
    template = await createTestDatabase();
    pooler = await startPgBouncer(superuserUrl(), { pool_mode: 'transaction', default_pool_size: 3 });
    product = await spawnProduct({
      environmentOf: (role, { DATABASE_URL = '' }) => ({
        DATABASE_URL: pooler.through(DATABASE_URL),
        // One process hears, the other does not.
        ...(role === 'api' ? { DATABASE_LISTEN_URL: DATABASE_URL } : {}),
      }),
    });
  });
  afterAll(async () => {
    await product.close();
    await pooler.stop();
    await template.drop();
  });

  const UNTOLD = 'notifications do not arrive through this pooler';

  test('requests are asked for, decided, claimed and shown, many at once', async () => {
    const inputs = await Promise.all(Array.from({ length: 5 }, () => ask(product)));
    for (const input of inputs) {
      const card = await approver.cardOf(product, input);
      await approver.click(product, FINANCE_LEAD, card);
      await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
      expect((await product.agent.waitForDecision(input.id)).state).toBe('approved');
      expect((await product.agent.claim(input.id)).lease.id).toMatch(/^lse_/);
    }
    await product.isQuiet();
  });

  test('the process without a direct address says that nothing is told, the one with it does not', async () => {
    const of = (role: string) =>
      product.logged.filter((line) => line.includes(`"role":"${role}"`) && line.includes(UNTOLD)).length;
    await until(() => of('worker') === 1);
    expect(of('api')).toBe(0);
    expect(product.logged.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
});
