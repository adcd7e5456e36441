// What the example needs of the AI SDK beside its agent: a model of the AI SDK's own mocks, and the tool.
import { tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { z } from 'zod';

const USAGE = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };

export function partsOf(refund, wanted) {
  const doGenerate = async ({ prompt }) => {
    const answers = prompt.filter(({ role }) => role === 'tool').flatMap(({ content }) => content);
    const words = ({ output }) =>
      output.reason ?? (typeof output.value === 'string' ? output.value : JSON.stringify(output.value));
    const calls = wanted.map(({ id, args }) => {
      return { type: 'tool-call', toolCallId: id, toolName: 'refund', input: JSON.stringify(args) };
    });
    const content = answers.length > 0 ? [{ type: 'text', text: answers.map(words).join('\n') }] : calls;
    const unified = answers.length > 0 ? 'stop' : 'tool-calls';
    return { content, finishReason: { unified, raw: unified }, usage: USAGE, warnings: [] };
  };
  const inputSchema = z.object({ order: z.string(), amount: z.number() });
  return {
    model: new MockLanguageModelV4({ doGenerate }),
    tools: { refund: tool({ description: 'Pays an order back.', inputSchema, execute: refund }) },
    input: [{ role: 'user', content: 'Refund what was lost.' }],
  };
}
