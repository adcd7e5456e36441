// A graph of one node that refunds an order, as a new process would make it again: its saver and what was done last.
import { Annotation, type BaseCheckpointSaver, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { awaitApproval } from '@placet/langgraph';
import type { Gate } from '@placet/sdk';

export const State = Annotation.Root({ order: Annotation<string>, ending: Annotation<string> });
export const at = (thread_id: string) => ({ configurable: { thread_id } });

/** What the node does before it waits is done again each time that it runs. */
export type World = { entered: number; refunded: string[] };

/** A graph of one node; a new process would make the same. */
export function graphOf(gate: Gate, world: World, checkpointer: BaseCheckpointSaver) {
  return new StateGraph(State)
    .addNode('refund', async ({ order }) => {
      world.entered += 1;
      const call = { id: 'refund', tool: 'refund', arguments: { order } };
      const outcome = await awaitApproval(gate, call, {
        tool: (parameters) => {
          world.refunded.push(String(parameters['order']));
          return 'refunded';
        },
      });
      return { ending: outcome.state === 'ran' ? outcome.result : JSON.stringify(outcome.answer) };
    })
    .addEdge(START, 'refund')
    .addEdge('refund', END)
    .compile({ checkpointer });
}
export const newWorld = (): World => ({ entered: 0, refunded: [] });

/** The same with an interrupt as its approval, as LangGraph's own pages have it: whatever it is resumed with is believed. */
export function bareGraphOf(world: World, checkpointer: BaseCheckpointSaver) {
  return new StateGraph(State)
    .addNode('refund', ({ order }) => {
      if (!interrupt({ order })) return { ending: 'denied' };
      world.refunded.push(order);
      return { ending: 'refunded' };
    })
    .addEdge(START, 'refund')
    .addEdge('refund', END)
    .compile({ checkpointer });
}
