// A refund agent of LangChain without approvals: what the model wants, runs.
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { createAgent } from 'langchain';

export async function refundAgent({ model, tools, input, run }) {
  const checkpointer = PostgresSaver.fromConnString(process.env.THREADS_URL);
  await checkpointer.setup();
  const agent = createAgent({ model, tools, checkpointer });
  const config = { configurable: { thread_id: run } };
  const isNew = (await checkpointer.getTuple(config)) === undefined;
  await agent.invoke(isNew ? input : null, config);
  const { messages } = (await agent.graph.getState(config)).values;
  await checkpointer.end();
  return messages.at(-1).content;
}
