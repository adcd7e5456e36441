// What the example needs of the OpenAI Agents SDK beside its agent: a model of its own, and the tool's definition.
import { Usage } from '@openai/agents';
import { z } from 'zod';

export function partsOf(refund, wanted) {
  const getResponse = async ({ input }) => {
    const answers = typeof input === 'string' ? [] : input.filter(({ type }) => type === 'function_call_result');
    const words = ({ output }) => [output].flat().map(({ text = String(output) }) => text);
    const calls = wanted.map(({ id, args }) => {
      return {
        type: 'function_call',
        callId: id,
        name: 'refund',
        status: 'completed',
        arguments: JSON.stringify(args),
      };
    });
    const content = [{ type: 'output_text', text: answers.flatMap(words).join('\n') }];
    const output = answers.length > 0 ? [{ type: 'message', role: 'assistant', status: 'completed', content }] : calls;
    return { usage: new Usage(), output };
  };
  const parameters = z.object({ order: z.string(), amount: z.number() });
  const definition = { name: 'refund', description: 'Pays an order back.', parameters, execute: refund };
  return { model: { getResponse }, definition, input: 'Refund what was lost.' };
}
