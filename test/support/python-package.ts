// The Python package as its tests run it: from the tree, or as a wheel that was installed into an environment of its own.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { providePython } from '../../dev/python.ts';
import { defaultCache } from '../../dev/temporal-find.ts';
import { newFolder } from './processes.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGE = join(ROOT, 'python');
const OUTPUT_BYTES_MAX = 10_000_000;

/** Runs Python with the package; answers what it printed, and rejects with it when it ends with another status than 0. */
export type PythonPackage = ((
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
) => Promise<{ readonly stdout: string; readonly stderr: string }>) & {
  /** Its interpreter, which finds the libraries and not the package. */
  readonly path: string;
  /** What a type check has found out of the libraries, kept for the next one of the same name. */
  readonly typesOf: (name: string) => string;
};

const provide = () => providePython({ root: ROOT, cache: process.env['PLACET_CACHE'] ?? defaultCache(process.env) });

export async function findPythonPackage(): Promise<PythonPackage> {
  const { path } = await provide();
  const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const { PATH = '' } = process.env;
    const env = { PATH, PYTHONPATH: join(PACKAGE, 'src'), PYTHONDONTWRITEBYTECODE: '1', ...environment };
    return run(path, [...args], { cwd: PACKAGE, env, maxBuffer: OUTPUT_BYTES_MAX });
  };
  return Object.assign(start, { path, typesOf: (name: string) => `--cache-dir=${join(path, '../../types', name)}` });
}

/** Builds a wheel of the package, and installs it, with what it needs, into an environment that has nothing else; no network. */
export async function installWheel(): Promise<{ readonly path: string; readonly files: readonly string[] }> {
  const { path, wheels } = await provide();
  const folder = newFolder();
  const pip = (...args: string[]) => run(path, ['-m', 'pip', ...args], { env: { PATH: process.env['PATH'] } });
  await pip('wheel', '--quiet', '--no-deps', '--no-build-isolation', '--no-index', '--wheel-dir', folder, PACKAGE);
  const [wheel = ''] = readdirSync(folder);
  const fresh = join(folder, 'fresh');
  await run('python3', ['-m', 'venv', '--without-pip', fresh]);
  const made = join(fresh, 'bin/python');
  const from = ['--no-index', '--find-links', wheels];
  await pip('--python', made, 'install', '--quiet', ...from, `${join(folder, wheel)}[verify]`);
  const { stdout } = await run(made, ['-m', 'zipfile', '--list', join(folder, wheel)]);
  return { path: made, files: stdout.split('\n').map((line) => line.split(' ')[0] ?? '') };
}
