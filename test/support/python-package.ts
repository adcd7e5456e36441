// The Python package with what its tests need, in a virtual environment in Placet's cache folder, one for each list.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defaultCache } from '../../dev/temporal-find.ts';

const run = promisify(execFile);

export const PACKAGE = fileURLToPath(new URL('../../python/', import.meta.url));
const OUTPUT_BYTES_MAX = 10_000_000;

/** Runs Python with the package; answers what it printed, and rejects with it when it ends with another status than 0. */
export type PythonPackage = ((
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
) => Promise<{ readonly stdout: string; readonly stderr: string }>) & {
  /** Its interpreter, which finds the libraries and not the package. */
  readonly path: string;
};

export async function findPythonPackage(): Promise<PythonPackage> {
  const needs = readFileSync(join(PACKAGE, 'pyproject.toml'), 'utf8');
  const name = createHash('sha256').update(needs).digest('hex').slice(0, 16);
  const folder = join(process.env['PLACET_CACHE'] ?? defaultCache(process.env), 'python-package', name);
  if (!existsSync(join(folder, 'current'))) await install(folder, needs);
  const python = join(folder, 'current/bin/python');
  const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const { PATH = '' } = process.env;
    const env = { PATH, PYTHONPATH: join(PACKAGE, 'src'), PYTHONDONTWRITEBYTECODE: '1', ...environment };
    return run(python, [...args], { cwd: PACKAGE, env, maxBuffer: OUTPUT_BYTES_MAX });
  };
  return Object.assign(start, { path: python });
}

/** An environment does not bear to be moved: it is made in its place, and named once it is whole. */
async function install(folder: string, needs: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const made = mkdtempSync(join(folder, 'venv-'));
  const lists = [...needs.matchAll(/^(?:dependencies|test) = \[(.*)\]$/gm)].map(([, list = '']) => list);
  const packages = lists.flatMap((list) => [...list.matchAll(/"([^"]+)"/g)].map(([, each = '']) => each));
  try {
    await run('python3', ['-m', 'venv', made]);
    await run(join(made, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
    symlinkSync(made, `${made}.link`);
    renameSync(`${made}.link`, join(folder, 'current'));
  } catch (cause) {
    rmSync(made, { recursive: true, force: true });
    throw new Error(`This test needs Python 3.11 or later with venv, and from PyPI ${packages.join(', ')}.`, { cause });
  }
}
