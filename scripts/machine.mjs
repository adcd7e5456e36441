// Plays one machine of the table: lays it out in a folder of its own, runs its command there as a newcomer would, and says how
// that ended. As root it can be anybody; else it is only ourselves.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { commandLine } from './pid.mjs';
import { root } from './prepare.mjs';

/** The tests of one room took four and a half minutes on a machine with four times as much to do as it could. */
const RUN_MS_MAX = 10 * 60_000;
/** Watchers end within a second or two what a killed parent leaves. */
const LEFT_MS_MAX = 15_000;
const POLL_MS = 100;
const SHOWN_LINES = 40;

const isRoot = process.getuid?.() === 0;
const UNNAMED = 54_321;
const STACK_TRACE = /^\s+at .+:\d+:\d+\)?$/m;
const RUNNING = 'Placet is running.';

const idOf = (name, flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));

/** The user and the group of who is on the machine. */
export function idsOf(who) {
  if (!isRoot) return { uid: process.getuid(), gid: process.getgid() };
  if (who === 'root') return { uid: 0, gid: 0 };
  return who === 'user' ? { uid: idOf('nobody', '-u'), gid: idOf('nobody', '-g') } : { uid: UNNAMED, gid: UNNAMED };
}

/** Whether we may be who is on the machine, and may change what it says. */
export const isPlayable = ({ who, home, drops }) =>
  isRoot || (who === 'user' && home !== 'read-only' && drops === 'nothing');

function makeFolder(path, { uid, gid }, mode) {
  mkdirSync(path, { recursive: true });
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return path;
}

/** Makes the machine's folders: the clone and the home below a folder that is open or closed, and one for temporary files. */
function layOut(machine, { place, tree, data }) {
  const ids = idsOf(machine.who);
  const isClosed = machine.folder === 'closed';
  makeFolder(place, { uid: process.getuid(), gid: process.getgid() }, 0o755);
  const above = makeFolder(join(place, 'above'), ids, isClosed ? 0o700 : 0o755);
  const home = makeFolder(join(above, 'home'), ids, isClosed ? 0o700 : 0o755);
  const temporary = makeFolder(join(place, 'tmp'), ids, machine.temporary === 'closed' ? 0o700 : 0o1777);
  const clone = join(above, machine.path);
  // Links to the same files: half a gigabyte need not be copied for each machine.
  execFileSync('cp', ['-al', tree, clone]);
  makeFolder(clone, ids, machine.folder === 'umask' ? 0o700 : 0o755);
  if (data !== undefined) execFileSync('cp', ['-a', data, join(clone, '.placet')]);
  return { clone, home, temporary };
}

function environmentOf(machine, { home, temporary }, { node, cache }) {
  const { PATH = '' } = process.env;
  // Go lies elsewhere than what belongs to the system.
  const system = PATH.split(delimiter).filter((folder) => /^(\/usr)?\/s?bin$/.test(folder));
  const path = machine.temporal === 'cached' ? PATH.split(delimiter) : system;
  return {
    PATH: [node, ...path].join(delimiter),
    TMPDIR: temporary,
    ...(machine.home === 'none' ? {} : { HOME: home }),
    // Without a home to write in, npm can do nothing before it has a cache elsewhere.
    ...(machine.home === 'own' ? {} : { npm_config_cache: join(temporary, 'npm') }),
    ...(machine.temporal === 'cached' ? { PLACET_CACHE: cache } : {}),
  };
}

const READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';

/** What makes of us who is on the machine: each of these programs runs the rest of the line. */
function disguise({ who, home: kind, drops }, home) {
  if (!isRoot) return [];
  const { uid, gid } = idsOf(who);
  const all = drops === 'nothing' ? [] : [`--bounding-set=-${drops}`, `--inh-caps=-${drops}`];
  return [
    ...(kind === 'read-only' ? ['unshare', '--mount', 'sh', '-c', READ_ONLY, 'sh', home] : []),
    ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...all],
  ];
}

/** Runs the command to its end; one that runs until it is stopped is stopped as by Ctrl-C. */
async function runIn(machine, folders, lab) {
  const { startBound } = await import(pathToFileURL(join(root, 'dist/src/process/child.js')).href);
  const mask = machine.folder === 'umask' ? '077' : '022';
  const words = [...disguise(machine, folders.home), ...machine.runs.split(' ')];
  const child = await startBound({
    command: '/bin/sh',
    args: ['-c', 'umask "$1"; shift; exec "$@"', 'sh', mask, ...words],
    cwd: folders.clone,
    env: environmentOf(machine, folders, lab),
    stop_signal: 'SIGINT',
  });
  let output = '';
  let isStopped = false;
  const hear = (text) => {
    output += text;
    if (isStopped || !output.includes(RUNNING)) return;
    isStopped = true;
    void child.stop();
  };
  for (const stream of [child.process.stdout, child.process.stderr]) stream.setEncoding('utf8').on('data', hear);
  let hangs = false;
  const limit = setTimeout(() => {
    hangs = true;
    void child.stop();
  }, RUN_MS_MAX);
  const closed = new Promise((resolve) => child.process.once('close', resolve));
  const result = await child.ended;
  clearTimeout(limit);
  // What is left of it may hold its output open.
  await Promise.race([closed, sleep(LEFT_MS_MAX, undefined, { ref: false })]);
  // npm ends by the signal that it was stopped with, whatever the program behind it did.
  return { code: isStopped && result === 'SIGINT' ? 0 : result, output, hangs };
}

function isAbout(pid, folder) {
  try {
    return commandLine(pid).includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
}

const processesIn = (folder) =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid && isAbout(pid, folder));

/** What is left of a run after a moment: processes, which are then ended, and folders of ours. */
async function leftOf(place, temporary) {
  let pids = processesIn(place);
  for (const end = Date.now() + LEFT_MS_MAX; pids.length > 0 && Date.now() < end; pids = processesIn(place))
    await sleep(POLL_MS);
  const left = pids.map((pid) => `process ${pid} (${commandLine(pid)})`);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return [...left, ...readdirSync(temporary).filter((name) => name.startsWith('placet-'))];
}

const times = (text, words) => text.split(words).length - 1;

function faultsOf({ ends }, { code, output, hangs }, left) {
  const isMessage = !/^(Every step held\.|, 0 failed|Placet is running\.)$/.test(ends);
  return [
    ...(hangs ? [`it hung for ${RUN_MS_MAX / 1000} s`] : []),
    ...(times(output, ends) === 1 ? [] : [`"${ends}" was said ${times(output, ends)} times`]),
    ...((code !== 0) === isMessage ? [] : [`it ended with ${code}`]),
    ...(STACK_TRACE.test(output) ? ['a stack trace was shown'] : []),
    ...left.map((what) => `${what} was left`),
  ];
}

const tailOf = (output) => output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
const lineWith = (output, words) => output.split('\n').find((line) => line.includes(words)) ?? '';

/**
 * Plays a machine in the folder `place`, which is removed after; `lab` has its tree, its Node, the cache with a Temporal, and
 * its data if it has any. Tells what it said in the end, and what was wrong with that.
 */
export async function playMachine(machine, { place, ...lab }) {
  try {
    const folders = layOut(machine, { place, ...lab });
    const result = await runIn(machine, folders, lab);
    const faults = faultsOf(machine, result, await leftOf(place, folders.temporary));
    return { faults, last_line: lineWith(result.output, machine.ends).trim(), tail: tailOf(result.output) };
  } finally {
    rmSync(place, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Has somebody start and stop everything once in a clone; returns the data folder that this makes. */
export async function makeData(who, { place, ...lab }) {
  const machine = {
    who,
    folder: 'open',
    path: 'placet',
    home: 'own',
    drops: 'nothing',
    temporary: 'open',
    temporal: 'cached',
  };
  const folders = layOut(machine, { place, ...lab });
  const { code, output } = await runIn({ ...machine, runs: 'npm start' }, folders, lab);
  if (code !== 0) throw new Error(`npm start of ${who} ended with ${code}:\n${tailOf(output)}`);
  return join(folders.clone, '.placet');
}
