// The same refund graph of LangGraph with approvals: it may be killed while people decide, and started again with its run.
import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { awaitApproval, resumeThread } from '@placet/langgraph';
import { createPlacet } from '@placet/sdk';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey } = process.env;
const named = ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` });
const gate = createPlacet({ url, apiKey }).gate({ actions: { refund: named } });

const Answers = Annotation({ reducer: (some, more) => [...some, ...more], default: () => [] });
const State = Annotation.Root({ wanted: Annotation(), answers: Answers });

export async function refundAgent({ refund, input, run }) {
  const pay = async ({ args, id }) => {
    const outcome = await awaitApproval(gate, { id, tool: 'refund', arguments: args }, { tool: refund });
    const answer = outcome.state === 'ran' ? outcome.result : JSON.stringify(outcome.answer);
    return { answers: [answer] };
  };
  const checkpointer = PostgresSaver.fromConnString(process.env.THREADS_URL);
  await checkpointer.setup();
  const graph = new StateGraph(State)
    .addNode('pay', pay)
    .addConditionalEdges(START, ({ wanted }) => wanted.map((call) => new Send('pay', call)))
    .addEdge('pay', END)
    .compile({ checkpointer });
  const config = { configurable: { thread_id: run } };
  const isNew = (await checkpointer.getTuple(config)) === undefined;
  await graph.invoke(isNew ? input : null, config);
  const { answers } = await resumeThread(graph, { gate, thread: run });
  await checkpointer.end();
  return answers.join('\n');
}
