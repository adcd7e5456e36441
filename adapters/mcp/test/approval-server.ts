// Guards the small server for agents that have nothing else: it asks, waits, begins and reports, and it decides nothing (G13).
import { expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { createApprovalServer } from '@placet/mcp';
import type { Placet } from '@placet/sdk';
import { usePlacet } from '../../test/placet.ts';

const placet = usePlacet();

async function connect(agent: Placet) {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1' });
  await createApprovalServer(agent).connect(far);
  await client.connect(near as never);
  const call = async (name: string, args: object) => {
    const { content, isError } = await client.callTool({ name, arguments: args as never });
    const [{ text = '' } = {}] = content as { readonly text?: string }[];
    return { isError: isError === true, answer: JSON.parse(text) };
  };
  return { client, call };
}
const about = { action: 'orders.refund', resource: 'order/A-1', parameters: { amount: 120 } };

test('an agent asks, waits for people, begins once with what was approved, and reports', async () => {
  const { agent, decide } = await placet.newAgent();
  const { call } = await connect(agent);
  const { answer } = await call('request_approval', { ...about, call_id: 'call-1', justification: 'lost' });
  expect(answer).toMatchObject({ state: 'pending', digest: expect.stringMatching(/^sha256:/) });
  const { approval_request_id } = answer;
  expect((await call('request_approval', { ...about, call_id: 'call-1', justification: 'lost' })).answer).toMatchObject(
    { approval_request_id },
  );
  expect((await call('await_approval', { approval_request_id, wait_seconds: 0 })).answer).toMatchObject({
    state: 'pending',
  });
  expect(await call('begin_approved', { approval_request_id, ...about })).toMatchObject({
    isError: true,
    answer: { code: 'not_approved' },
  });
  await decide('approve', {});
  expect((await call('await_approval', { approval_request_id })).answer).toMatchObject({ state: 'approved' });
  const more = { approval_request_id, ...about, parameters: { amount: 9_999 } };
  expect(await call('begin_approved', more)).toMatchObject({ isError: true, answer: { code: 'digest_mismatch' } });
  expect(await call('begin_approved', { approval_request_id, ...about })).toMatchObject({ answer: { begun: true } });
  expect(await call('begin_approved', { approval_request_id, ...about })).toMatchObject({
    answer: { code: 'already_started' },
  });
  expect(await call('report_result', { approval_request_id, status: 'succeeded' })).toMatchObject({
    answer: { status: 'succeeded' },
  });
});

test('a denial is data: by whom, why, and that it is final', async () => {
  const { agent, decide } = await placet.newAgent();
  const { call } = await connect(agent);
  const { answer } = await call('request_approval', about);
  await decide('deny', {});
  const denied = await call('await_approval', { approval_request_id: answer.approval_request_id });
  expect(denied).toMatchObject({ isError: false, answer: { state: 'denied', reason: 'Too much', retry: false } });
});

const secret = `ghp_${'c'.repeat(36)}`;

test('a secret never leaves the process, and what is begun with another one is another action', async () => {
  const { agent, decide, requests } = await placet.newAgent();
  const { call } = await connect(agent);
  const ask = { ...about, resource: `note/${secret}`, parameters: { amount: 120, password: 'canary-1', note: secret } };
  const { answer } = await call('request_approval', { ...ask, justification: `with ${secret}` });
  expect(answer).toMatchObject({ pending: true, retry: false });
  const { approval_request_id } = answer;
  expect(JSON.stringify(await requests())).not.toMatch(/canary|ghp_/);
  await decide('approve', {});
  const other = { approval_request_id, ...ask, parameters: { ...ask.parameters, password: 'canary-2' } };
  expect(await call('begin_approved', other)).toMatchObject({ answer: { code: 'digest_mismatch', retry: false } });
  expect(await call('begin_approved', { approval_request_id, ...ask })).toMatchObject({ answer: { begun: true } });
  await call('report_result', { approval_request_id, status: 'failed', detail: `no ${secret}` });
  expect(JSON.stringify(await requests())).not.toMatch(/canary|ghp_/);
});

test('what the policy masks is begun under its salts, also by a server that was made meanwhile', async () => {
  await placet.product.applyPolicy((document) => {
    const parameters = { properties: { amount: { type: 'number' }, card: { type: 'string', maxLength: 16 } } };
    const refund = { title: 'Refund {parameters.amount}', parameters, mask: ['card'] };
    return { ...document, actions: { 'orders.refund': refund } } as typeof document;
  });
  const { agent, decide } = await placet.newAgent();
  const ask = { ...about, parameters: { amount: 120, card: 'masked-1' } };
  const { answer } = await (await connect(agent)).call('request_approval', ask);
  const { approval_request_id } = answer;
  await decide('approve', {});
  const { call } = await connect(agent);
  const other = { approval_request_id, ...ask, parameters: { ...ask.parameters, card: 'masked-2' } };
  expect(await call('begin_approved', other)).toMatchObject({ answer: { code: 'digest_mismatch' } });
  expect(await call('begin_approved', { approval_request_id, ...ask })).toMatchObject({ answer: { begun: true } });
});

test('none of its tools decides (G13)', async () => {
  const { client } = await connect((await placet.newAgent()).agent);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'request_approval',
    'await_approval',
    'begin_approved',
    'report_result',
  ]);
  expect(JSON.stringify(tools)).not.toMatch(/"(?:decision|approve|deny|approver)"/);
});
