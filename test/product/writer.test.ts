// The primary is replaced under the running product: a click that came meanwhile counts once writes are taken again, and every
// process goes on without a restart.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD } from '@placet/playground';
import { type Product, startProduct } from '../support/product.ts';
import { ask } from './ask.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

/** As after a failover to a server that is not yet the writer: each new session is read-only, and no old one is left. */
async function takeNoWrites(): Promise<void> {
  await product.database.asSuperuser(`alter database ${name()} set default_transaction_read_only = on`);
  const others =
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()';
  await product.database.asSuperuser(others, [name()]);
}

async function takeWrites(): Promise<void> {
  const sql = `begin read write; alter database ${name()} reset default_transaction_read_only; commit`;
  await product.database.asSuperuser(sql);
}

const name = () => new URL(product.database.owner_url).pathname.slice(1);

test('a click while no writes are taken counts once they are, and card and agent hear of it', async () => {
  const input = await ask(product);
  const card = await approver.cardOf(product, input);
  await product.isQuiet();
  await takeNoWrites();
  const answer = await fetch(`${product.apiUrl}/readyz`);
  expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true]);
  expect(await approver.click(product, FINANCE_LEAD, card)).toMatchObject({ ok: true, acked: true });
  await takeWrites();
  await approver.answerTo(product, FINANCE_LEAD, input, 'Your approval counts.');
  await approver.cardOf(product, input, { says: 'Approved by Finance Lead', buttons: [] });
  expect((await product.agent.waitForDecision(input.id)).state).toBe('approved');
  expect((await fetch(`${product.apiUrl}/readyz`)).status).toBe(200);
});
