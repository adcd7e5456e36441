// `npm run faults [-- --rounds N --seed N --place N --parts points,outages,slack,clashes]`: the long run of test/faults, with the
// servers and the tidying up of `npm test`.
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './prepare.mjs';

const SEED_MAX = 1_000_000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(randomInt(SEED_MAX)) },
    place: { type: 'string', default: '0' },
    parts: { type: 'string', default: 'points,outages,slack,clashes' },
  },
});
const { rounds, seed, place } = Object.fromEntries(
  ['rounds', 'seed', 'place'].map((name) => [name, Number(values[name])]),
);
const parts = values.parts.split(',');
console.log(`seed ${seed}, ${rounds} rounds of ${parts.join(', ')}`);
const traces = join(root, '.placet/faults');
mkdirSync(traces, { recursive: true });
process.env.PLACET_TEST_FAULTS = JSON.stringify({ rounds, seed, place, parts, traces });
process.argv = [...process.argv.slice(0, 2), '--testMatch', '**/test/faults/long.faults.ts'];
await import('./test.mjs');
