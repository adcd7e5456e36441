// `node scripts/fuzz-api.mjs`: the real API on a fresh database, fuzzed from its own OpenAPI description by schemathesis.
// Keeps schemathesis in Placet's cache folder, prints the seed, leaves nothing else behind. See docs/threats.md.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startSubject } from './fuzz-subject.mjs';
import { prepare, root } from './prepare.mjs';
import { run, step } from './progress.mjs';

const SCHEMATHESIS = 'schemathesis==4.32.5';
const SECONDS_DEFAULT = 120;
const SECONDS_MAX = 86_400;
/** What schemathesis does beyond its own time: loading, shrinking a failure, its report. */
const SECONDS_BEYOND = 120;
/** The longest poll is 60 s. */
const REQUEST_SECONDS_MAX = 75;
const SEED_MAX = 2 ** 31;
const USAGE = `Usage: node scripts/fuzz-api.mjs [--seconds ${SECONDS_DEFAULT}] [--seed NUMBER]

Exit code 0: every answer was as described. 1: at least one was not, and how to repeat it stands above.
2: the run itself failed.`;

const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort(new Error('stopped')));

function readOptions() {
  const options = { seconds: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } };
  const { values } = parseArgs({ options });
  const seconds = Number(values.seconds ?? SECONDS_DEFAULT);
  const seed = Number(values.seed ?? randomInt(SEED_MAX));
  const isGood = Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS_MAX && Number.isSafeInteger(seed);
  if (values.help !== true && isGood) return { seconds, seed };
  console.log(USAGE);
  process.exit(values.help === true ? 0 : 2);
}

/** The first of the usual names that is a Python new enough for schemathesis. */
function findPython() {
  const isNewEnough = 'import sys, venv; sys.exit(sys.version_info < (3, 10))';
  const found = ['python3', 'python'].find((name) => spawnSync(name, ['-c', isNewEnough]).status === 0);
  if (found) return found;
  throw new Error('Fuzzing needs Python 3.10 or later with its venv module (Debian: apt-get install python3-venv).');
}

/** The program, from a virtual environment in the cache that is made when missing; half-made ones are made anew. */
async function findSchemathesis(cache) {
  const folder = join(cache, SCHEMATHESIS.replace('==', '-'));
  const ready = join(folder, 'placet-ready');
  const program = join(folder, 'bin', 'schemathesis');
  if (existsSync(ready) && existsSync(program)) return program;
  await step(`Installing ${SCHEMATHESIS} into ${folder}`, async () => {
    await run(findPython(), ['-m', 'venv', '--clear', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SCHEMATHESIS];
    await run(join(folder, 'bin', 'python'), pip);
  });
  writeFileSync(ready, '');
  return program;
}

/** A real key and a real credential, and ids that exist beside those that are made up. */
function configOf({ key, credential, lease, request_ids }) {
  const quoted = (values) => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
  return `
hooks = ${JSON.stringify(join(root, 'scripts/fuzz-checks.py'))}
[auth.openapi.agent_key]
bearer = ${JSON.stringify(key)}
[auth.openapi.credential]
bearer = ${JSON.stringify(credential)}
[dictionaries.request_ids]
values = ${quoted(request_ids)}
[dictionaries.lease_ids]
values = ${quoted([lease.id])}
[dictionaries.digests]
values = ${quoted([lease.digest])}
[dictionaries.short_waits]
values = [0, 1]
[[operations]]
include-path-regex = "^/v1/approval-requests/"
[operations.parameters]
"path.id" = { dictionary = "request_ids", probability = 0.5 }
"query.wait_seconds" = { dictionary = "short_waits", probability = 0.97 }
[[operations]]
include-path-regex = "^/v1/leases/"
[operations.parameters]
"path.id" = { dictionary = "lease_ids", probability = 0.7 }
"body.digest" = { dictionary = "digests", probability = 0.5 }
`;
}

async function fuzz({ seconds, seed }, work) {
  const { defaultCache } = await built('dev/temporal-find.js');
  const { startBound } = await built('src/process/child.js');
  const program = await findSchemathesis(process.env.PLACET_CACHE ?? defaultCache(process.env));
  stopping.signal.throwIfAborted();
  const subject = await startSubject({ built, work, signal: stopping.signal });
  try {
    const config = join(work, 'schemathesis.toml');
    writeFileSync(config, configOf(subject), { mode: 0o600 });
    console.log(`Seed ${seed}, ${seconds} s. Again: node scripts/fuzz-api.mjs --seconds ${seconds} --seed ${seed}`);
    const flags = [
      '--exclude-checks',
      'positive_data_acceptance',
      '--max-time',
      seconds,
      '--seed',
      seed,
      '--request-timeout',
      REQUEST_SECONDS_MAX,
    ];
    const quiet = ['--generation-database', ':memory:', '--output-sanitize', 'false'];
    const args = ['--config-file', config, 'run', `${subject.url}/openapi.json`, ...flags.map(String), ...quiet];
    const child = await startBound({ command: program, args, cwd: work, output: 'inherit' });
    stopping.signal.addEventListener('abort', () => child.stop());
    const timer = setTimeout(() => child.stop(), (seconds + SECONDS_BEYOND) * 1_000);
    const result = await child.ended;
    clearTimeout(timer);
    const failed = readFileSync(subject.log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    if (failed.length > 0) console.log(`The API logged errors:\n${failed.slice(0, 20).join('\n')}`);
    if (result !== 0 && result !== 1) throw new Error(`schemathesis ended with ${result}`);
    return result === 0 && failed.length === 0 ? 0 : 1;
  } finally {
    await subject.stop();
  }
}

let exitCode = 2;
try {
  const options = readOptions();
  const faults = await prepare();
  if (faults.length > 0) console.error(faults.join('\n'));
  const { makeWorkFolder, removeWorkFolder } = await built('dev/work-folder.js');
  const work = makeWorkFolder('fuzz');
  try {
    exitCode = await fuzz(options, work);
  } finally {
    removeWorkFolder(work);
  }
} catch (error) {
  console.error(`${error.message}\n${error.output ?? ''}`);
}
process.exit(stopping.signal.aborted ? 130 : exitCode);
