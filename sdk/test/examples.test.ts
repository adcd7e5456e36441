// Guards the examples: the demo agent and the demo tool do what their page says, on the wire contract alone.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runAgent } from '../../examples/agent.ts';
import { startTool, type Tool } from '../../examples/tool.ts';
import { createPlacet } from '../src/index.ts';
import { AUDIENCE, ISSUER } from './forge.ts';
import { startWireServer, type WireServer } from './wire-server.ts';

let server: WireServer;
let tool: Tool;
let lines: string[];
const say = (line: string): void => {
  lines.push(line.replace(/(apr|lse)_[0-9a-f-]+/g, '$1'));
};
beforeEach(async () => {
  lines = [];
  server = await startWireServer();
  tool = await startTool({ placetUrl: server.url, issuer: ISSUER, audience: AUDIENCE, say });
});
afterEach(async () => {
  await tool.close();
  await server.close();
});

const agentOptions = () => ({
  placetUrl: server.url,
  apiKey: 'plk_x',
  toolUrl: tool.url,
  audience: AUDIENCE,
  pauseMs: 1,
  say,
});
const refund = { order: 'A-1001', amount: 120, currency: 'EUR' };

test('the demo agent asks, waits, claims, and the tool refunds what was approved', async () => {
  await runAgent({ ...agentOptions(), rounds: 2 });
  expect(tool.refunds).toEqual([refund, { order: 'A-1002', amount: 35.5, currency: 'EUR' }]);
  expect(lines.slice(0, 4)).toEqual([
    'agent: asked for orders.refund on order/A-1001 (apr)',
    'agent: approved by Finance Lead; claiming the credential',
    'tool: refunded 120 EUR for order A-1001',
    'agent: the tool answered 200; lease lse is spent',
  ]);
  expect([...server.results.values()]).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }]);
});

test('a denial ends before the tool', async () => {
  server.states = ['denied'];
  await runAgent(agentOptions());
  expect(tool.refunds).toEqual([]);
  expect(lines[1]).toBe('agent: denied by Finance Lead; nothing was run: Too much');
});

test('a request that expired is told as that, and as nobody’s denial', async () => {
  server.states = ['expired'];
  await runAgent(agentOptions());
  expect(lines[1]).toBe('agent: expired; nothing was run');
});

test('an agent that starts again goes on with its pending request', async () => {
  const placet = createPlacet({ url: server.url, apiKey: 'plk_x' });
  const { order, ...parameters } = refund;
  const credential = { audience: AUDIENCE, scopes: ['orders:refund'], lifetimeSeconds: 300 };
  await placet.request({ action: 'orders.refund', resource: `order/${order}`, parameters, credential });
  await runAgent(agentOptions());
  expect(server.requests.size).toBe(1);
  expect(tool.refunds).toEqual([refund]);
});

describe('the demo tool refuses', () => {
  const call = async (token: string, body: unknown): Promise<number> => {
    const response = await fetch(`${tool.url}/refunds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return response.status;
  };
  const claim = async (): Promise<string> => {
    const placet = createPlacet({ url: server.url, apiKey: 'plk_x' });
    const { order, ...parameters } = refund;
    const { id } = await placet.request({ action: 'orders.refund', resource: `order/${order}`, parameters });
    return (await placet.claim(id)).credential.token;
  };

  test('a second use, another amount, another order, and no credential', async () => {
    const token = await claim();
    expect(await call(token, { ...refund, amount: 121 })).toBe(403);
    expect(await call(token, { ...refund, order: 'A-1002' })).toBe(403);
    expect(await call('', refund)).toBe(403);
    expect(await call(token, { order: 'A-1001; drop', amount: 120, currency: 'EUR' })).toBe(422);
    expect(await call(token, { ...refund, note: 'x'.repeat(2_000) })).toBe(403);
    expect(tool.refunds).toEqual([]);
    expect(await call(token, refund)).toBe(200);
    expect(await call(token, refund)).toBe(403);
    expect(tool.refunds).toEqual([refund]);
  });
});

// The only example that needs a program of its own; the skip shows in the count.
const testCurl = spawnSync('curl', ['--version']).status === 0 ? test : test.skip;
testCurl('the agent in plain curl goes the whole way and keeps its key out of its output', async () => {
  const env = { PATH: process.env['PATH'], PLACET_URL: server.url, PLACET_AGENT_KEY: 'plk_canary', TOOL_URL: tool.url };
  server.states = ['pending', 'approved'];
  const { stdout, stderr } = await promisify(execFile)('sh', ['examples/agent.sh'], { env });
  expect(stdout).toMatch(/1\. Ask.*pending, sha256:.*approved.*"jti":"lse_.*"refunded":/s);
  expect(stdout + stderr).not.toMatch(/plk_canary|eyJ/);
  expect(tool.refunds).toEqual([refund]);
});
