// Which room may import what: the table of docs/architecture.md as data. The tidy test holds the tree to it.

export type Room = {
  /** Rooms whose code it may run. */
  readonly rooms: readonly string[];
  /** Rooms that it may know by type only: their functions are passed in. */
  readonly types: readonly string[];
  /** Packages; `node:` stands for Node's own modules. */
  readonly packages: readonly string[];
};

const CANONICALISER = '@placet/sdk/canonical';

export const ROOMS: Readonly<Record<string, Room>> = {
  'src/domain': { rooms: [], types: [], packages: [CANONICALISER] },
  workflows: { rooms: ['src/domain'], types: ['activities'], packages: ['@temporalio/workflow'] },
  'src/db': { rooms: ['src/domain'], types: [], packages: ['pg', 'node-pg-migrate', 'node:'] },
  'src/credentials': { rooms: ['src/domain'], types: [], packages: ['jose', '@placet/sdk', CANONICALISER, 'node:'] },
  'src/notify': { rooms: ['src/domain'], types: [], packages: ['@slack/web-api', '@slack/types'] },
  'src/engine': { rooms: ['src/domain'], types: [], packages: ['@temporalio/client', '@temporalio/common', 'node:'] },
  activities: {
    rooms: ['src/domain', 'src/db', 'src/credentials', 'src/notify'],
    types: ['src/service'],
    packages: ['@temporalio/activity', '@temporalio/common'],
  },
  'src/service': {
    rooms: ['src/domain'],
    types: ['src/db', 'src/engine', 'src/credentials'],
    packages: [CANONICALISER],
  },
  'src/http': {
    rooms: ['src/domain', 'src/service'],
    types: [],
    packages: [
      'fastify',
      '@fastify/helmet',
      '@fastify/rate-limit',
      '@fastify/swagger',
      '@fastify/under-pressure',
      'fastify-type-provider-zod',
      'prom-client',
      'zod',
      CANONICALISER,
      'node:',
    ],
  },
  'src/slack': {
    rooms: ['src/domain', 'src/service', 'src/notify'],
    types: [],
    packages: ['@slack/bolt', '@slack/web-api', '@slack/types', 'undici', 'zod', 'node:'],
  },
  'src/cli': { rooms: ['src/domain'], types: [], packages: ['commander', 'yaml', 'zod', '@placet/sdk', 'node:'] },
  'src/settings.ts': { rooms: [], types: [], packages: ['zod'] },
  'src/settings-manual.ts': { rooms: ['src/settings.ts'], types: [], packages: [] },
  'src/config.ts': { rooms: ['src/settings.ts'], types: [], packages: ['zod', 'node:'] },
  'src/log-secrets.ts': { rooms: [], types: [], packages: [] },
  'src/log.ts': { rooms: ['src/log-secrets.ts'], types: [], packages: ['pino'] },
  'sdk/src': { rooms: [], types: [], packages: ['jose', 'canonicalize', 'node:'] },
};

/** These compose all the others, so they may import everything but tests. */
export const COMPOSING_ROOMS: readonly string[] = ['src/main.ts', 'src/process', 'src/dev'];

/** Development only, and nothing of src: the stand-in must not share a mistake with what it stands in for. */
export const PLAYGROUND_ROOMS: readonly string[] = ['playground/src', 'playground/web', 'playground/build-web.mjs'];
