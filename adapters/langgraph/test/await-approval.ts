// Guards the node that waits: whoever runs it again, resumes it or edits its thread, it asks once and runs once.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Command, END, interrupt, MemorySaver, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { approvalInterruptsOf, awaitApproval, resumeThread } from '@placet/langgraph';
import { createEmptyDatabase, type EmptyDatabase } from '../../../test/support/database.ts';
import { START_MS_MAX, usePlacet } from '../../test/placet.ts';
import { at, graphOf, newWorld, State } from './support.ts';

const placet = usePlacet();
let threads: EmptyDatabase;
let saver: PostgresSaver;
beforeAll(async () => {
  threads = await createEmptyDatabase();
  saver = PostgresSaver.fromConnString(threads.owner_url);
  await saver.setup();
}, START_MS_MAX);
afterAll(async () => {
  await saver.end();
  await threads.drop();
}, START_MS_MAX);

test('a thread in PostgreSQL is resumed by another process once people have clicked, and its node asks once', async () => {
  const { gate, decide, requests } = await placet.newAgent();
  const world = newWorld();
  await graphOf(gate, world, saver).invoke({ order: 'A-1' }, at('one'));
  for (let time = 0; time < 3; time += 1) await graphOf(gate, world, saver).invoke(null, at('one'));
  const resuming = resumeThread(graphOf(gate, world, saver), { gate, thread: 'one' });
  await decide('approve', {});
  expect(await resuming).toEqual({ order: 'A-1', ending: 'refunded' });
  expect(world.refunded).toEqual(['A-1']);
  expect(world.entered).toBeGreaterThan(2);
  expect(await requests()).toHaveLength(1);
  expect(await resumeThread(graphOf(gate, world, saver), { gate, thread: 'one' })).toMatchObject({
    ending: 'refunded',
  });
  expect(world.refunded).toHaveLength(1);
});

test('a denial resumes the thread, too, and the node has it as data', async () => {
  const { gate, decide } = await placet.newAgent();
  const world = newWorld();
  await graphOf(gate, world, saver).invoke({ order: 'A-2' }, at('two'));
  await decide('deny', {});
  const { ending } = await resumeThread(graphOf(gate, world, saver), { gate, thread: 'two' });
  expect(JSON.parse(ending)).toMatchObject({ denied: true, reason: 'Too much', retry: false });
  expect(world.refunded).toEqual([]);
});

test('a reference that was edited in the thread is worth nothing: the node asks by its own arguments', async () => {
  const { gate, decide, requests } = await placet.newAgent();
  const world = newWorld();
  const other = await gate.ask({ run: 'x', id: 'y', tool: 'refund', arguments: { order: 'A-0' } });
  await decide('approve', { order: 'A-0' });
  const graph = graphOf(gate, world, new MemorySaver());
  await graph.invoke({ order: 'A-4' }, at('four'));
  const { tasks } = await graph.getState(at('four'));
  const [waiting] = approvalInterruptsOf({ tasks });
  expect(waiting?.value.placet).toMatchObject({ id: (await requests())[1]?.id, tool: 'refund' });
  await graph.invoke(new Command({ resume: { [waiting?.id ?? '']: { placet: other } } }), at('four'));
  expect(world.refunded).toEqual([]);
});

test('another interrupt of the thread is left to whoever it is for', async () => {
  const { gate, decide } = await placet.newAgent();
  const world = newWorld();
  const answers: unknown[] = [];
  const graph = new StateGraph(State)
    .addNode('ask', () => {
      answers.push(interrupt('How are you?'));
      return {};
    })
    .addNode('refund', async ({ order }) => {
      const call = { id: 'refund', tool: 'refund', arguments: { order } };
      await awaitApproval(gate, call, { tool: () => world.refunded.push(order) });
      return {};
    })
    .addEdge(START, 'ask')
    .addEdge(START, 'refund')
    .addEdge('ask', END)
    .addEdge('refund', END)
    .compile({ checkpointer: new MemorySaver() });
  await graph.invoke({ order: 'A-5' }, at('five'));
  await decide('approve', {});
  await resumeThread(graph, { gate, thread: 'five' });
  expect([world.refunded, answers]).toEqual([['A-5'], []]);
  const { tasks } = await graph.getState(at('five'));
  expect(tasks.flatMap(({ interrupts }) => interrupts).map(({ value }) => value)).toContain('How are you?');
});

describe('a node that waits more than once', () => {
  test('asks its human by an interrupt of its own, also when somebody resumed it too early', async () => {
    for (const early of [[], [true, 'yes']]) {
      const { gate, decide } = await placet.newAgent();
      const world = newWorld();
      const states: string[] = [];
      const graph = new StateGraph(State)
        .addNode('refund', async ({ order }) => {
          const call = { id: 'refund', tool: 'refund', arguments: { order } };
          const { state } = await awaitApproval(gate, call, { tool: () => world.refunded.push(order) });
          states.push(state);
          return { ending: interrupt('Did it arrive?') };
        })
        .addEdge(START, 'refund')
        .addEdge('refund', END)
        .compile({ checkpointer: new MemorySaver() });
      const thread = `own-${early.length}`;
      await graph.invoke({ order: 'A-7' }, at(thread));
      for (const answer of early) {
        const [waiting] = approvalInterruptsOf(await graph.getState(at(thread)));
        await graph.invoke(new Command({ resume: { [waiting?.id ?? '']: answer } }), at(thread));
      }
      const resuming = resumeThread(graph, { gate, thread });
      await decide('approve', {});
      await resuming;
      const { tasks } = await graph.getState(at(thread));
      expect(tasks.flatMap(({ interrupts }) => interrupts)).toMatchObject([{ value: 'Did it arrive?' }]);
      expect(await graph.invoke(new Command({ resume: 'It did.' }), at(thread))).toMatchObject({ ending: 'It did.' });
      expect([world.refunded, states]).toEqual([['A-7'], ['ran', 'already_executed']]);
    }
  });

  test('for two approvals runs each once, and both are waited for from outside', async () => {
    const { gate, decide } = await placet.newAgent();
    const world = newWorld();
    const graph = new StateGraph(State)
      .addNode('refund', async () => {
        for (const order of ['A-8', 'A-9']) {
          const call = { id: 'refund', tool: 'refund', arguments: { order } };
          await awaitApproval(gate, call, { tool: () => world.refunded.push(order) });
        }
        return { ending: 'both' };
      })
      .addEdge(START, 'refund')
      .addEdge('refund', END)
      .compile({ checkpointer: new MemorySaver() });
    await graph.invoke({ order: '' }, at('both'));
    const resuming = resumeThread(graph, { gate, thread: 'both' });
    for (const order of ['A-8', 'A-9']) await decide('approve', { order });
    expect(await resuming).toMatchObject({ ending: 'both' });
    expect(world.refunded).toEqual(['A-8', 'A-9']);
  });

  test('goes on unpaused when its approval comes while it waits itself', async () => {
    const { gate, decide } = await placet.newAgent();
    const graph = new StateGraph(State)
      .addNode('refund', async ({ order }) => {
        const call = { id: 'refund', tool: 'refund', arguments: { order } };
        const { state } = await awaitApproval(gate, call, { tool: () => 'refunded', waitSeconds: 60 });
        return { ending: state };
      })
      .addEdge(START, 'refund')
      .addEdge('refund', END)
      .compile({ checkpointer: new MemorySaver() });
    const running = graph.invoke({ order: 'A-10' }, at('waits'));
    await decide('approve', {});
    expect(await running).toMatchObject({ ending: 'ran' });
  });
});

test('who waits for a thread may give up, and nothing is taken back', async () => {
  const { gate, requests } = await placet.newAgent();
  const graph = graphOf(gate, newWorld(), new MemorySaver());
  await graph.invoke({ order: 'A-6' }, at('six'));
  const giving = new AbortController();
  const resuming = resumeThread(graph, { gate, thread: 'six', signal: giving.signal });
  giving.abort(new Error('enough'));
  await expect(resuming).rejects.toThrow('enough');
  expect((await requests()).map(({ state }) => state)).toEqual(['pending']);
});
