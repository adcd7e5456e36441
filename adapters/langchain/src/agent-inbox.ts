// The schema of Agent Inbox (langchain-ai/agent-inbox), both ways: an interrupt of its kind becomes a tool call for a gate, and
// what became of the call is answered as its user interface would.
import { type CallOutcome, PlacetChangedError, type ToolCall } from '@placet/sdk';
import { isSame } from './seal-tool.ts';

/** HumanInterrupt of Agent Inbox. Some senders name the arguments `arguments`. */
export type AgentInboxInterrupt = {
  readonly action_request: {
    readonly action: string;
    readonly args?: ToolCall['arguments'];
    readonly arguments?: ToolCall['arguments'];
  };
  readonly config: {
    readonly allow_accept: boolean;
    readonly allow_edit: boolean;
    readonly allow_respond: boolean;
    readonly allow_ignore: boolean;
  };
  readonly description?: string;
};

/** HumanResponse of Agent Inbox. */
export type AgentInboxResponse =
  | { readonly type: 'accept'; readonly args: null }
  | { readonly type: 'ignore'; readonly args: null }
  | { readonly type: 'response'; readonly args: string };

/** The tool call that the interrupt is about, as a gate takes it; of a list each entry is one. */
export function fromAgentInbox({ action_request }: AgentInboxInterrupt): Pick<ToolCall, 'tool' | 'arguments'> {
  return { tool: action_request.action, arguments: action_request.args ?? action_request.arguments ?? {} };
}

/** The interrupt for a call that waits: people may accept it, answer instead, or let it be. Nobody edits what was asked for. */
export function toAgentInbox({ tool, arguments: args }: Pick<ToolCall, 'tool' | 'arguments'>): AgentInboxInterrupt {
  const config = { allow_accept: true, allow_edit: false, allow_respond: true, allow_ignore: true };
  return { action_request: { action: tool, args }, config };
}

/** What to resume an Agent Inbox graph with: accepted only what ran; a no is told in words, silence is ignored. */
export function responseOf(outcome: CallOutcome): AgentInboxResponse {
  switch (outcome.state) {
    case 'ran':
      return { type: 'accept', args: null };
    case 'expired':
    case 'cancelled':
      return { type: 'ignore', args: null };
    default:
      return { type: 'response', args: JSON.stringify(outcome.answer) };
  }
}

/** HumanResponse of Agent Inbox as it comes in, from whoever can resume the thread. */
export type AgentInboxAnswer =
  | AgentInboxResponse
  | { readonly type: 'edit'; readonly args: AgentInboxInterrupt['action_request'] };

/**
 * The call that an answer lets go on: the one of the interrupt, or none, as null. Throws PlacetChangedError for an edit of it,
 * which nobody has approved. It runs nothing yet: whoever can resume a thread can send an answer, so give the call to a gate.
 */
export function acceptedCall(
  interrupt: AgentInboxInterrupt,
  { type, args }: AgentInboxAnswer,
): Pick<ToolCall, 'tool' | 'arguments'> | null {
  if (type !== 'accept' && type !== 'edit') return null;
  const call = fromAgentInbox(interrupt);
  if (type === 'accept') return call;
  const edited = fromAgentInbox({ ...interrupt, action_request: args });
  if (edited.tool !== call.tool || !isSame(edited.arguments, call.arguments as never)) throw new PlacetChangedError();
  return call;
}
