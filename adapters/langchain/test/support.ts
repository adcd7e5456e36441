// An agent of LangChain with its own fake model: it wants the given tool calls, then tells what became of them.

import { type Command, MemorySaver } from '@langchain/langgraph';
import type { Resumable } from '@placet/langgraph';
import { AIMessage, type BaseMessage, createAgent, fakeModel, HumanMessage, type ToolMessage, tool } from 'langchain';
import { z } from 'zod';

export type Wanted = {
  readonly name: string;
  readonly args: { readonly [name: string]: unknown };
  readonly id: string;
};
export type Ran = { readonly name: string; readonly args: unknown };
type Middleware = NonNullable<Parameters<typeof createAgent>[0]['middleware']>[number];
type Values = { readonly messages: readonly BaseMessage[] };
type State = Awaited<ReturnType<Resumable<Values>['getState']>> & { readonly config: ReturnType<typeof thread> };

/** What the tests do with an agent; its own type is as long as its options. */
export type TestedAgent = {
  readonly invoke: (input: Command | typeof GO, config?: ReturnType<typeof thread>) => Promise<Values>;
  readonly graph: Resumable<Values> & {
    readonly getStateHistory: (config: ReturnType<typeof thread>) => AsyncIterable<State>;
  };
};

export const refundOf = (order: string, amount = 120): Wanted => {
  return { name: 'refund', args: { order, amount }, id: `call_${order}` };
};

const schema = z.object({ order: z.string(), amount: z.number().optional() });

/** A saver whose content an attacker edits: `edit` gets all that is stored, as text, each time that it is read. */
export class EditedSaver extends MemorySaver {
  edit: (text: string) => string = (text) => text;

  constructor() {
    super();
    const { serde } = this;
    this.serde = {
      dumpsTyped: (value) => serde.dumpsTyped(value),
      loadsTyped: (type, data) => {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
        return serde.loadsTyped(type, new TextEncoder().encode(this.edit(text)));
      },
    };
  }
}

/** A new process would make the same agent again: all that lasts is the saver, and what has run. */
export function makeAgent(options: {
  readonly wanted: readonly Wanted[];
  readonly middleware: readonly Middleware[];
  readonly ran: Ran[];
  readonly saver?: MemorySaver;
  readonly schema?: z.ZodType<{ readonly order: string }>;
  /** What the tools do, beside being noted. */
  readonly act?: (ran: Ran) => string;
}): TestedAgent {
  const act = options.act ?? (({ name }) => `${name} done`);
  const tools = ['refund', 'purge', 'read'].map((name) =>
    tool(
      async (args) => {
        options.ran.push({ name, args });
        return act({ name, args });
      },
      { name, description: name, schema: options.schema ?? schema },
    ),
  );
  const answer = (messages: BaseMessage[]) => {
    if (messages.some((message) => message.getType() === 'tool')) return new AIMessage('done');
    return new AIMessage({ content: '', tool_calls: options.wanted.map((call) => ({ ...call, type: 'tool_call' })) });
  };
  const model = Array.from({ length: 8 }).reduce<ReturnType<typeof fakeModel>>(
    (fake) => fake.respond(answer),
    fakeModel(),
  );
  return createAgent({
    model,
    tools,
    middleware: options.middleware,
    ...(options.saver && { checkpointer: options.saver }),
  }) as unknown as TestedAgent;
}

export const GO = { messages: [new HumanMessage('Refund what was lost.')] };
export const thread = (thread_id: string) => ({ configurable: { thread_id } });

/** What the model was told of each tool call, in the order in which it wanted them. */
export const answersIn = ({ messages }: { readonly messages: readonly BaseMessage[] }) =>
  messages
    .filter((message): message is ToolMessage => message.getType() === 'tool')
    .map(({ tool_call_id, status, content }) => ({ id: tool_call_id, status, content }));
