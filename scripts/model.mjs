// `npm run model -- --seconds 600`: random programs on the real product for that long; with the seed and the path that a
// failure printed, that program again. See test/model/model.test.ts.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './prepare.mjs';

const SECONDS_MAX = 86_400;
const USAGE = 'Usage: npm run model -- [--seconds 600] [--seed NUMBER [--path TEXT]]';

const options = { seconds: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } };

/** What the test reads, from the arguments; null when they make no sense. */
function variablesOf(args) {
  try {
    const { seconds, seed, path } = parseArgs({ args, options }).values;
    const isCount = (text, max) => text === undefined || (/^\d+$/.test(text) && Number(text) <= max);
    if (!isCount(seconds, SECONDS_MAX) || !isCount(seed, Number.MAX_SAFE_INTEGER)) return null;
    const named = { SECONDS: path === undefined ? (seconds ?? '600') : seconds, SEED: seed, PATH: path };
    const chosen = Object.entries(named).filter(([, value]) => value !== undefined);
    return Object.fromEntries(chosen.map(([name, value]) => [`PLACET_TEST_MODEL_${name}`, value]));
  } catch {
    return null;
  }
}

const variables = variablesOf(process.argv.slice(2));
if (variables === null) {
  console.log(USAGE);
  process.exit(2);
}
const script = [join(root, 'scripts/test.mjs'), 'test/model/model.test.ts'];
const { status } = spawnSync(process.execPath, script, { stdio: 'inherit', env: { ...process.env, ...variables } });
process.exit(status ?? 1);
