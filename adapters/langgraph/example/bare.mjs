// A refund graph of LangGraph without approvals: each order that it is given is paid back.
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';

const State = Annotation.Root({ wanted: Annotation(), answer: Annotation() });

export async function refundAgent({ refund, input, run }) {
  const pay = async ({ wanted: [{ args }] }) => {
    const answer = await refund(args);
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
  const { answer } = (await graph.getState(config)).values;
  await checkpointer.end();
  return answer;
}
