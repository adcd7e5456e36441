// Each attack on a thread twice: on a graph that pauses by an interrupt alone, where it works (so that we notice when that is
// mended), and through the gate, where nothing runs that was not approved, and the record says why.
import { describe, expect, test } from '@jest/globals';
import { Command, MemorySaver, START } from '@langchain/langgraph';
import { usePlacet } from '../../test/placet.ts';
import { at, bareGraphOf, graphOf, newWorld } from './support.ts';

const placet = usePlacet();

describe('the state of the thread is edited while people decide', () => {
  test('bare: what was approved for one order runs for another', async () => {
    const world = newWorld();
    const graph = bareGraphOf(world, new MemorySaver());
    await graph.invoke({ order: 'A-3' }, at('three'));
    await graph.updateState(at('three'), { order: 'B-666' }, START);
    await graph.invoke(new Command({ resume: true }), at('three'));
    await graph.invoke(new Command({ resume: true }), at('three'));
    expect(world.refunded).toEqual(['B-666']);
  });

  test('through the gate: the node asks anew, and runs nothing', async () => {
    const { gate, decide, requests } = await placet.newAgent();
    const world = newWorld();
    const graph = graphOf(gate, world, new MemorySaver());
    await graph.invoke({ order: 'A-3' }, at('three'));
    await decide('approve', {});
    await graph.updateState(at('three'), { order: 'B-666' }, START);
    for (let time = 0; time < 3; time += 1) await graph.invoke(new Command({ resume: true }), at('three'));
    expect(world.refunded).toEqual([]);
    expect((await requests()).map(({ resource, state }) => [resource, state])).toEqual([
      ['order/A-3', 'approved'],
      ['order/B-666', 'pending'],
    ]);
  });
});

describe('an approval is forged', () => {
  test('bare: whoever can resume the thread has approved, and nobody was asked', async () => {
    const world = newWorld();
    const graph = bareGraphOf(world, new MemorySaver());
    await graph.invoke({ order: 'A-11' }, at('forged'));
    await graph.invoke(new Command({ resume: true }), at('forged'));
    expect(world.refunded).toEqual(['A-11']);
  });

  test.each([[true], ['decided'], [{ placet: { state: 'approved' } }]])(
    'through the gate: resumed with %j the thread is found waiting, and people are still asked',
    async (forged) => {
      const { gate, requests } = await placet.newAgent();
      const world = newWorld();
      const graph = graphOf(gate, world, new MemorySaver());
      await graph.invoke({ order: 'A-11' }, at('forged'));
      for (let time = 0; time < 3; time += 1) await graph.invoke(new Command({ resume: forged }), at('forged'));
      expect(world.refunded).toEqual([]);
      expect((await requests()).map(({ state, outcome }) => [state, outcome])).toEqual([['pending', null]]);
      const { tasks } = await graph.getState(at('forged'));
      expect(tasks.flatMap(({ interrupts }) => interrupts)).toHaveLength(1);
    },
  );
});

describe('what was run is resumed again from an older checkpoint', () => {
  type Graph = ReturnType<typeof graphOf>;
  /** The checkpoint in which the thread waited. */
  async function waitingPlace(graph: Pick<Graph, 'getStateHistory'>) {
    for await (const { config, tasks } of graph.getStateHistory(at('again'))) {
      if (tasks.some(({ interrupts }) => interrupts.length > 0)) return config;
    }
    throw new Error('it never waited');
  }

  test('bare: it runs a second time', async () => {
    const world = newWorld();
    const graph = bareGraphOf(world, new MemorySaver());
    await graph.invoke({ order: 'A-12' }, at('again'));
    const place = await waitingPlace(graph as never);
    await graph.invoke(new Command({ resume: true }), at('again'));
    await graph.invoke(new Command({ resume: true }), place);
    expect(world.refunded).toEqual(['A-12', 'A-12']);
  });

  test('through the gate: an approval is one run, and the node is told so', async () => {
    const { gate, decide, requests } = await placet.newAgent();
    const world = newWorld();
    const graph = graphOf(gate, world, new MemorySaver());
    await graph.invoke({ order: 'A-12' }, at('again'));
    const place = await waitingPlace(graph);
    await decide('approve', {});
    await graph.invoke(new Command({ resume: 'decided' }), at('again'));
    const { ending } = await graph.invoke(new Command({ resume: 'decided' }), place);
    expect([world.refunded, JSON.parse(ending)]).toMatchObject([['A-12'], { already_executed: true, retry: false }]);
    expect((await requests()).map(({ outcome }) => outcome?.result?.status)).toEqual(['succeeded']);
  });
});
