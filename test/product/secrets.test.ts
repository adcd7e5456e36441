// Everything that the three processes log, say to Slack, write and leave in Temporal, searched for each secret in every
// coat that it may wear.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD, SUPPORT, TREASURER } from '@placet/playground';
import { type ApprovalRequest, actionDigest, authorizeCall } from '@placet/sdk';
import { Client, Connection } from '@temporalio/client';
import { unseal } from '../../src/credentials/seal.ts';
import { makeSecret } from '../../src/domain/secret.ts';
import { workflowId } from '../../src/domain/work/workflow.ts';
import { TENANT } from '../support/database.ts';
import { secretsIn, textOf } from '../support/leaks.ts';
import { type SpawnedProduct, spawnProduct } from '../support/product.ts';
import { temporalAddress } from '../support/stack.ts';
import { ask } from './ask.ts';

const START_MS_MAX = 120_000;
/** A parameter, a justification and a reason that must not stand in a history. */
const CANARY = 'canary-4711-gelb';
const ORDERS = 'https://orders.example';

let product: SpawnedProduct;
const input: ApprovalRequest[] = [];
const tokens: string[] = [];
let bodies = '';

const secrets: Record<string, string | Uint8Array> = {};

beforeAll(async () => {
  product = await spawnProduct({ logLevel: 'debug' });
  await playStory();
  await provoke();
  await product.isQuiet();
  await collectSecrets();
}, START_MS_MAX);
afterAll(() => product.close());

const rows = <Row>(sql: string) => product.database.asSuperuser<Row>(sql);

async function newRequest(): Promise<ApprovalRequest> {
  const request = await ask(product, { parameters: { note: CANARY }, justification: `Because ${CANARY}.` });
  input.push(request);
  return request;
}

/** One request denied with a reason, one used that fails with a detail. */
async function playStory(): Promise<void> {
  const { agent, apiUrl: url } = product;
  const denied = await newRequest();
  await approver.deny(product, TREASURER, await approver.cardOf(product, denied), `No ${CANARY}.`);
  await approver.dmOf(product, SUPPORT, denied, CANARY);
  const used = await newRequest();
  await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, used));
  await approver.answerTo(product, FINANCE_LEAD, used, 'Your approval counts.');
  const { token } = (await agent.claim(used.id)).credential;
  tokens.push(token);
  const { action, resource, parameters } = used;
  const keys = `${url}/.well-known/jwks.json`;
  await authorizeCall({ url, token, issuer: url, audience: ORDERS, keys, action: { action, resource, parameters } });
  await agent.report(used.id, { status: 'failed', detail: CANARY });
  await approver.cardOf(product, used, { says: `failed: ${CANARY}` });
}

/** Walks the paths on which a secret could slip into a log: wrong places, refusals, failures. */
async function provoke(): Promise<void> {
  const { agent, apiUrl, slack } = product;
  const request = await newRequest();
  await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, request));
  await approver.answerTo(product, FINANCE_LEAD, request, 'Your approval counts.');
  const { credential, lease } = await agent.claim(request.id);
  const { token } = credential;
  tokens.push(token);
  const send = async (path: string, bearer: string, body?: unknown) => {
    const answer = await fetch(apiUrl + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'idempotency-key': bearer },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    bodies += await answer.text();
  };
  const { action, resource, parameters } = request;
  await send(`/v1/approval-requests/${agent.key}`, agent.key);
  await send(`/v1/approval-requests?cursor=${agent.key}`, token);
  await send('/v1/approval-requests', agent.key, `{"action":"${agent.key}"`);
  await send('/v1/approval-requests', agent.key, { action, resource, parameters, [agent.key]: token });
  await send(`/v1/leases/${token}/use`, token, { digest: token });
  await send(`/v1/leases/${lease.id}/use`, token, { digest: actionDigest({ action, resource: 'other', parameters }) });
  await send(`/v1/approval-requests/${request.id}/result`, token, { status: token });
  await rows("alter table placet.leases add constraint never check (state <> 'used') not valid");
  await send(`/v1/leases/${lease.id}/use`, token, { digest: request.digest });
  await rows('alter table placet.leases drop constraint never');
  await slack.faults({ kind: 'api_error', method: 'users.info', error: 'invalid_auth', count: 1 });
  await approver.clickLate(product, FINANCE_LEAD, await approver.cardOf(product, request));
}

async function collectSecrets(): Promise<void> {
  const { environment: of, agent } = product;
  const master_key = Buffer.from(of['PLACET_MASTER_KEY'] ?? '', 'base64url');
  const [key] = await rows<{ kid: string; sealed: Buffer }>(
    'select kid, private_sealed as sealed from placet.signing_keys',
  );
  if (key === undefined) throw new Error('a signing key was made');
  const place = ['placet/signing-key/v1', TENANT, key.kid];
  const pkcs8 = unseal({ master_key: makeSecret(master_key), place, bytes: key.sealed });
  const found: [string, string | Uint8Array | undefined][] = [
    ['agent key', agent.key],
    ['bot token', of['SLACK_BOT_TOKEN']],
    ['app token', of['SLACK_APP_TOKEN']],
    ['master key as it is set', of['PLACET_MASTER_KEY']],
    ['master key', master_key],
    // PKCS #8 of Ed25519 ends with the 32 private bytes.
    ['signing key', pkcs8.subarray(-32)],
    ...tokens.flatMap((token, index): [string, string | undefined][] => [
      [`credential ${index}`, token],
      [`signature of credential ${index}`, token.split('.').at(-1)],
    ]),
  ];
  for (const [name, secret] of found) {
    if (secret === undefined || secret.length < 32) throw new Error(`there is no ${name} to look for`);
    secrets[name] = secret;
  }
}

/** Every row of every table that keeps what happened. */
const tablesText = async (names: readonly string[]) => {
  const all = await Promise.all(
    names.map((name) => rows<{ row: object }>(`select to_jsonb(t) as row from placet.${name} t`)),
  );
  return JSON.stringify(all);
};

test('INV-8: no secret and no parameter is in the logs of the processes, at level debug', () => {
  const logged = product.logged.join('\n');
  expect(logged).toContain('"msg":"answered"');
  expect(logged).toContain('"level":"warn"');
  expect(secretsIn(logged, { ...secrets, CANARY })).toEqual([]);
});

test('INV-8: no secret, parameter, justification or reason is in the metrics of the three processes', async () => {
  const all = await Promise.all((['api', 'slack', 'worker'] as const).map((role) => product.metrics(role)));
  expect(all[0]).toContain('placet_operations_total{operation="claim_credential",outcome="ok"} 2');
  expect(all[1]).toContain('placet_decisions_total{decision="deny",outcome="counted"} 1');
  expect(all[2]).toContain('process_cpu_seconds_total');
  for (const text of all) expect(secretsIn(text, { ...secrets, CANARY })).toEqual([]);
});

test('INV-8: no error body holds a secret, but what its caller sent', () => {
  expect(bodies).toContain('"code":"internal"');
  // A body names the caller's own unknown member: here their key.
  const { 'agent key': _sent, ...others } = secrets;
  expect(secretsIn(bodies, { ...others, CANARY })).toEqual([]);
});

test('INV-8: no secret is in the traffic with Slack, nor in what stands there', async () => {
  const traffic = JSON.stringify([
    await product.slack.calls(),
    await product.slack.deliveries(),
    (await product.slack.state()).channels,
  ]);
  expect(traffic).toContain(CANARY);
  expect(secretsIn(traffic, secrets)).toEqual([]);
});

test('INV-8: no secret and no parameter is in an audit row, and no table holds a secret in clear', async () => {
  const audit = await tablesText(['audit_events']);
  expect(audit).toContain('lease.used');
  expect(secretsIn(audit, { ...secrets, CANARY })).toEqual([]);
  const names = await rows<{ name: string }>(`select table_name as name from information_schema.tables
    where table_schema = 'placet' and table_type = 'BASE TABLE'`);
  expect(names.length).toBeGreaterThan(10);
  expect(secretsIn(await tablesText(names.map(({ name }) => name)), secrets)).toEqual([]);
});

test('INV-8: no secret, parameter, justification or reason is in a workflow history', async () => {
  const connection = await Connection.connect({ address: temporalAddress() });
  const { workflow } = new Client({ connection });
  const histories = await Promise.all(
    input.map(({ id }) => workflow.getHandle(workflowId({ tenant_id: TENANT, request_id: id })).fetchHistory()),
  );
  await connection.close();
  const texts = histories.map(textOf);
  for (const [index, { id }] of input.entries()) expect(texts[index]).toContain(`"request_id":"${id}"`);
  for (const text of texts) {
    expect(secretsIn(text, { ...secrets, CANARY })).toEqual([]);
  }
});

test('the search of these tests finds each secret in each coat', () => {
  for (const [name, secret] of Object.entries(secrets)) {
    const bytes = Buffer.from(secret);
    const padded = (before: number) => Buffer.concat([Buffer.alloc(before, 7), bytes, Buffer.alloc(2, 9)]);
    const coats = [0, 1, 2].flatMap((before) => [
      padded(before).toString('base64'),
      padded(before).toString('base64url'),
      padded(before).toString('hex'),
    ]);
    for (const text of coats) expect([name, secretsIn(`x${text}`, { [name]: secret })]).toEqual([name, [name]]);
  }
});
