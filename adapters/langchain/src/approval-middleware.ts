// The middleware for createAgent: each tool call passes the gate by itself, right before its tool runs. One that is denied tells
// its own end and touches no sibling.
import { awaitApproval, type DecidedCall } from '@placet/langgraph';
import type { Gate } from '@placet/sdk';
import { createMiddleware, ToolMessage, type WrapToolCallHook } from 'langchain';
import { sealTool } from './seal-tool.ts';

type Wrapped = Parameters<WrapToolCallHook>;
export type WrappedCall = Wrapped[0];

export type ApprovalOptions = {
  /** Tools that run unasked, such as those that only read. All others pass the gate, also those that nobody thought of. */
  readonly ungated?: readonly string[] | ((request: WrappedCall) => boolean | Promise<boolean>);
  /** How long the agent itself waits before its thread pauses; 0 by default. Infinity never pauses, and needs no checkpointer. */
  readonly waitSeconds?: number;
  /** The id of the agent run, the same after a restart; by default the thread's. */
  readonly run?: (request: WrappedCall) => string;
};

/**
 * Puts the gate before the agent's tools. List it before middleware that catches errors, which would catch the pause as well.
 * What stands between it and the tool can neither change the arguments nor run the tool again: the tool refuses.
 */
export function approvalMiddleware(gate: Gate, options: ApprovalOptions = {}) {
  return createMiddleware({
    name: 'PlacetApproval',
    wrapToolCall: async (request, handler) => {
      if (await isUngated(request, options.ungated ?? [])) return handler(request);
      const { toolCall } = request;
      const call = {
        run: options.run?.(request),
        id: toolCall.id ?? '',
        tool: toolCall.name,
        arguments: toolCall.args,
      };
      const outcome = await awaitApproval<Awaited<ReturnType<Wrapped[1]>>>(gate, call, {
        waitSeconds: options.waitSeconds,
        tool: (parameters) => {
          return handler({
            ...request,
            toolCall: { ...toolCall, args: { ...parameters } },
            tool: sealTool(request.tool, parameters),
          });
        },
      });
      return outcome.state === 'ran' ? outcome.result : tellModel(toolCall, outcome);
    },
  });
}

async function isUngated(request: WrappedCall, ungated: NonNullable<ApprovalOptions['ungated']>): Promise<boolean> {
  return typeof ungated === 'function' ? ungated(request) : ungated.includes(request.toolCall.name);
}

type NotRun = Exclude<DecidedCall<unknown>, { readonly state: 'ran' }>;

/** The answer as data, of a call that did not run: an "error" for LangChain, so that nothing shows it as executed. */
function tellModel({ id = '', name }: WrappedCall['toolCall'], { answer, reference, state }: NotRun): ToolMessage {
  return new ToolMessage({
    content: JSON.stringify(answer),
    name,
    tool_call_id: id,
    status: 'error',
    artifact: { placet: { state, reference } },
  });
}
