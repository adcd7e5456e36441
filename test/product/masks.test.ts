// One masked value through the whole product: its tool runs with it, and it stands nowhere that anything of it is kept.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD, TREASURER, words } from '@placet/playground';
import { type ApprovalRequest, authorizeCall, CredentialError, type GuardContext, PlacetApiError } from '@placet/sdk';
import { Client, Connection } from '@temporalio/client';
import { workflowId } from '../../src/domain/work/workflow.ts';
import { TENANT } from '../support/database.ts';
import { secretsIn, textOf } from '../support/leaks.ts';
import { type SpawnedProduct, spawnProduct } from '../support/product.ts';
import { temporalAddress } from '../support/stack.ts';
import { until } from '../support/wait.ts';
import { ask } from './ask.ts';

const START_MS_MAX = 120_000;
const CANARY = 'masked-4711-gelb-0815-rot';
const SECOND = 'masked-1147-grau-5180-tot';
const ORDERS = 'https://orders.example';
const secrets = { CANARY, SECOND };
const parameters = { amount: 120, currency: 'EUR', card: CANARY };

let product: SpawnedProduct;
const requests: ApprovalRequest[] = [];
let bodies = '';

beforeAll(async () => {
  product = await spawnProduct({ logLevel: 'debug' });
  await product.applyPolicy((document) => ({
    ...document,
    actions: {
      'orders.refund': {
        title: 'Refund {parameters.amount} {parameters.currency}',
        parameters: {
          properties: {
            amount: { type: 'number' },
            currency: { type: 'string' },
            card: { type: 'string', pattern: '^masked-.*[^!]$', maxLength: 64 },
          },
        },
        mask: ['card'],
      },
    },
    rules: document.rules.map((rule) => ({ ...rule, when: 'parameters.card != "" && parameters.card.contains("-")' })),
  }));
}, START_MS_MAX);
afterAll(() => product.close());

const made = async (changes: object = {}) => {
  const request = await ask(product, { parameters: { ...parameters, ...changes } });
  requests.push(request);
  return request;
};

const authorize = async (request: ApprovalRequest, token: string, changes: object = {}) => {
  const { apiUrl: url } = product;
  const action = { ...request, parameters: { ...parameters, ...changes } };
  return authorizeCall({ url, token, issuer: url, audience: ORDERS, keys: `${url}/.well-known/jwks.json`, action });
};

test('the approver sees that a value is masked, of which type and how long, and the tool runs with it alone', async () => {
  const request = await made();
  const card = await approver.cardOf(product, request);
  const shown = words(card);
  expect(shown).toContain('"card": (masked: text, 25 characters)');
  expect(shown).toContain('Refund 120 EUR');
  await approver.click(product, FINANCE_LEAD, card);
  await approver.answerTo(product, FINANCE_LEAD, request, 'Your approval counts.');
  const { token } = (await product.agent.claim(request.id)).credential;
  await expect(authorize(request, token, { card: SECOND })).rejects.toBeInstanceOf(CredentialError);
  const { claims, lease } = await authorize(request, token);
  expect(lease.state).toBe('used');
  const salt = request.masked?.['card']?.salt;
  expect(claims.authorization_details[0].salts).toEqual({ card: salt });
  await product.agent.report(request.id, { status: 'succeeded' });
  await approver.cardOf(product, request, { says: 'Ran' });
});

test('guard runs its function with the value, with and without a credential', async () => {
  const runs: string[] = [];
  const guarded = (credential?: { audience: string; scopes: string[]; lifetimeSeconds: number }) =>
    product.agent.guard('orders.refund', async (card: string, _context: GuardContext) => void runs.push(card), {
      idempotencyKey: `masked-${credential === undefined ? 'bare' : 'whole'}`,
      resource: () => 'order/A-1001',
      parameters: (card: string) => ({ ...parameters, card }),
      ...(credential === undefined ? {} : { credential }),
    });
  for (const credential of [undefined, { audience: ORDERS, scopes: ['orders:refund'], lifetimeSeconds: 60 }]) {
    const run = guarded(credential)(SECOND);
    const request = await until(async () => (await product.agent.list({ state: 'pending' })).items[0]);
    requests.push(request);
    await approver.click(product, TREASURER, await approver.cardOf(product, request));
    await run;
  }
  expect(runs).toEqual([SECOND, SECOND]);
});

test('INV-8: the masked values are in no log, message, row, metric or history, whatever was done with them', async () => {
  const denied = await made({ card: SECOND });
  await approver.deny(product, TREASURER, await approver.cardOf(product, denied), 'Too much.');
  const refused = [{ card: `${CANARY}!` }, { card: CANARY, [CANARY]: CANARY }, { card: [CANARY] }];
  for (const changes of refused) {
    const failed = ask(product, { parameters: { ...parameters, ...changes } });
    const error = await failed.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(PlacetApiError);
    bodies += (error as PlacetApiError).code;
  }
  expect(bodies).toBe('parameters_invalid'.repeat(3));
  await product.isQuiet();

  const logged = product.logged.join('\n');
  expect(logged).toContain('"msg":"answered"');
  expect(secretsIn(logged, secrets)).toEqual([]);

  const { slack } = product;
  const traffic = JSON.stringify([await slack.calls(), await slack.deliveries(), (await slack.state()).channels]);
  expect(traffic).toContain('(masked: text, 25 characters)');
  expect(secretsIn(traffic, secrets)).toEqual([]);

  const rows = <Row>(sql: string) => product.database.asSuperuser<Row>(sql);
  const tables = await rows<{ name: string }>(`select table_name as name from information_schema.tables
    where table_schema = 'placet' and table_type = 'BASE TABLE'`);
  expect(tables.length).toBeGreaterThan(10);
  const dump = await Promise.all(tables.map(({ name }) => rows(`select to_jsonb(t) as row from placet.${name} t`)));
  // Bytes are dumped in hexadecimal, one of the encodings in which the values are looked for.
  expect(JSON.stringify(dump)).toContain(Buffer.from('"commitment"').toString('hex'));
  expect(secretsIn(JSON.stringify(dump), secrets)).toEqual([]);

  const metrics = await Promise.all((['api', 'slack', 'worker'] as const).map((role) => product.metrics(role)));
  expect(secretsIn(metrics.join(), secrets)).toEqual([]);

  const connection = await Connection.connect({ address: temporalAddress() });
  const { workflow } = new Client({ connection });
  const histories = await Promise.all(
    requests.map(({ id }) => workflow.getHandle(workflowId({ tenant_id: TENANT, request_id: id })).fetchHistory()),
  );
  await connection.close();
  for (const [index, { id }] of requests.entries()) {
    expect(textOf(histories[index])).toContain(`"request_id":"${id}"`);
    expect(secretsIn(textOf(histories[index]), secrets)).toEqual([]);
  }
});
