// The same refund agent of the AI SDK with approvals: it may be killed while people decide, and started again with its run.
import { approvals, continueMessages } from '@placet/ai-sdk';
import { createPlacet } from '@placet/sdk';
import { generateText, isStepCount } from 'ai';

const { PLACET_URL: url, PLACET_AGENT_KEY: apiKey, STATE_SECRET: secret } = process.env;
const named = ({ order }) => ({ action: 'orders.refund', resource: `order/${order}` });
const gate = createPlacet({ url, apiKey }).gate({ actions: { refund: named } });

export async function refundAgent({ model, tools, input, run, load, save }) {
  const gated = approvals(gate, { tools, run, secret });
  let messages = await load(input);
  for (;;) {
    messages = await continueMessages(gate, messages, { run });
    const result = await generateText({ model, messages, stopWhen: isStepCount(5), ...gated });
    messages = [...messages, ...result.responseMessages];
    await save(messages);
    if (result.text !== '') return result.text;
  }
}
