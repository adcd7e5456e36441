// `npm run bench [-- name … --json --short]`: runs the cases one after the other on servers of their own, prints what they found.

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchClick } from './cases/click.ts';
import { benchCreate } from './cases/create.ts';
import { benchCycle } from './cases/cycle.ts';
import { benchMemory } from './cases/memory.ts';
import { benchPending } from './cases/pending.ts';
import { benchPolls } from './cases/polls.ts';
import { benchStatements } from './cases/statements.ts';
import { benchVerify } from './cases/verify.ts';
import { draw, type Finding } from './report.ts';
import { FULL, SHORT, type Sizes } from './sizes.ts';
import { type Servers, startServers } from './support/servers.ts';
import { machineLoad } from './support/usage.ts';

type Case = (servers: Servers, sizes: Sizes) => Promise<Finding>;

const CASES: Readonly<Record<string, Case>> = {
  create: benchCreate,
  cycle: benchCycle,
  click: benchClick,
  verify: benchVerify,
  polls: benchPolls,
  pending: benchPending,
  memory: benchMemory,
  statements: benchStatements,
};

/** Runs the named cases, or all; exits with 2 for a name that is none. */
export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false }, short: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => CASES[name] === undefined);
  if (unknown.length > 0) {
    console.error(`There is no case ${unknown.join(', ')}; there are ${Object.keys(CASES).join(', ')}.`);
    return 2;
  }
  const servers = await startServers();
  try {
    const findings: Record<string, Finding> = {};
    const say = values.json ? () => undefined : (text: string) => console.log(text);
    const machine = { cores: cpus().length, node: process.version, load: machineLoad(), ...servers.settings };
    say(`${JSON.stringify(machine)}\n`);
    for (const name of positionals.length > 0 ? positionals : Object.keys(CASES)) {
      const found = await CASES[name]?.(servers, values.short ? SHORT : FULL);
      if (found === undefined) continue;
      findings[name] = found;
      say(draw(found));
    }
    if (values.json) console.log(JSON.stringify({ machine, findings }, null, 2));
    return 0;
  } finally {
    await servers.stop();
  }
}
