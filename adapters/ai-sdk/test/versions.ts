// Both versions of the AI SDK as one: its own mock model, which wants the given calls and then tells what became of them.
import * as ai7 from 'ai';
import * as mock7 from 'ai/test';
import * as ai6 from 'ai-6';
import * as mock6 from 'ai-6/test';
import { z } from 'zod';

export type Message = { readonly role: string; readonly content: unknown };
export type Wanted = {
  readonly tool: string;
  readonly id: string;
  readonly input: { readonly [name: string]: unknown };
};
export type Ran = { readonly tool: string; readonly input: unknown };
export type Generated = { readonly text: string; readonly messages: Message[]; readonly answers: readonly Answer[] };
type Answer = { readonly toolCallId: string; readonly output: { readonly [name: string]: unknown } };

const USAGE = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
export const GO: Message = { role: 'user', content: 'Refund what was lost.' };

export type Version = {
  /** The tools of the tests, whose functions note what they did; `needsApproval` as an application writes it today. */
  readonly makeTools: (ran: Ran[], bare?: { readonly needsApproval: boolean }) => { readonly [name: string]: object };
  readonly generate: (
    options: {
      readonly wanted: readonly Wanted[];
      readonly tools: object;
      readonly experimental_toolApprovalSecret?: string;
    },
    messages: readonly Message[],
  ) => Promise<Generated>;
};

type Ai = Pick<typeof ai7, 'generateText' | 'streamText' | 'tool'>;
type Part = { readonly type: string; readonly text?: string };

function versionOf(ai: Ai, Model: new (options: never) => object, isStreamed = false): Version {
  const stopAfter = ({ steps }: { readonly steps: readonly unknown[] }) => steps.length >= 5;
  return {
    makeTools: (ran, bare) =>
      Object.fromEntries(
        ['refund', 'purge', 'read'].map((name) => {
          const execute = async (input: unknown) => {
            ran.push({ tool: name, input });
            return `${name} done`;
          };
          const inputSchema = z.object({ order: z.string(), amount: z.number().optional() });
          return [name, ai.tool({ description: name, inputSchema, ...bare, execute } as never) as object];
        }),
      ),
    generate: async ({ wanted, ...options }, messages) => {
      let answers: readonly Answer[] = [];
      const doGenerate = async ({ prompt }: { readonly prompt: readonly Message[] }) => {
        answers = prompt.filter(({ role }) => role === 'tool').flatMap(({ content }) => content as Answer[]);
        const calls = wanted.map(({ tool, id, input }) => {
          return { type: 'tool-call', toolCallId: id, toolName: tool, input: JSON.stringify(input) };
        });
        const [content, unified]: [Part[], string] =
          answers.length > 0 ? [[{ type: 'text', text: 'done' }], 'stop'] : [calls, 'tool-calls'];
        return { content, finishReason: { unified, raw: unified }, usage: USAGE, warnings: [] };
      };
      const doStream = async (call: Parameters<typeof doGenerate>[0]) => {
        const { content, warnings, ...end } = await doGenerate(call);
        const parts = [{ type: 'stream-start', warnings }, ...content.flatMap(streamed), { type: 'finish', ...end }];
        return { stream: mock7.convertArrayToReadableStream(parts) };
      };
      const model = new Model({ doGenerate, doStream } as never);
      const input = { ...options, model, messages, stopWhen: stopAfter };
      const { response, text } = isStreamed ? await endOf(ai, input) : await ai.generateText(input as never);
      const all = [...messages, ...(response.messages as readonly Message[])];
      // An application keeps them as JSON.
      return { text, messages: JSON.parse(JSON.stringify(all)), answers };
    },
  };
}

const streamed = ({ text, ...part }: Part): object[] => {
  if (text === undefined) return [part];
  return [
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: text },
    { type: 'text-end', id: '1' },
  ];
};

/** A stream to its end; throws what it tells of as an error. */
async function endOf({ streamText }: Ai, input: object) {
  const errors: unknown[] = [];
  const onError = ({ error }: { readonly error: unknown }) => void errors.push(error);
  const result = streamText({ ...input, onError } as never);
  await result.consumeStream({ onError: (error) => void errors.push(error) });
  if (errors.length > 0) throw errors[0];
  return { response: await result.response, text: await result.text };
}

export const VERSIONS: readonly (readonly [string, Version])[] = [
  ['6, generateText', versionOf(ai6 as never, mock6.MockLanguageModelV3 as never)],
  ['7, generateText', versionOf(ai7, mock7.MockLanguageModelV4 as never)],
  ['7, streamText', versionOf(ai7, mock7.MockLanguageModelV4 as never, true)],
];

/** What an application appends when somebody has clicked in its own page. */
export function approveAll(messages: readonly Message[]): Message[] {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const waiting = parts.filter(({ type }) => type === 'tool-approval-request');
  const content = waiting.map(({ approvalId }) => ({ type: 'tool-approval-response', approvalId, approved: true }));
  return [...messages, { role: 'tool', content }];
}
