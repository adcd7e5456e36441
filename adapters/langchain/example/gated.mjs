// The same refund agent of LangChain with approvals: it may be killed while people decide, and started again with its run.
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { approvalMiddleware } from '@placet/langchain';
import { resumeThread } from '@placet/langgraph';
import { createPlacet } from '@placet/sdk';
import { createAgent } from 'langchain';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey } = process.env;
const named = ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` });
const gate = createPlacet({ url, apiKey }).gate({ actions: { refund: named } });

export async function refundAgent({ model, tools, input, run }) {
  const checkpointer = PostgresSaver.fromConnString(process.env.THREADS_URL);
  await checkpointer.setup();
  const agent = createAgent({ model, tools, checkpointer, middleware: [approvalMiddleware(gate)] });
  const config = { configurable: { thread_id: run } };
  const isNew = (await checkpointer.getTuple(config)) === undefined;
  await agent.invoke(isNew ? input : null, config);
  const { messages } = await resumeThread(agent.graph, { gate, thread: run });
  await checkpointer.end();
  return messages.at(-1).content;
}
