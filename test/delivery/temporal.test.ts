// The client of Temporal: calls end in time whatever the server does, and repeating one changes nothing.
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { openTemporal, type Temporal } from '../../src/delivery/temporal.ts';
import { workflowId } from '../../src/domain/work/workflow.ts';
import { temporalAddress } from '../support/stack.ts';
import { inputOf } from '../support/temporal.ts';

const task_queue = 'test-temporal-without-workers';
const namespace = 'default';
const input = inputOf(`apr_${'0'.repeat(30)}temporal`);

let connection: Connection;
let client: Client;
let temporal: Temporal;
beforeAll(async () => {
  connection = await Connection.connect({ address: temporalAddress() });
  client = new Client({ connection, namespace });
  temporal = openTemporal({ address: temporalAddress(), namespace, task_queue });
});
afterAll(async () => {
  await client.workflow.getHandle(workflowId(input)).terminate();
  await temporal.close();
  await connection.close();
});

const describeRun = () => client.workflow.getHandle(workflowId(input)).describe();

test('a start repeated is the same run; a nudge is kept for it; after its end a nudge begins another', async () => {
  await temporal.start(input);
  const { runId } = await describeRun();
  await Promise.all([temporal.start(input), temporal.nudge(input), temporal.nudge(input)]);
  expect((await describeRun()).runId).toBe(runId);
  await client.workflow.getHandle(workflowId(input)).terminate();
  await temporal.nudge(input);
  expect((await describeRun()).runId).not.toBe(runId);
});

test('a namespace that does not exist is told as unavailable', async () => {
  const elsewhere = openTemporal({ address: temporalAddress(), namespace: 'no-such-namespace', task_queue });
  await expect(elsewhere.start(input)).rejects.toMatchObject({ code: 'unavailable' });
  await elsewhere.close();
});

test('a server that takes calls and never answers ends them as unavailable', async () => {
  const sockets = new Set<Socket>();
  const silent: Server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const at = silent.address();
  const address = `127.0.0.1:${typeof at === 'object' ? at?.port : ''}`;
  const waiting = openTemporal({ address, namespace, task_queue });
  const ended = await Promise.allSettled([waiting.start(input), waiting.nudge(input)]);
  for (const each of ended) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
  await waiting.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});
