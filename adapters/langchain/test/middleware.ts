// Guards the middleware on the real product: what people click is what the agent does, and the agent is told the rest as data.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Command } from '@langchain/langgraph';
import { approvalMiddleware, humanInTheLoopMiddleware } from '@placet/langchain';
import { resumeThread } from '@placet/langgraph';
import { z } from 'zod';
import { usePlacet } from '../../test/placet.ts';
import { answersIn, EditedSaver, GO, makeAgent, type Ran, refundOf, thread } from './support.ts';

let ran: Ran[];
const placet = usePlacet();
const fresh = () => {
  ran = [];
  return { ran, saver: new EditedSaver() };
};
const read = { name: 'read', args: { order: 'A-1' }, id: 'call_read' };

test('what a schema of a tool makes of its arguments is not in the approval, as README.md warns', async () => {
  const { gate, requests } = await placet.newAgent();
  const schema = z.object({ order: z.string(), amount: z.coerce.number(), currency: z.string().default('EUR') });
  const wanted = [{ ...read, args: { order: 'A-1', amount: '120' } }];
  const agent = makeAgent({ ...fresh(), wanted, schema, middleware: [approvalMiddleware(gate)] });
  await agent.invoke(GO, thread('schema'));
  expect((await requests()).map(({ parameters }) => parameters)).toEqual([{ order: 'A-1', amount: '120' }]);
  expect(ran).toEqual([{ name: 'read', args: { order: 'A-1', amount: 120, currency: 'EUR' } }]);
});

test('what the policy allows runs at once, in the three calls of the API that it takes: ask, start, report', async () => {
  const { gate, calls, requests } = await placet.newAgent();
  const agent = makeAgent({ ...fresh(), wanted: [read], middleware: [approvalMiddleware(gate)] });
  expect(answersIn(await agent.invoke(GO, thread('one')))).toEqual([
    { id: 'call_read', status: 'success', content: 'read done' },
  ]);
  expect(calls).toEqual([
    'POST /v1/approval-requests',
    'POST /v1/approval-requests/ID/execution',
    'POST /v1/approval-requests/ID/result',
  ]);
  expect((await requests())[0]?.outcome?.result?.status).toBe('succeeded');
});

test('what is denied does not run, and the model is told by whom, why, and not to try again', async () => {
  const { gate, decide } = await placet.newAgent();
  const agent = makeAgent({ ...fresh(), wanted: [refundOf('A-1')], middleware: [approvalMiddleware(gate)] });
  await agent.invoke(GO, thread('one'));
  await decide('deny', {});
  const [answer] = answersIn(await resumeThread(agent.graph, { gate, thread: 'one' }));
  expect(JSON.parse(String(answer?.content))).toMatchObject({ denied: true, reason: 'Too much', retry: false });
  expect([answer?.status, ran]).toEqual(['error', []]);
});

test('what is taken back or runs out of time says so, each in its own words', async () => {
  const { gate, agent: client, requests } = await placet.newAgent({ timeoutSeconds: 3_600 });
  const agent = makeAgent({
    ...fresh(),
    wanted: [refundOf('A-1'), refundOf('A-2')],
    middleware: [approvalMiddleware(gate)],
  });
  await agent.invoke(GO, thread('one'));
  const [first, second] = await requests();
  await client.cancel(first?.id ?? '');
  await placet.product.database.asSuperuser(
    `update placet.approval_requests set created_at = created_at - interval '1 day', expires_at = now() - interval '1 second'
     where id = $1`,
    [second?.id],
  );
  const answered = answersIn(await resumeThread(agent.graph, { gate, thread: 'one' }));
  const kinds = answered.map(({ content }) => Object.keys(JSON.parse(String(content)))[0]);
  expect(kinds.sort()).toEqual(['cancelled', 'expired']);
  expect(ran).toEqual([]);
});

test('an agent without a checkpointer waits where it is told to', async () => {
  const { gate, decide } = await placet.newAgent();
  const middleware = [approvalMiddleware(gate, { waitSeconds: Infinity, run: () => 'job-7' })];
  const running = makeAgent({ ran: fresh().ran, wanted: [refundOf('A-1')], middleware }).invoke(GO);
  await decide('approve', {});
  expect(answersIn(await running)).toMatchObject([{ status: 'success' }]);
});

describe('nothing runs, and the error says so,', () => {
  test('while Placet is away: the agent goes on later with the same request', async () => {
    const { gate, setAway, requests, decide } = await placet.newAgent();
    const agent = makeAgent({ ...fresh(), wanted: [refundOf('A-1')], middleware: [approvalMiddleware(gate)] });
    setAway(true);
    await expect(agent.invoke(GO, thread('one'))).rejects.toThrow('cannot be reached');
    setAway(false);
    await agent.invoke(GO, thread('two'));
    await decide('approve', {});
    setAway(true);
    await expect(agent.invoke(new Command({ resume: 'decided' }), thread('two'))).rejects.toThrow('cannot be reached');
    expect(ran).toEqual([]);
    setAway(false);
    await agent.invoke(new Command({ resume: 'decided' }), thread('two'));
    expect(ran).toHaveLength(1);
    expect(await requests()).toHaveLength(1);
  });

  test('without a thread, a run or the id of the call', async () => {
    const { gate, calls } = await placet.newAgent();
    const middleware = [approvalMiddleware(gate, { waitSeconds: Infinity })];
    const nameless = makeAgent({ ran: fresh().ran, wanted: [refundOf('A-1')], middleware });
    await expect(nameless.invoke(GO)).rejects.toThrow('a gate needs the run');
    const idless = makeAgent({ ...fresh(), wanted: [{ ...refundOf('A-1'), id: '' }], middleware });
    await expect(idless.invoke(GO, thread('one'))).rejects.toThrow('a gate needs the id');
    expect([ran, calls]).toEqual([[], []]);
  });
});

test('a secret in the arguments never leaves the process, and the tool still gets it', async () => {
  const { gate, requests } = await placet.newAgent();
  const secret = `ghp_${randomUUID().replaceAll('-', '')}abcd`;
  const call = { ...read, args: { order: `A-1 ${secret}` } };
  await makeAgent({ ...fresh(), wanted: [call], middleware: [approvalMiddleware(gate)] }).invoke(GO, thread('one'));
  expect(ran).toEqual([{ name: 'read', args: call.args }]);
  const text = JSON.stringify(await requests());
  expect(text).toContain('[masked github_token');
  expect(text).not.toContain(secret);
});

test('in the place of the human-in-the-loop middleware, with its options: listed tools ask, the others run', async () => {
  const { gate, decide, requests } = await placet.newAgent();
  const when = ({ toolCall }: { readonly toolCall: { readonly args: { readonly [name: string]: unknown } } }) =>
    Number(toolCall.args['amount']) > 100;
  const interruptOn = { refund: { allowedDecisions: ['approve', 'reject'], when }, purge: true, read: false };
  const middleware = [humanInTheLoopMiddleware(gate, { interruptOn })];
  const wanted = [
    read,
    refundOf('A-1', 50),
    refundOf('A-2', 500),
    { name: 'purge', args: { order: 'A-3' }, id: 'call_p' },
  ];
  const agent = makeAgent({ ...fresh(), wanted, middleware });
  await agent.invoke(GO, thread('one'));
  expect((await requests()).map(({ resource }) => resource).sort()).toEqual(['order/A-2', 'order/A-3']);
  expect(ran.map(({ args }) => args)).toEqual([read.args, { order: 'A-1', amount: 50 }]);
  const resuming = resumeThread(agent.graph, { gate, thread: 'one' });
  await decide('approve', { order: 'A-2' });
  await decide('deny', { order: 'A-3' });
  expect(answersIn(await resuming).map(({ status }) => status)).toEqual(['success', 'success', 'success', 'error']);
});
