// What the example needs of the Claude Agent SDK beside its agent: a model of its own, the tool's definition, and a folder for
// its sessions.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startModel } from './model.mjs';

export async function partsOf(refund, wanted) {
  const model = await startModel(wanted.map(({ args }) => ({ name: 'mcp__orders__refund', input: args })));
  const handler = async (args) => ({ content: [{ type: 'text', text: await refund(args) }] });
  const definition = ['refund', 'Pays an order back.', { order: z.string(), amount: z.number() }, handler];
  return { definition, prompt: 'Refund what was lost.', options: optionsFor(model.url) };
}

/** The agent alone, with nothing of this machine's own settings or credentials. */
function optionsFor(url) {
  const folder = join(process.env.STATE_FOLDER ?? tmpdir(), 'placet-example-claude-agent');
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, CLAUDE_CONFIG_DIR: folder },
    ...{ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'none', CLAUDE_CODE_MAX_RETRIES: '0' },
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
  return { env, tools: [], allowedTools: ['mcp__orders__refund'], settingSources: [] };
}
