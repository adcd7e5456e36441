// A refund agent of the AI SDK without approvals: what the model wants, runs.
import { generateText, isStepCount } from 'ai';

export async function refundAgent({ model, tools, input, load, save }) {
  let messages = await load(input);
  for (;;) {
    const result = await generateText({ model, messages, stopWhen: isStepCount(5), tools });
    messages = [...messages, ...result.responseMessages];
    await save(messages);
    if (result.text !== '') return result.text;
  }
}
