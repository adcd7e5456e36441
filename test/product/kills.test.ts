// kill -9 of each process at its worst moments: after the restart every request reaches its right end and every card
// agrees with its row. Then all that these processes logged, said and kept is searched for secrets.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApprovalRequest, actionDigest, authorizeCall, spendCredential } from '@placet/sdk';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { unseal } from '../../src/credentials/seal.ts';
import { makeSecret } from '../../src/credentials/secret.ts';
import { workflowId } from '../../src/domain/protocol.ts';
import { TENANT } from '../support/database.ts';
import { until } from '../support/processes.ts';
import { loudRequests, type SpawnedProduct, spawnProduct } from '../support/product.ts';
import { temporalAddress } from '../support/stack.ts';
import {
  answersIn,
  answerTo,
  ask,
  buttonsOf,
  cardOf,
  cardsIn,
  click,
  clickLate,
  deny,
  FINANCE_LEAD,
  TREASURER,
  waitFor,
  words,
} from './hands.ts';
import { secretsIn, textOf } from './secrets.ts';

/** Temporal gives a killed worker up after ten seconds; the machine may be busy. */
const TEST_MS_MAX = 120_000;
/** A parameter, a justification and a reason that must not stand in a history. */
const CANARY = 'canary-4711-gelb';
const ORDERS = 'https://orders.example';

let product: SpawnedProduct;
const asked: ApprovalRequest[] = [];
const tokens: string[] = [];
beforeAll(async () => {
  product = await spawnProduct({ logLevel: 'debug' });
}, TEST_MS_MAX);
afterAll(() => product.close(), TEST_MS_MAX);

async function newRequest(changes: Parameters<typeof ask>[1] = {}): Promise<ApprovalRequest> {
  const request = await ask(product, { parameters: { note: CANARY }, justification: `Because ${CANARY}.`, ...changes });
  asked.push(request);
  return request;
}

const stateOf = async ({ id }: ApprovalRequest) => (await product.agent.get(id)).state;
const rows = <Row>(sql: string, values: readonly unknown[] = []) => product.database.asSuperuser<Row>(sql, values);
const isBlocked = () =>
  rows(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);

describe('kill -9', () => {
  test(
    'of the slack process before its commit records nothing, after its commit it stands; the next click is answered',
    async () => {
      const before = await newRequest();
      const after = await newRequest();
      const cards = [await cardOf(product, before), await cardOf(product, after)] as const;
      const locker = new pg.Client({ connectionString: product.database.owner_url });
      await locker.connect();
      await locker.query('begin');
      await locker.query('select from placet.approval_requests where id = $1 for update', [before.id]);
      const acting = click(product, FINANCE_LEAD, cards[0]);
      await until(async () => (await isBlocked()).length > 0);
      await product.kill('slack');
      await locker.query('rollback');
      await locker.end();
      expect((await acting).ok).toBe(false);
      await until(async () => (await isBlocked()).length === 0);
      expect((await product.agent.get(before.id)).decisions).toEqual([]);

      await product.start('slack');
      await waitFor(product.slack, 'one socket', ({ delivery }) => delivery.sockets.length === 1);
      // The answer is on its way, or lost: whichever, the record knows.
      const late = click(product, FINANCE_LEAD, cards[1]);
      await until(async () => (await stateOf(after)) === 'approved');
      await product.kill('slack');
      await late;
      await product.start('slack');
      await waitFor(product.slack, 'one socket', ({ delivery }) => delivery.sockets.length === 1);
      await clickLate(product, FINANCE_LEAD, cards[1]);
      await answerTo(product, FINANCE_LEAD, after, 'Your approval was already counted at ');
      await click(product, FINANCE_LEAD, cards[0]);
      await answerTo(product, FINANCE_LEAD, before, 'Your approval counts.');
      expect([await stateOf(before), await stateOf(after)]).toEqual(['approved', 'approved']);
    },
    TEST_MS_MAX,
  );

  test(
    'of the api while it creates, holds a long poll, issues and spends: agents try again, and nothing happens twice',
    async () => {
      const waitedFor = await newRequest();
      const approved = await newRequest();
      for (const each of [waitedFor, approved]) await cardOf(product, each);
      await click(product, FINANCE_LEAD, await cardOf(product, approved));
      await answerTo(product, FINANCE_LEAD, approved, 'Your approval counts.');
      const waiting = product.agent.waitForDecision(waitedFor.id, { timeoutSeconds: 90 });
      const creating = newRequest({ resource: 'order/B-1' });
      const claiming = product.agent.claim(approved.id).catch((error: { code: string }) => error.code);
      await product.kill('api');
      await click(product, FINANCE_LEAD, await cardOf(product, waitedFor));
      await product.start('api');
      expect((await waiting).state).toBe('approved');
      const created = await creating;
      expect(await rows('select id from placet.approval_requests where resource = $1', ['order/B-1'])).toEqual([
        { id: created.id },
      ]);
      // Issued, or its answer was lost with the process: then never again.
      const claimed = await claiming;
      if (typeof claimed === 'string') expect(claimed).toBe('already_claimed');
      else tokens.push(claimed.credential.token);
      expect(await rows('select id from placet.leases where request_id = $1', [approved.id])).toHaveLength(1);

      const { credential } = await product.agent.claim(waitedFor.id);
      tokens.push(credential.token);
      const spend = () =>
        spendCredential({ url: product.apiUrl, token: credential.token, digest: waitedFor.digest }).then(
          () => 'used',
          (error: { code: string }) => error.code,
        );
      const spending = [spend(), spend()];
      await product.kill('api');
      await product.start('api');
      const spent = await Promise.all(spending);
      expect(spent.filter((each) => each === 'used').length).toBeLessThanOrEqual(1);
      expect(await spend()).toBe('already_used');
    },
    TEST_MS_MAX,
  );

  test(
    'of the worker while it posts, redraws, and while requests expire, are made, decided and cancelled',
    async () => {
      const redrawn = await newRequest();
      const half = await newRequest({ action: 'payouts.send' });
      const expiring = await newRequest({ timeoutSeconds: 4 });
      const cancelled = await newRequest();
      for (const each of [redrawn, half, expiring, cancelled]) await cardOf(product, each);
      await product.isQuiet();
      // Slack takes the card and keeps the worker waiting for the answer, which it then never hears.
      await product.slack.faults({ kind: 'slow', method: 'chat.postMessage', ms: 5_000, count: 1 });
      const posted = await newRequest();
      await cardOf(product, posted);
      await product.slack.faults({ kind: 'slow', method: 'chat.update', ms: 5_000, count: 1 });
      await click(product, FINANCE_LEAD, await cardOf(product, redrawn));
      await product.kill('worker');
      const made = await newRequest();
      await click(product, TREASURER, await cardOf(product, half));
      await answerTo(product, TREASURER, half, 'That makes 1 of 2');
      await product.agent.cancel(cancelled.id);
      await product.start('worker');

      const waits = await product.agent.waitForDecision(expiring.id, { timeoutSeconds: 60 });
      expect(waits.state).toBe('expired');
      await product.isQuiet();
      await cardOf(product, redrawn, { says: 'Approved by Finance Lead', buttons: [] });
      await cardOf(product, cancelled, { says: 'Cancelled by the agent', buttons: [] });
      await cardOf(product, expiring, { says: 'Nothing runs.', buttons: [] });
      await cardOf(product, half, { says: '1 of 2 approvals. Approved by treasurer' });
      await cardOf(product, made, { buttons: ['approve', 'review', 'deny'] });
      await deny(product, FINANCE_LEAD, await cardOf(product, half), `No ${CANARY}.`);
      const copies = cardsIn(await product.slack.state(), posted.id);
      for (const copy of copies) await clickLate(product, FINANCE_LEAD, copy);
      await answerTo(product, FINANCE_LEAD, posted, 'Your approval counts.');
      await waitFor(product.slack, 'no buttons in any copy', (state) =>
        cardsIn(state, posted.id).every((copy) => buttonsOf(copy).length === 0),
      );
      const told = answersIn(await product.slack.state(), FINANCE_LEAD, posted);
      expect(told.filter((answer) => answer.includes('Your approval counts.'))).toHaveLength(1);
    },
    TEST_MS_MAX,
  );

  test(
    'leaves every request at its right end, every card as its row, and nothing executed unapproved or twice (INV-10)',
    async () => {
      const open = await Promise.all(asked.map(stateOf));
      for (const [index, request] of asked.entries()) {
        if (open[index] !== 'pending') continue;
        await click(product, TREASURER, await cardOf(product, request));
        await answerTo(product, TREASURER, request, 'Your approval counts.');
      }
      await product.isQuiet();
      const ends: Record<string, string> = { expired: 'Expired', cancelled: 'Cancelled', denied: 'Denied' };
      const state = await product.slack.state();
      const live = await rows<{ request_id: string; channel_id: string; ts: string }>(
        `select request_id, channel_id, ts from placet.slack_messages where kind = 'card' and state = 'posted'`,
      );
      expect(live.map(({ request_id }) => request_id).sort()).toEqual(asked.map(({ id }) => id).sort());
      for (const { request_id, ts } of live) {
        const now = await product.agent.get(request_id);
        expect(now.state).not.toBe('pending');
        const card = cardsIn(state, request_id).find((copy) => copy.ts === ts);
        if (card === undefined) throw new Error('the recorded card stands where the record says');
        expect([words(card), buttonsOf(card)]).toEqual([
          expect.stringContaining(`${ends[now.state] ?? 'Approved'}: `),
          [],
        ]);
      }
      expect(await loudRequests(product.database)).toEqual([]);
      expect(
        await rows(`select (select count(*)::integer from placet.executed_without_approval) as unapproved,
          (select count(*)::integer from placet.executed_twice) as twice`),
      ).toEqual([{ unapproved: 0, twice: 0 }]);
    },
    TEST_MS_MAX,
  );
});

describe('INV-8: no secret reaches a log, Slack, an audit row or a workflow history', () => {
  const secrets: Record<string, string | Uint8Array> = {};
  const needle = (name: string, value: string | Uint8Array | undefined) => {
    if (value === undefined || value.length < 16) throw new Error(`${name} is no secret`);
    secrets[name] = value;
  };

  beforeAll(async () => {
    await provoke();
    const { environment: of, agent } = product;
    const master = Buffer.from(of['PLACET_MASTER_KEY'] ?? '', 'base64url');
    const [key] = await rows<{ kid: string; private_sealed: Buffer }>(
      'select kid, private_sealed from placet.signing_keys',
    );
    if (key === undefined) throw new Error('a signing key was made');
    const place = ['placet/signing-key/v1', TENANT, key.kid];
    const pkcs8 = unseal({ master_key: makeSecret(master), place, bytes: key.private_sealed });
    needle('agent key', agent.key);
    needle('bot token', of['SLACK_BOT_TOKEN']);
    needle('app token', of['SLACK_APP_TOKEN']);
    needle('master key as it is set', of['PLACET_MASTER_KEY']);
    needle('master key', master);
    needle('signing key', pkcs8.subarray(-32));
    for (const [index, token] of tokens.entries()) {
      needle(`credential ${index}`, token);
      needle(`signature of credential ${index}`, token.split('.').at(-1));
    }
  }, TEST_MS_MAX);

  /** Walks the paths on which a secret could slip into a log: wrong places, refusals, failures. */
  async function provoke(): Promise<void> {
    const { agent, apiUrl: url } = product;
    const request = await newRequest();
    await click(product, FINANCE_LEAD, await cardOf(product, request));
    await answerTo(product, FINANCE_LEAD, request, 'Your approval counts.');
    const { credential, lease } = await agent.claim(request.id);
    const { token } = credential;
    tokens.push(token);
    const action = { action: request.action, resource: request.resource, parameters: request.parameters };
    await authorizeCall({ url, token, issuer: url, audience: ORDERS, keys: `${url}/.well-known/jwks.json`, action });
    const send = (path: string, bearer: string, body?: string) =>
      fetch(url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'idempotency-key': bearer },
        ...(body === undefined ? {} : { body }),
      });
    const other = actionDigest({ ...action, resource: 'order/other' });
    await send(`/v1/approval-requests/${agent.key}`, agent.key);
    await send(`/v1/approval-requests?cursor=${agent.key}`, token);
    await send('/v1/approval-requests', agent.key, `{"action":"${agent.key}"`);
    await send('/v1/approval-requests', agent.key, JSON.stringify({ ...action, [agent.key]: token }));
    await send(`/v1/leases/${token}/use`, token, JSON.stringify({ digest: token }));
    await send(`/v1/leases/${lease.id}/use`, token, JSON.stringify({ digest: other }));
    await send(`/v1/approval-requests/${request.id}/result`, token, JSON.stringify({ status: token }));
    await rows('alter table placet.leases rename to leases_away');
    await send(`/v1/leases/${lease.id}/use`, token, JSON.stringify({ digest: request.digest }));
    await rows('alter table placet.leases_away rename to leases');
    await product.slack.faults({ kind: 'api_error', method: 'users.info', error: 'invalid_auth', count: 1 });
    await clickLate(product, FINANCE_LEAD, await cardOf(product, request));
    await product.isQuiet();
  }

  /** Every row of every table that keeps what happened. */
  const tablesText = async (names: readonly string[]) => {
    const all = await Promise.all(
      names.map((name) => rows<{ row: object }>(`select to_jsonb(t) as row from placet.${name} t`)),
    );
    return JSON.stringify(all);
  };

  test('logs of the processes, at level debug', () => {
    const logged = product.logged.join('\n');
    expect(logged).toContain('"msg":"answered"');
    expect(logged).toContain('"level":"warn"');
    expect(secretsIn(logged, secrets)).toEqual([]);
    expect(logged).not.toContain(CANARY);
  });

  test('all traffic with Slack, and all that stands there', async () => {
    const traffic = JSON.stringify([
      await product.slack.calls(),
      await product.slack.deliveries(),
      (await product.slack.state()).channels,
    ]);
    expect(traffic).toContain(CANARY);
    expect(secretsIn(traffic, secrets)).toEqual([]);
  });

  test('audit rows; and no table holds a secret in clear', async () => {
    const audit = await tablesText(['audit_events']);
    expect(audit).toContain('lease.used');
    expect(secretsIn(audit, secrets)).toEqual([]);
    expect(audit).not.toContain(CANARY);
    const names = await rows<{ name: string }>(`select table_name as name from information_schema.tables
      where table_schema = 'placet' and table_type = 'BASE TABLE'`);
    expect(names.length).toBeGreaterThan(10);
    expect(secretsIn(await tablesText(names.map(({ name }) => name)), secrets)).toEqual([]);
  });

  test('workflow histories, which hold no parameter, justification or reason either', async () => {
    const connection = await Connection.connect({ address: temporalAddress() });
    const { workflow } = new Client({ connection });
    const histories = await Promise.all(
      asked.map(({ id }) => workflow.getHandle(workflowId({ tenant_id: TENANT, request_id: id })).fetchHistory()),
    );
    await connection.close();
    const texts = histories.map(textOf);
    for (const [index, { id }] of asked.entries()) expect(texts[index]).toContain(`"request_id":"${id}"`);
    for (const text of texts) {
      expect(secretsIn(text, secrets)).toEqual([]);
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(Buffer.from(CANARY).toString('base64').slice(0, 16));
    }
  });

  test('and the search finds each secret in each coat', () => {
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
});
