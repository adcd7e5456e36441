// The long run, by `npm run faults`: as many rounds as asked, progress as it goes, a table by point at the end.
import { appendFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PARTS, type Part, planRound } from './plan.ts';
import { playRound, type RoundReport } from './round.ts';
import { type Servers, startServers } from './servers.ts';

type Options = {
  readonly rounds: number;
  readonly seed: number;
  /** Of the first round among all: tells what of everything is its turn. */
  readonly place: number;
  readonly parts: readonly Part[];
  /** The folder for the traces of rounds that found something. */
  readonly traces: string;
};

const DAY_MS = 86_400_000;
const NAME_WIDTH = 60;

const input = JSON.parse(process.env['PLACET_TEST_FAULTS'] ?? '{}') as Options;
const say = (text: string) => process.stdout.write(`${text}\n`);

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
}, DAY_MS);
afterAll(() => servers.close(), DAY_MS);

test(
  'through all rounds, every request ends once, as its history, its card and its agent say (INV-4, INV-10)',
  async () => {
    const { rounds, parts } = input;
    if (!parts.every((part) => PARTS.includes(part))) throw new Error(`parts: ${PARTS.join(', ')}`);
    if (!(rounds >= 1)) throw new Error('rounds: 1 or more');
    const reports: RoundReport[] = [];
    for (let played = 0; played < rounds; played += 1) {
      const begun_ms = performance.now();
      const place = input.place + played;
      const round = planRound(input.seed + played, place, parts);
      const file = `${input.traces}/faults-${round.seed}.txt`;
      rmSync(file, { force: true });
      const one = await playRound(servers, round, file);
      reports.push(one);
      const seconds = Math.round((performance.now() - begun_ms) / 1_000);
      say(`round ${played + 1}: seed ${one.seed}, ${one.hits.length} hits, ${one.requests} requests, ${seconds} s`);
      if (one.findings.length === 0) continue;
      appendFileSync(file, `${one.findings.join('\n')}\n`);
      say(`${one.findings.map((finding) => `  ${finding}`).join('\n')}\n  trace: ${file}`);
      say(`  again: npm run faults -- --seed ${one.seed} --rounds 1 --place ${place} --parts ${parts.join(',')}`);
    }
    say(table(reports));
    expect(reports.flatMap(({ findings }) => findings)).toEqual([]);
    expect(reports.filter(({ hits }) => hits.length === 0)).toEqual([]);
  },
  DAY_MS,
);

function table(reports: readonly RoundReport[]): string {
  const counts = new Map<string, number>();
  for (const name of reports.flatMap(({ hits }) => hits)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const lines = [...counts].sort().map(([name, count]) => `${name.padEnd(NAME_WIDTH)} ${String(count).padStart(5)}`);
  const requests = reports.reduce((sum, each) => sum + each.requests, 0);
  const findings = reports.reduce((sum, each) => sum + each.findings.length, 0);
  return [...lines, `${requests} requests, ${findings} findings`].join('\n');
}
