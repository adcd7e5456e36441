// Puts the gate before every tool of an agent of the Claude Agent SDK. A hook asks the server and takes the approval; a call
// that people decide on is deferred, or denied as pending where others stand beside it, and its session goes on later.
import {
  type HookCallback,
  type HookCallbackMatcher,
  type Options,
  type PreToolUseHookInput,
  query,
  type SDKMessage,
  type SDKResultMessage,
} from '@anthropic-ai/claude-agent-sdk';
import type { Gate, ToolCall } from '@placet/sdk';
import { type Keeper, keepCalls } from './kept-calls.ts';
import { watchMessage } from './message.ts';
import { createPasses } from './passes.ts';
import { KEPT, type Settings, withHooks } from './settings.ts';

export type ApprovalOptions = Keeper & {
  /** The id of the agent run: a chat or job that stays the same after a restart. */
  readonly run: string;
  /** Tools that run unasked, such as those that only read; by their whole names. All others pass the gate. */
  readonly ungated?: readonly string[];
  /** How long a hook itself waits for people before the session pauses; 0 by default. */
  readonly waitSeconds?: number;
};

type Definition = { readonly name: string; readonly handler: (args: never, extra: unknown) => Promise<unknown> };

export type Approvals = {
  /** In the place of the SDK's own `query`: pauses, waits and resumes, until no call of the run waits any more. */
  readonly query: (input: {
    readonly prompt: string;
    readonly options?: Options;
  }) => AsyncGenerator<SDKMessage, void, undefined>;
  /** For a loop of your own. Without `query` a call that waits is never deferred: the model is told that it is pending. */
  readonly hooks: NonNullable<Options['hooks']>;
  /** For the same loop: without these a settings file could end the hooks. */
  readonly settings: Settings;
  /** A tool of this process, for `createSdkMcpServer`: it runs once for each approval, and with what was approved. */
  readonly hold: <Tool extends Definition>(definition: Tool) => Tool;
};

/** What a hook needs beside the wait for people: the client tries again for some time while the server is away. */
const HOOK_SECONDS = 600;
const WAIT_SECONDS_MAX = 86_400;
const RESUMED = [
  'Go on. Make each call again that you were told is pending, or that was interrupted, with the same arguments:',
  'it runs if it was approved by now.',
].join(' ');

const UNHEARD = 'The CLI calls no hooks, so that its own tools would run unasked: the session is ended.';

/** The approvals of one agent run. */
export function createApprovals(gate: Gate, options: ApprovalOptions): Approvals {
  const { run, ungated = [], waitSeconds = 0 } = options;
  const passes = createPasses(gate);
  const calls = keepCalls(options);
  let message = watchMessage();
  let isQuery = false;
  let failed: { readonly error: unknown } | undefined;
  /** Whether the CLI has called a hook of ours in this turn. */
  let isHeard = false;

  const decide = async (input: PreToolUseHookInput, signal: AbortSignal) => {
    const { session_id: session, tool_use_id: id, tool_name: tool, tool_input } = input;
    const known = await calls.meet({ session, id, tool, arguments: tool_input });
    const call = { run, id: known.id, tool, arguments: tool_input as ToolCall['arguments'] };
    const outcome = await passes.begin(id, call, { waitSeconds, signal });
    if (outcome === null) return answer('allow');
    if (outcome.state === 'pending') {
      await calls.setPending(known, outcome.reference);
      // A subagent has no session of its own to come back to.
      if (isQuery && input.agent_id === undefined && (await message.isAlone(signal))) return answer('defer');
    }
    return answer('deny', JSON.stringify(outcome.answer));
  };

  const begin: HookCallback = async () => {
    isHeard = true;
    return {};
  };
  const before: HookCallback = async (input, _id, { signal }) => {
    isHeard = true;
    if (input.hook_event_name !== 'PreToolUse' || ungated.includes(input.tool_name)) return {};
    try {
      return await decide(input, signal);
    } catch (error) {
      failed = { error };
      throw error;
    }
  };
  const after: HookCallback = async (input) => {
    if (input.hook_event_name === 'PostToolUse') {
      await passes.end(input.tool_use_id, { input: input.tool_input, result: input.tool_response });
    }
    if (input.hook_event_name === 'PostToolUseFailure') await passes.end(input.tool_use_id, { error: input.error });
    return {};
  };
  const timeout = Math.min(waitSeconds, WAIT_SECONDS_MAX) + HOOK_SECONDS;
  const matcher = (hook: HookCallback): HookCallbackMatcher[] => [{ hooks: [hook], timeout, onFailure: 'block' }];
  const hooks = {
    UserPromptSubmit: matcher(begin),
    PreToolUse: matcher(before),
    PostToolUse: matcher(after),
    PostToolUseFailure: matcher(after),
  };

  /** One life of the session; gives its result, which the caller may not see yet. */
  async function* turn(prompt: string, own: Options) {
    message = watchMessage();
    calls.beginTurn();
    let result: SDKResultMessage | undefined;
    const session = calls.session();
    const resumed = session === '' ? {} : { resume: session };
    const mine = { settings: withHooks(own), hooks: merge(hooks, own.hooks), includePartialMessages: true };
    const all = { ...own, ...resumed, ...mine };
    isHeard = false;
    const input = openInput(prompt);
    try {
      for await (const next of query({ prompt: input.messages, options: all })) {
        if (failed) throw failed.error;
        // A turn begins with the hook of its prompt, before the model is asked. Where that was not called, none would be.
        if (next.type === 'system' && next.subtype === 'init' && !isHeard) throw new Error(UNHEARD);
        message.see(next);
        if (next.type === 'result') {
          if (result && !isPause(result)) yield result;
          // Resumed by itself before its server is connected, the CLI first says that the deferred tool is not there.
          if (!isUnavailable(next) || (result && isUnavailable(result))) input.end();
          result = next;
        } else if (next.type !== 'stream_event' || own.includePartialMessages) yield next;
      }
    } catch (error) {
      if (failed) throw failed.error;
      if (result) yield result;
      throw error;
    } finally {
      input.end();
    }
    if (failed) throw failed.error;
    return result;
  }

  return {
    hooks,
    settings: KEPT,
    hold: (definition) => ({
      ...definition,
      handler: (args: never, extra: unknown) => {
        return passes.use(toolUseOf(extra), { name: definition.name, args }, (parameters) =>
          definition.handler(parameters as never, extra),
        );
      },
    }),
    query: async function* ({ prompt, options: own = {} }) {
      isQuery = true;
      await calls.open();
      let text = calls.isInterrupted() ? RESUMED : prompt;
      for (;;) {
        if (calls.pending() > 0) await calls.waitForFirst(gate, own.abortController?.signal);
        failed = undefined;
        const result = yield* turn(text, own);
        if (result && isPause(result) && calls.pending() === 0) {
          yield result;
          return;
        }
        await calls.endTurn();
        if (calls.pending() === 0) {
          if (result) yield result;
          return;
        }
        text = RESUMED;
      }
    },
  };
}

function answer(permissionDecision: 'allow' | 'defer' | 'deny', permissionDecisionReason?: string) {
  const hookEventName = 'PreToolUse' as const;
  const reason = permissionDecisionReason === undefined ? {} : { permissionDecisionReason };
  return { hookSpecificOutput: { hookEventName, permissionDecision, ...reason } };
}

const isUnavailable = ({ stop_reason }: SDKResultMessage) => stop_reason === 'tool_deferred_unavailable';
const isPause = (result: SDKResultMessage) => result.stop_reason === 'tool_deferred' || isUnavailable(result);

/** The id of the tool use, as the SDK tells it to a tool of this process. */
function toolUseOf(extra: unknown): string {
  const { _meta } = (extra ?? {}) as { readonly _meta?: { readonly [name: string]: unknown } };
  return String(_meta?.['claudecode/toolUseId'] ?? '');
}

function merge(ours: NonNullable<Options['hooks']>, theirs: Options['hooks'] = {}): NonNullable<Options['hooks']> {
  const merged = { ...theirs };
  for (const [event, matchers] of Object.entries(ours) as [keyof typeof ours, HookCallbackMatcher[]][]) {
    merged[event] = [...matchers, ...(theirs[event] ?? [])];
  }
  return merged;
}

/** The prompt as an input that stays open: of a text the SDK ends the input with the first result, and hooks with it. */
function openInput(content: string) {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* messages() {
    yield { type: 'user' as const, message: { role: 'user' as const, content }, parent_tool_use_id: null };
    await ended;
  }
  return { messages: messages(), end };
}
