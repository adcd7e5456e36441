// Which room may import what: the table of docs/architecture.md as data. The tidy test holds the tree and that page to it.

export type Room = {
  /** Rooms whose code it may run. */
  readonly rooms: readonly string[];
  /** Rooms that it may know by type only: their functions are passed in. */
  readonly types: readonly string[];
  /** Packages; `node:` stands for Node's own modules. */
  readonly packages: readonly string[];
};

const CANONICALISER = '@placet/sdk/canonical';
const LOG = '@placet/sdk/log';

export const ROOMS: Readonly<Record<string, Room>> = {
  'src/domain': { rooms: [], types: [], packages: ['@marcbachmann/cel-js'] },
  'src/policy': { rooms: ['src/domain'], types: [], packages: ['yaml', 'zod', '@cfworker/json-schema', 're2js'] },
  'src/db': { rooms: ['src/domain'], types: [], packages: ['pg', 'node-pg-migrate', 'node:'] },
  'src/identity': { rooms: ['src/domain'], types: ['src/db'], packages: ['node:'] },
  'src/credentials': { rooms: ['src/domain'], types: [], packages: ['jose', '@placet/sdk', CANONICALISER, 'node:'] },
  'src/audit': { rooms: ['src/domain', 'src/db'], types: [], packages: [CANONICALISER, LOG, 'node:'] },
  'src/service': {
    rooms: ['src/domain', 'src/policy', 'src/db', 'src/audit'],
    types: [],
    packages: [CANONICALISER],
  },
  'src/delivery': {
    rooms: ['src/domain', 'src/db'],
    types: ['src/service'],
    packages: ['@temporalio/client'],
  },
  'src/http': {
    rooms: ['src/domain'],
    types: ['src/service', 'src/observe'],
    packages: [
      'fastify',
      '@fastify/helmet',
      '@fastify/rate-limit',
      '@fastify/swagger',
      '@fastify/under-pressure',
      'fastify-type-provider-zod',
      'zod',
      CANONICALISER,
      'node:',
    ],
  },
  'src/slack': {
    rooms: ['src/domain', 'src/service'],
    types: [],
    packages: ['@slack/bolt', '@slack/web-api', 'undici', 'node:'],
  },
  'src/sources': { rooms: ['src/domain'], types: [], packages: ['ical.js', 'node:'] },
  'src/cli': { rooms: ['src/domain', 'src/policy'], types: ['src/service'], packages: ['commander'] },
  'src/observe': { rooms: [], types: [], packages: ['pino', 'prom-client'] },
  workflows: { rooms: ['src/domain'], types: ['activities'], packages: ['@temporalio/workflow'] },
  activities: {
    rooms: ['src/domain', 'src/service', 'src/slack'],
    types: [],
    packages: ['@temporalio/activity', '@temporalio/common'],
  },
  'adapters/ai-sdk': { rooms: [], types: [], packages: ['@placet/sdk'] },
  'adapters/claude-agent': {
    rooms: [],
    types: [],
    packages: ['@anthropic-ai/claude-agent-sdk', '@placet/sdk', CANONICALISER],
  },
  'adapters/langgraph': { rooms: [], types: [], packages: ['@langchain/langgraph', '@placet/sdk'] },
  'adapters/langchain': {
    rooms: [],
    types: [],
    packages: ['langchain', '@placet/langgraph', '@placet/sdk', CANONICALISER],
  },
  'adapters/mcp': {
    rooms: [],
    types: [],
    packages: ['@modelcontextprotocol/server', 'zod', '@placet/sdk', CANONICALISER, 'node:'],
  },
  'adapters/openai-agents': { rooms: [], types: [], packages: ['@openai/agents', '@placet/sdk'] },
  'sdk/src': { rooms: [], types: [], packages: ['jose', 'canonicalize', 'node:'] },
};

/** These build the roles out of all the others, so they may import everything but tests and `dev`. */
export const COMPOSING_ROOMS: readonly string[] = ['src/main.ts', 'src/process'];

/** The embedded stack, for a clone only: it may import everything but tests, and nothing but it imports it. */
export const DEV_ROOM = 'dev';

/** Development only, and nothing of src: the stand-in must not share a mistake with what it stands in for. */
export const PLAYGROUND_ROOMS: readonly string[] = ['playground/src', 'playground/web', 'playground/build-web.mjs'];
