// What the example needs of LangChain beside its agent: a model of LangChain's own fakes, and the tool.
import { AIMessage, fakeModel, HumanMessage, tool } from 'langchain';
import { z } from 'zod';

export function partsOf(refund, wanted) {
  const answer = (messages) => {
    const answers = messages.filter((message) => message.getType() === 'tool');
    if (answers.length > 0) return new AIMessage(answers.map(({ content }) => content).join('\n'));
    const tool_calls = wanted.map(({ id, args }) => ({ name: 'refund', id, args, type: 'tool_call' }));
    return new AIMessage({ content: '', tool_calls });
  };
  const schema = z.object({ order: z.string(), amount: z.number() });
  return {
    model: fakeModel().respond(answer).respond(answer),
    tools: [tool(refund, { name: 'refund', description: 'Pays an order back.', schema })],
    input: { messages: [new HumanMessage('Refund what was lost.')] },
  };
}
