// Writes the manual of the settings (docs/configuration.md) from their table.

import { settings } from './settings.ts';

const INTRODUCTION = `# Configuration

Placet reads its settings from environment variables, once, when it starts. An empty variable counts as not set. A
setting that is wrong, an unknown \`PLACET_…\` variable or an unsafe combination stops the start with one message that
names every fault; values are never repeated in it. \`placet doctor\` checks the settings and what they point to.

This page is generated from \`src/process/settings.ts\` by \`node scripts/docs.mjs\`; a test fails when they differ.

| variable | type | default | what it is |
|---|---|---|---|
`;

const COMBINATIONS = `
## Combinations

- \`SLACK_BOT_TOKEN\` needs \`SLACK_APP_TOKEN\` (Socket Mode) or \`SLACK_SIGNING_SECRET\` (signed HTTP). With both, Socket Mode
  is used. Without a bot token, \`npm start\` opens the playground instead.
- \`DATABASE_URL\` and \`DATABASE_OWNER_URL\` are different logins: the application may not own its tables.
  \`DATABASE_OWNER_URL\` alone is refused.
- \`PLACET_PUBLIC_URL\` is \`https\` unless it is on this machine, and is needed when \`PLACET_HOST\` is not a loopback address.
`;

/** Makes the text of docs/configuration.md. */
export function describeSettings(): string {
  const rows = Object.values(settings).map(({ variable, type, fallback, description, is_secret }) => {
    const value = fallback === '' ? 'none' : fallback.includes('`') ? fallback : `\`${fallback}\``;
    return `| \`${variable}\` | ${type}${is_secret ? ', secret' : ''} | ${value} | ${description} |`;
  });
  return `${INTRODUCTION}${rows.join('\n')}\n${COMBINATIONS}`;
}
