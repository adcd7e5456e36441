// Receipts over the real API: who gets them, when, with what in them, and that `placet verify` and the SDK take them offline.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPlacet, type EventReceipt } from '@placet/sdk';
import { verifyReceipt, verifyReceipts } from '@placet/sdk/log';
import type { ApiDeps } from '../../src/http/deps.ts';
import { exportAudit } from '../../src/service/admin/export.ts';
import { checkExport, exportDeps, unpack } from '../audit/exporting.ts';
import { keepTestLog } from '../audit/world.ts';
import { run } from '../cli/support.ts';
import { newFolder } from '../support/processes.ts';
import { ASK, type Claimed, codeOf, type Door, openDoor, REQUESTS } from '../threats/door.ts';
import { makeKey } from './real-api.ts';
import { type TestApi, withApi } from './support.ts';

let door: Door;
let claimed: Claimed;
let sign: () => Promise<void>;
const pathOf = (id: string) => `${REQUESTS}/${id}/receipts`;
const at = (bearer: string, id = claimed.request.id) => door.api.send(bearer, 'GET', pathOf(id));
const itemsOf = ({ text }: { readonly text: string }) => (JSON.parse(text) as { items: EventReceipt[] }).items;

beforeAll(async () => {
  door = await openDoor();
  ({ sign } = keepTestLog(door.database.transact));
  claimed = await door.claimed();
}, 60_000);
afterAll(() => door.close());

test('before its events are under a signed checkpoint there is a code, and when to ask again', async () => {
  const early = await at(door.key);
  expect([early.status, codeOf(early), early.headers.get('retry-after')]).toEqual([409, 'receipt_not_ready', '30']);
  expect((await door.api.send('', 'GET', '/.well-known/placet-log.json')).status).toBe(503);
  await sign();
  expect((await at(door.key)).status).toBe(200);
  const { token, lease_id, request } = claimed;
  await door.api.send(token, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest });
  await door.api.send(door.key, 'POST', `${REQUESTS}/${request.id}/result`, { status: 'succeeded', detail: 'done' });
  expect(codeOf(await at(door.key))).toBe('receipt_not_ready');
  await sign();
});

describe('after the next checkpoint', () => {
  const keyOf = async () =>
    (JSON.parse((await door.api.send('', 'GET', '/.well-known/placet-log.json')).text) as { key: string }).key;

  test('the agent has each event of its request, with what it asked, and all of it is proven by the public key alone', async () => {
    const placet = createPlacet({ url: door.api.url, apiKey: door.key });
    const items = await placet.receipts(claimed.request.id);
    const types = ['created', 'approved'].map((state) => `approval_request.${state}`);
    expect(items.map(({ type }) => type).sort()).toEqual(
      [...types, 'decision.recorded', 'grant.created', 'credential.issued', 'lease.used', 'result.reported'].sort(),
    );
    const key = await keyOf();
    const verified = verifyReceipts(
      items.map(({ receipt }) => receipt),
      { key },
    );
    expect(verified).toMatchObject({
      request_id: claimed.request.id,
      digest: claimed.request.digest,
      submission: {
        content: { v: 1, action: ASK.action, parameters: ASK.parameters },
        justification: ASK.justification,
      },
      decisions: [{ decision: 'approve' }],
      outcome: { state: 'approved' },
      issued: [{ lease_id: claimed.lease_id }],
      executions: [{ use: 1, lease_id: claimed.lease_id }],
      results: [{ use: 1, status: 'succeeded' }],
      uses_max: 1,
    });
    // From which account a person clicked is nothing that the agent is told elsewhere.
    expect(items.flatMap(({ receipt }) => Object.keys(verifyReceipt(receipt, { key }).values))).not.toContain(
      'account',
    );
  });

  test('a tool has them by its credential: the digest of what was asked, and none of its words', async () => {
    const items = itemsOf(await at(claimed.token));
    const key = await keyOf();
    const values = items.map(({ receipt }) => verifyReceipt(receipt, { key }).values);
    expect(items.length).toBe(7);
    for (const each of values) expect(each).toEqual({ digest: claimed.request.digest });
  });

  test('nobody else has them: no other agent, no credential of another request, no stranger', async () => {
    const other = await makeKey(door.world.service);
    expect(codeOf(await at(other))).toBe('not_found');
    const another = await door.claimed();
    expect(codeOf(await at(another.token))).toBe('credential_invalid');
    expect(codeOf(await at('plk_nobody'))).toBe('agent_key_invalid');
    expect((await at('')).status).toBe(401);
  });

  test('placet verify takes the answer and single receipts, offline, and says what they prove', async () => {
    const { text } = await at(door.key);
    const key = await keyOf();
    const files = {
      'all.json': text,
      'log.key': `${key}\n`,
      'used.tlog-proof': itemsOf({ text }).at(-2)?.receipt ?? '',
    };
    const all = await run(['verify', 'all.json', '--key', 'log.key'], {}, files);
    expect(all.code).toBe(0);
    for (const words of ['7 receipts are genuine', claimed.request.digest, 'use 1 of 1', ASK.justification, 'does not'])
      expect(all.out).toContain(words);
    const one = await run(['verify', 'used.tlog-proof', '--key', key, '--json'], {}, files);
    expect(JSON.parse(one.out)).toMatchObject({
      receipts: 1,
      executions: [{ lease_id: claimed.lease_id }],
      submission: null,
    });
    const forged = { ...files, 'used.tlog-proof': files['used.tlog-proof'].replace(/^index \d+/m, 'index 0') };
    const refused = await run(['verify', 'all.json', 'used.tlog-proof', '--key', key], {}, forged);
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toMatch(/^used\.tlog-proof: .*\(proof_invalid\)/);
    expect((await run(['verify', 'nothing.tlog-proof', '--key', key], {}, files)).err).toContain('no such file');
    expect((await run(['verify', 'all.json'], {}, files)).code).toBe(2);
  });
});

describe('an export over the API', () => {
  const withExports = <T>(work: (api: TestApi) => Promise<T>) => {
    const deps = exportDeps(door.database.transact);
    return withApi({ deps: { exportAudit: (input) => exportAudit(deps, input) } }, work);
  };
  const post = (api: TestApi, key: string, body: object = {}) =>
    fetch(`${api.url}/v1/audit-exports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('is sent to an auditor while it is made, and holds by its own verifier', async () => {
    await withExports(async (api) => {
      const answer = await post(api, 'plt_auditor');
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
      const [file, folder] = [join(newFolder(), 'audit.zip'), newFolder()];
      writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
      await unpack(file, folder);
      const { key } = JSON.parse((await door.api.send('', 'GET', '/.well-known/placet-log.json')).text);
      expect(await checkExport(folder, key)).toContain('without a gap');
    });
  });

  test('is refused before anything of it is sent, and to whoever may not read the record', async () => {
    await withExports(async (api) => {
      const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
      expect(await codeOf(await post(api, 'plt_auditor', { types: ['secrets.*'] }))).toEqual([422, 'invalid_request']);
      expect(await codeOf(await post(api, 'plt_auditor', { to: '2099-01-01T00:00:00Z' }))).toEqual([
        422,
        'invalid_request',
      ]);
      expect(await codeOf(await post(api, 'plt_viewer'))).toEqual([403, 'permission_missing']);
      expect(await codeOf(await post(api, 'plk_one'))).toEqual([401, 'admin_token_invalid']);
    });
  });

  test('whoever goes away in the middle stops it, and the next one is whole', async () => {
    await withExports(async (api) => {
      const answer = await post(api, 'plt_auditor');
      await answer.body?.cancel();
      expect((await (await post(api, 'plt_auditor')).arrayBuffer()).byteLength).toBeGreaterThan(1_000);
    });
  });

  test('one that breaks off looks like none: the answer ends unfinished, and the log says why', async () => {
    async function* breaking() {
      yield Buffer.alloc(100_000);
      throw new Error('the disk is gone');
    }
    const exportAudit: ApiDeps['exportAudit'] = async ({ save }) => {
      await save(breaking());
      return { first_index: 0, end_index: 0, tree_size: 0 };
    };
    await withApi({ deps: { exportAudit } }, async (api) => {
      await expect(post(api, 'plt_auditor').then((answer) => answer.arrayBuffer())).rejects.toThrow();
      const broken = api.lines.find(({ message }) => message === 'broken off');
      expect(String(broken?.fields['err'])).toContain('the disk is gone');
    });
  });
});
