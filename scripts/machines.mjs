// `npm run machines`: plays the machines of the table one after the other and says of each how the command ended there.
// `-- --ci` plays those of CI, `-- --only "root, closed"` those whose line has the words, `-- --release FOLDER` lets the clone
// of a release in FOLDER make the data of earlier runs, and `-- --clone FOLDER` plays another clone than this one.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { idsOf, isPlayable, makeData, playMachine } from './machine.mjs';
import { describeMachine, machines } from './machines-table.mjs';
import { prepare, root } from './prepare.mjs';
import { run, step } from './progress.mjs';

const { values: wanted } = parseArgs({
  options: {
    ci: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [''] },
    clone: { type: 'string', default: root },
    release: { type: 'string', default: root },
  },
});
const clone = resolve(wanted.clone);
const release = resolve(wanted.release);
const out = process.stdout;
const built = (path) => import(pathToFileURL(join(root, 'dist/dev', path)).href);

/** Does a piece of work once for each name. */
function once(work) {
  const done = new Map();
  return (name, ...more) => {
    if (!done.has(name)) done.set(name, work(name, ...more));
    return done.get(name);
  };
}

/** Others may pass through each folder that the machines share. */
function openFolder(...path) {
  const folder = join(...path);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

/** A copy of a clone as one would have it: for everybody to read, or below a strict umask for its owner alone. */
const treeOf = (work) => {
  const copy = once((name, from, ids, mode) => {
    const tree = openFolder(work, name);
    const entries = readdirSync(from).filter((entry) => entry !== '.git' && entry !== '.placet');
    execFileSync('cp', ['-a', ...entries.map((entry) => join(from, entry)), tree]);
    execFileSync('chmod', ['-R', mode, tree]);
    execFileSync('chown', ['-R', `${ids.uid}:${ids.gid}`, tree]);
    return tree;
  });
  return ({ who, folder }, from) => {
    const owner = who === 'unnamed' ? 'root' : who;
    const mode = folder === 'umask' || owner === 'user' ? 'go=' : 'a+rX';
    return copy(`tree ${owner} ${mode} ${from === clone ? '' : 'release'}`.trim(), from, idsOf(owner), mode);
  };
};

/** The folder of a Node from npm, fetched once on this machine; several may be there at once. */
const nodeOf = (work, cache) =>
  once(async (version) => {
    const name = `node-${process.platform}-${process.arch}`;
    const kept = join(cache, 'node', String(version));
    const program = join(kept, 'node_modules', name, 'bin/node');
    const install = ['install', '--prefix', kept, '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`];
    if (!existsSync(program)) await step(`Fetching Node ${version}`, () => run('npm', install), { out });
    const folder = openFolder(work, 'node', String(version));
    copyFileSync(program, join(folder, 'node'));
    chmodSync(join(folder, 'node'), 0o755);
    return folder;
  });

/** A cache for everybody to read, with the Temporal of this machine. */
async function openCache(work) {
  const { findTemporal } = await built('temporal-find.js');
  const { TEMPORAL_CLI_VERSION } = await built('temporal-build.js');
  const { createProgress } = await built('progress.js');
  const options = { env: process.env, cache: process.env.PLACET_CACHE, progress: createProgress() };
  const { path } = await findTemporal(options);
  const folder = join(openFolder(work, 'cache'), 'temporal', TEMPORAL_CLI_VERSION);
  openFolder(folder);
  openFolder(dirname(folder));
  copyFileSync(path, join(folder, 'temporal'));
  chmodSync(join(folder, 'temporal'), 0o755);
  return join(work, 'cache');
}

async function openLab(work) {
  const { defaultCache } = await built('temporal-find.js');
  const tree = treeOf(work);
  const node = nodeOf(work, process.env.PLACET_CACHE ?? defaultCache(process.env));
  const cache = await openCache(work);
  const data = once(async (who) => {
    const lab = { tree: tree({ who, folder: 'open' }, release), node: await node(20), cache };
    return makeData(who, { place: join(work, `data of ${who}`), ...lab });
  });
  return async (machine) => ({
    tree: tree(machine, clone),
    node: await node(machine.node),
    cache,
    data: machine.data === 'nobody' ? undefined : await data(machine.data),
  });
}

async function playAll(chosen, work) {
  const lab = await openLab(work);
  let failed = 0;
  for (const [index, machine] of chosen.entries()) {
    const since = Date.now();
    const { faults, last_line, tail } = await playMachine(machine, {
      place: join(work, `machine-${index}`),
      ...(await lab(machine)),
    });
    const seconds = Math.round((Date.now() - since) / 1000);
    const end = faults.length === 0 ? last_line : faults.join('; ');
    console.log(`${faults.length === 0 ? '✓' : '✗'} ${describeMachine(machine)} (${seconds} s)\n    ${end}`);
    if (faults.length === 0) continue;
    failed += 1;
    console.log(tail.replace(/^/gm, '    | '));
  }
  return failed;
}

async function main() {
  const faults = await prepare();
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const isNamed = (machine) => wanted.only.some((words) => describeMachine(machine).includes(words));
  const named = machines.filter((machine) => (!wanted.ci || machine.ci) && isNamed(machine));
  const chosen = named.filter(isPlayable);
  const { makeWorkFolder, removeWorkFolder } = await built('work-folder.js');
  const work = makeWorkFolder('test');
  try {
    const failed = await playAll(chosen, work);
    if (chosen.length < named.length) console.log(`${named.length - chosen.length} machines need root to play them.`);
    console.log(`${chosen.length - failed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    removeWorkFolder(work);
  }
}

process.exitCode = await main();
