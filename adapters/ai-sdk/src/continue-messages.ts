// The other half of a pause: once people have decided, the message list is continued with the answers that the AI SDK wants. An
// answer lets nothing run by itself; it is what brings the call back to its tool, which asks the server.
import type { CallAnswer, Gate, ToolCall } from '@placet/sdk';

type Part = {
  readonly type: string;
  readonly approvalId?: unknown;
  readonly toolCallId?: unknown;
  readonly toolName?: unknown;
  readonly input?: unknown;
};
type Waiting = { readonly approvalId: string; readonly call: ToolCall };

/**
 * The messages with an answer for each call that they wait for, as soon as all are decided; null when some are pending after
 * `waitSeconds` (as long as people have, by default). Any process may, whenever: it needs the messages and the run.
 */
export async function continueMessages<Message extends { readonly role: string; readonly content: unknown }>(
  gate: Gate,
  messages: readonly Message[],
  { run, waitSeconds, signal }: { readonly run: string; readonly waitSeconds?: number; readonly signal?: AbortSignal },
): Promise<Message[] | null> {
  const waiting = waitingIn(messages, run);
  if (waiting.length === 0) return [...messages];
  const signalled = signal === undefined ? {} : { signal };
  const requests = await Promise.all(
    waiting.map(async ({ call }) => {
      const { id } = await gate.ask(call, signalled);
      return gate.wait(id, { ...signalled, ...(waitSeconds !== undefined && { timeoutSeconds: waitSeconds }) });
    }),
  );
  if (requests.some(({ state }) => state === 'pending')) return null;
  const content = requests.map((request, place) => answerTo(waiting[place]?.approvalId, gate.answer(request)));
  return [...messages, { role: 'tool', content } as never];
}

function answerTo(approvalId: string | undefined, answer: CallAnswer | null) {
  const base = { type: 'tool-approval-response', approvalId };
  return answer === null ? { ...base, approved: true } : { ...base, approved: false, reason: JSON.stringify(answer) };
}

/** The approval requests that no message answers, each with its tool call as it stands there now. */
function waitingIn(messages: readonly { readonly content: unknown }[], run: string): Waiting[] {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? (content as readonly Part[]) : []));
  const answered = new Set(
    parts.filter(({ type }) => type === 'tool-approval-response').map((part) => part.approvalId),
  );
  const calls = new Map(parts.filter(({ type }) => type === 'tool-call').map((part) => [part.toolCallId, part]));
  return parts.flatMap(({ type, approvalId, toolCallId }): Waiting[] => {
    if (type !== 'tool-approval-request' || answered.has(approvalId)) return [];
    const { toolName, input } = calls.get(toolCallId) ?? {};
    const call = { run, id: toolCallId, tool: toolName, arguments: input } as ToolCall;
    return [{ approvalId: String(approvalId), call }];
  });
}
