// Guards the small server for agents that have nothing else: it asks, waits, begins and reports, and it decides nothing (G13).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { createApprovalServer } from '@placet/mcp';
import type { Placet } from '@placet/sdk';
import { START_MS_MAX, startPlacet, type TestPlacet, violations } from '../../test/placet.ts';

let placet: TestPlacet;
beforeAll(async () => {
  placet = await startPlacet();
}, START_MS_MAX);
afterAll(() => placet.close(), START_MS_MAX);

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

test('no approval was run without its people or twice (INV-10)', async () => {
  expect(await violations(placet.product)).toEqual([]);
});
