// `npm run bench [-- name … --json --short]`: runs the cases one after the other on servers of their own, prints what they found;
// ends with 1 where a figure is worse than may be.

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { onStopSignals } from '../dev/stop-signals.ts';
import { benchAdapters } from './cases/adapters.ts';
import { benchCard } from './cases/card.ts';
import { benchClick } from './cases/click.ts';
import { benchCreate } from './cases/create.ts';
import { benchCycle, benchDoubled } from './cases/cycle.ts';
import { benchLog } from './cases/log.ts';
import { benchMemory } from './cases/memory.ts';
import { benchPending } from './cases/pending.ts';
import { benchPolls } from './cases/polls.ts';
import { benchStatements } from './cases/statements.ts';
import { benchVerify } from './cases/verify.ts';
import { draw, type Finding } from './report.ts';
import { FULL, SHORT, type Sizes } from './sizes.ts';
import { type Servers, startServers } from './support/servers.ts';
import { machineLoad } from './support/usage.ts';

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

type Case = (servers: Servers, sizes: Sizes) => Promise<Finding>;

const CASES: Readonly<Record<string, Case>> = {
  create: benchCreate,
  cycle: benchCycle,
  doubled: benchDoubled,
  card: benchCard,
  click: benchClick,
  verify: benchVerify,
  polls: benchPolls,
  pending: benchPending,
  log: benchLog,
  memory: benchMemory,
  statements: benchStatements,
  adapters: benchAdapters,
};

/** Runs the named cases, or all; exits with 2 for a name that is none. Call `process.exit` then: a stopped case may go on. */
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
  const { signal } = onStopSignals();
  const interrupted = new Promise<number>((resolve) => {
    signal.addEventListener('abort', () => resolve(INTERRUPTED));
  });
  const names = positionals.length > 0 ? positionals : Object.keys(CASES);
  try {
    return await Promise.race([runCases(names, servers, values), interrupted]);
  } finally {
    await servers.stop();
  }
}

type Output = { readonly json: boolean; readonly short: boolean };

async function runCases(names: readonly string[], servers: Servers, { json, short }: Output): Promise<number> {
  const findings: Record<string, Finding> = {};
  const print = json ? () => undefined : (text: string) => console.log(text);
  const machine = { cores: cpus().length, node: process.version, load: machineLoad(), ...servers.settings };
  print(`${JSON.stringify(machine)}\n`);
  for (const name of names) {
    const found = await CASES[name]?.(servers, short ? SHORT : FULL);
    if (found === undefined) continue;
    findings[name] = found;
    print(draw(found));
  }
  if (json) console.log(JSON.stringify({ machine, findings }, null, 2));
  return Object.values(findings).some(({ failures = [] }) => failures.length > 0) ? 1 : 0;
}
