// The same refund graph of LangGraph with approvals: it may be killed while people decide, and started again with its run.
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { awaitApproval, resumeThread } from '@placet/langgraph';
import { createPlacet } from '@placet/sdk';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey } = process.env;
const named = ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` });
const gate = createPlacet({ url, apiKey }).gate({ actions: { refund: named } });

const State = Annotation.Root({ wanted: Annotation(), answer: Annotation() });

export async function refundAgent({ refund, input, run }) {
  const pay = async ({ wanted: [{ args, id }] }) => {
    const outcome = await awaitApproval(gate, { id, tool: 'refund', arguments: args }, { tool: refund });
    const answer = outcome.state === 'ran' ? outcome.result : JSON.stringify(outcome.answer);
    return { answer };
  };
  const checkpointer = PostgresSaver.fromConnString(process.env.THREADS_URL);
  await checkpointer.setup();
  const graph = new StateGraph(State)
    .addNode('pay', pay)
    .addEdge(START, 'pay')
    .addEdge('pay', END)
    .compile({ checkpointer });
  const config = { configurable: { thread_id: run } };
  const isNew = (await checkpointer.getTuple(config)) === undefined;
  await graph.invoke(isNew ? input : null, config);
  const { answer } = await resumeThread(graph, { gate, thread: run });
  await checkpointer.end();
  return answer;
}
