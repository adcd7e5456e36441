// An agent of the Claude Agent SDK on its real CLI, with a model of our own behind it: it wants the given calls.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSdkMcpServer, type Options, query, type SDKMessage, tool } from '@anthropic-ai/claude-agent-sdk';
import { createApprovals, type KeptRun } from '@placet/claude-agent';
import type { Gate } from '@placet/sdk';
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

type Input = Run & {
  readonly wanted: readonly WantedCall[];
  /** Without one, a tool runs as the options let it. */
  readonly gate?: Gate;
  readonly ungated?: readonly string[];
  readonly waitSeconds?: number;
  readonly options?: Options;
};

/** One life of the agent, as a new process would begin it: what its model says at last, and all messages. */
export async function runAgent(input: Input) {
  const { folder, kept, ran, run, gate, wanted, options, ungated, waitSeconds } = input;
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
    for await (const message of approvals ? approvals.query(ask) : query(ask)) messages.push(message);
  } finally {
    model.close();
  }
  const result = messages.findLast((message) => message.type === 'result');
  return { messages, answer: result && 'result' in result ? result.result : '', session: result?.session_id };
}
