// A glance: some of the named points. At full length every point once, one stop of each server, one wipe, some pairs of
// Slack's faults. The rounds without end are `npm run faults`.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isLong } from '../support/long.ts';
import { nameOfClash } from './clashes.ts';
import { nameOfOutage } from './outages.ts';
import { planGlance, planShortRound } from './plan.ts';
import { playRound } from './round.ts';
import { type Servers, startServers } from './servers.ts';
import { nameOfCombination } from './slack-faults.ts';

/** Two minutes on a machine with nothing else to do. */
const ROUND_MS_MAX = 900_000;
const SEED = 1;

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
}, ROUND_MS_MAX);
afterAll(() => servers.close(), ROUND_MS_MAX);

test(
  'killed at the named points, every request ends once, as its history, its card and its agent say (INV-4, INV-10)',
  async () => {
    const round = isLong ? planShortRound(SEED) : planGlance(SEED);
    const report = await playRound(servers, round);
    if (report.findings.length > 0) process.stderr.write(`seed ${SEED}\n${report.trace}\n`);
    expect(report.findings).toEqual([]);
    const planned = [
      ...round.points.map(({ name }) => name),
      ...round.outages.map(nameOfOutage),
      ...round.combinations.map(nameOfCombination),
      ...round.clashes.map(nameOfClash),
    ];
    expect([...report.hits].sort()).toEqual(planned.sort());
  },
  ROUND_MS_MAX,
);
