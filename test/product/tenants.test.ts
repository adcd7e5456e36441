// Two tenants in one database, on one Temporal and with one issuer, each with its own processes and its own Slack. Neither
// touches a key, a row, a card or a run of the other, whether the other's worker is there or away (INV-9).

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD, SUPPORT } from '@placet/playground';
import { authorizeCall, createPlacet, PlacetApiError } from '@placet/sdk';
import { Client, Connection } from '@temporalio/client';
import { RUN_VERSION, workflowId } from '../../src/domain/work/workflow.ts';
import { type Product, startProduct } from '../support/product.ts';
import { stateOf } from '../support/rows.ts';
import { temporalAddress } from '../support/stack.ts';
import { until } from '../support/wait.ts';
import { ask } from './ask.ts';

/** Before `default` in every order by name, so that who goes through all tenants has been here before it is there. */
const ACME = 'acme';
const ACTION = { action: 'orders.refund', resource: 'order/A-1001', parameters: { currency: 'EUR', amount: 120 } };

let own: Product;
let acme: Product;
let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: temporalAddress() });
  own = await startProduct();
  acme = await startProduct({ beside: { of: own, tenant: ACME } });
});
afterAll(async () => {
  await acme?.close();
  await own?.close();
  await connection?.close();
});

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof PlacetApiError ? error.code : String(error)),
  );

/** What the tenant's own worker writes without anybody's call: it gives events their places in the log, and signs it. */
const OWN_PACE = ['logs', 'log_leaves', 'log_nodes', 'log_checkpoints'];

/** One digest over every row that the tenant has in any table, without what its own worker writes at its own pace. */
async function rowsOf(tenant: string): Promise<unknown> {
  return (await allRowsOf(tenant)).filter(({ name }) => !OWN_PACE.includes(name));
}

async function allRowsOf(tenant: string): Promise<readonly { name: string; digest: string | null }[]> {
  const tables = await own.database.asSuperuser<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'placet'::regnamespace and c.relkind = 'r' order by 1`,
  );
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, md5(string_agg(t::text, ',' order by t::text)) as digest from placet.${name} t where tenant_id = $1`,
  );
  return own.database.asSuperuser(parts.join(' union all '), [tenant]);
}

/** Makes a request that everybody forgot: nothing in the outbox, no run, and its time is over. */
async function forgotten(product: Product): Promise<string> {
  const { id } = await ask(product);
  await own.database.asSuperuser('delete from placet.outbox where request_id = $1', [id]);
  await own.database.asSuperuser(
    "update placet.approval_requests set expires_at = now() - interval '60 s' where id = $1",
    [id],
  );
  return id;
}

test('a key of one tenant is unknown at the API of the other, both ways, and leaves nothing there (INV-9)', async () => {
  for (const [product, stranger] of [
    [own, acme],
    [acme, own],
  ] as const) {
    const at = createPlacet({ url: product.apiUrl, apiKey: stranger.agent.key });
    const before = [await rowsOf('default'), await rowsOf(ACME)];
    expect(await codeOf(at.request({ ...ACTION, justification: 'Let me in.' }))).toBe('agent_key_invalid');
    expect([await rowsOf('default'), await rowsOf(ACME)]).toEqual(before);
  }
});

test('a story of one tenant is told in its Slack alone, and its credential is good at its own API alone (INV-9)', async () => {
  const before = await rowsOf(ACME);
  const request = await ask(own);
  await approver.click(own, FINANCE_LEAD, await approver.cardOf(own, request));
  await own.agent.waitForDecision(request.id, { timeoutSeconds: 30 });
  const { credential, lease } = await own.agent.claim(request.id);

  // Once acme has a key of its own, so that its key set is not empty.
  const theirs = await ask(acme);
  await approver.click(acme, FINANCE_LEAD, await approver.cardOf(acme, theirs));
  await acme.agent.waitForDecision(theirs.id, { timeoutSeconds: 30 });
  await acme.agent.claim(theirs.id);
  await acme.isQuiet();
  expect(await rowsOf(ACME)).not.toEqual(before);

  const spend = (api: string, keys: string) =>
    authorizeCall({
      url: api,
      token: credential.token,
      issuer: own.apiUrl,
      keys: `${keys}/.well-known/jwks.json`,
      audience: 'https://orders.example',
      action: ACTION,
    });
  const untouched = await rowsOf(ACME);
  expect(await codeOf(spend(own.apiUrl, acme.apiUrl))).not.toBe('no error');
  expect(await codeOf(spend(acme.apiUrl, own.apiUrl))).toBe('credential_invalid');
  const { claims } = await spend(own.apiUrl, own.apiUrl);
  expect(claims.jti).toBe(lease.id);
  await own.agent.report(request.id, { status: 'succeeded' });
  await approver.cardOf(own, request, { says: ', succeeded' });
  await approver.dmOf(own, SUPPORT, request, ', succeeded');
  await own.isQuiet();
  expect(await rowsOf(ACME)).toEqual(untouched);
  expect(approver.cardsIn(await own.slack.state(), theirs.id)).toEqual([]);
  expect(approver.cardsIn(await acme.slack.state(), request.id)).toEqual([]);
});

test('while the worker of one is away, that of the other leaves its outbox, what is overdue and its runs alone (INV-9)', async () => {
  await acme.stop('worker');
  await own.stop('worker');
  const waiting = await ask(acme);
  const overdue = { acme: await forgotten(acme), own: await forgotten(own) };
  const before = await allRowsOf(ACME);

  // As a run of the time when any worker served all tenants: it sits on the queue of the other one.
  const { workflow } = new Client({ connection });
  const input = { tenant_id: ACME, request_id: waiting.id };
  const options = { taskQueue: own.taskQueue, workflowId: workflowId(input) };
  const stray = await workflow.start('approval', { ...options, args: [{ ...input, version: RUN_VERSION }] });

  await own.start('worker');
  await until(async () => (await stateOf(own.database, overdue.own)) === 'expired');
  const known = await ask(own);
  await approver.cardOf(own, known);
  const statusOf = async () => (await stray.describe()).status.name;
  await until(async () => (await statusOf()) !== 'RUNNING');
  expect(await statusOf()).toBe('FAILED');
  expect(await allRowsOf(ACME)).toEqual(before);
  expect(approver.cardsIn(await own.slack.state(), waiting.id)).toEqual([]);

  // Its own worker finds all of it where it was left.
  await acme.start('worker');
  await until(async () => (await stateOf(own.database, overdue.acme)) === 'expired');
  await approver.deny(acme, FINANCE_LEAD, await approver.cardOf(acme, waiting), 'Not now.');
  await approver.cardOf(acme, waiting, { says: 'Not now.', buttons: [] });
  const { taskQueue } = await workflow.getHandle(workflowId(input)).describe();
  expect(taskQueue).toBe(`${own.taskQueue}/${ACME}`);
});
