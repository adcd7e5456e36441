// An agent of the Claude Agent SDK on its real CLI, with a model of our own behind it: it wants the given calls.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createSdkMcpServer,
  type HookCallback,
  type Options,
  query,
  type SDKMessage,
  tool,
} from '@anthropic-ai/claude-agent-sdk';
import { createApprovals, type KeptRun } from '@placet/claude-agent';
import type { Gate, GateOptions } from '@placet/sdk';
import { z } from 'zod';
import { startModel, type WantedCall } from '../example/model.mjs';

export type Ran = { readonly name: string; readonly input: unknown };

/** What outlives a process: the sessions of the CLI, what the adapter keeps, and what has run. */
export function newRun() {
  return {
    run: `job-${Math.random()}`,
    folder: mkdtempSync(join(tmpdir(), 'claude-agent-')),
    kept: { now: null as KeptRun | null },
    ran: [] as Ran[],
  };
}
export type Run = ReturnType<typeof newRun>;

const shape = { order: z.string(), amount: z.number() };
export const callOf = (name: string, order: string, amount = 120): WantedCall => {
  return { name: `mcp__orders__${name}`, input: { order, amount } };
};

const orders = (action: string) => (masked: { readonly [name: string]: unknown }) => {
  return { action: `orders.${action}`, resource: `order/${masked['order']}` };
};
export const actions: NonNullable<GateOptions['actions']> = {
  mcp__orders__refund: orders('refund'),
  mcp__orders__purge: orders('purge'),
  mcp__orders__read: orders('read'),
  Bash: { action: 'orders.purge', resource: 'order/all' },
};
export const say = (output: object): HookCallback => {
  return async () => ({ hookSpecificOutput: { hookEventName: 'PreToolUse', ...output } });
};
export const before = (hook: HookCallback): Options => ({ hooks: { PreToolUse: [{ hooks: [hook] }] } });
export const allowed: Options = { allowedTools: ['mcp__orders__refund'] };
export const refund = callOf('refund', 'A-1');

type Input = Run & {
  readonly wanted: readonly WantedCall[];
  /** Without one, a tool runs as the options let it. */
  readonly gate?: Gate;
  readonly ungated?: readonly string[];
  readonly waitSeconds?: number;
  readonly options?: Options;
  /** A loop of the application's own, with the adapter's hooks as this makes them. */
  readonly hooksOf?: (hooks: NonNullable<Options['hooks']>) => NonNullable<Options['hooks']>;
};

/** One life of the agent, as a new process would begin it: what its model says at last, and all messages. */
export async function runAgent(input: Input) {
  const { folder, kept, ran, run, gate, wanted, options, ungated, waitSeconds, hooksOf } = input;
  const model = await startModel(wanted);
  const approvals =
    gate &&
    createApprovals(gate, {
      run,
      ungated,
      waitSeconds,
      load: async () => kept.now,
      save: async (now) => {
        kept.now = structuredClone(now) as KeptRun;
      },
    });
  const tools = ['refund', 'read', 'purge'].map((name) => {
    const made = tool(name, name, shape, async (args) => {
      ran.push({ name, input: args });
      return { content: [{ type: 'text', text: `${name} done` }] };
    });
    return approvals ? approvals.hold(made) : made;
  });
  const env = {
    ...{ PATH: process.env['PATH'], HOME: folder, CLAUDE_CONFIG_DIR: folder },
    ...{ ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'none', CLAUDE_CODE_MAX_RETRIES: '0' },
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
  const all: Options = {
    ...{ env, cwd: folder, tools: [], settingSources: [] },
    mcpServers: { orders: createSdkMcpServer({ name: 'orders', tools }) },
    ...options,
  };
  const messages: SDKMessage[] = [];
  try {
    const ask = { prompt: 'Refund what was lost.', options: all };
    const own = approvals && hooksOf && { ...ask, options: { ...all, hooks: hooksOf(approvals.hooks) } };
    const running = own ? query(own) : (approvals?.query(ask) ?? query(ask));
    for await (const message of running) messages.push(message);
  } finally {
    model.close();
  }
  const result = messages.findLast((message) => message.type === 'result');
  return { messages, answer: result && 'result' in result ? result.result : '', session: result?.session_id };
}
