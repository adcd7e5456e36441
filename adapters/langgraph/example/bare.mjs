// A refund graph of LangGraph without approvals: each order that it is given is paid back.
import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';

const Answers = Annotation({ reducer: (some, more) => [...some, ...more], default: () => [] });
const State = Annotation.Root({ wanted: Annotation(), answers: Answers });

export async function refundAgent({ refund, input, run }) {
  const pay = async ({ args }) => {
    const answer = await refund(args);
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
  const { answers } = (await graph.getState(config)).values;
  await checkpointer.end();
  return answers.join('\n');
}
