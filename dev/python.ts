// The Python of the package in python/, with all that its tests and example need, in Placet's cache folder: one environment for
// each list of packages. The package itself is not in it.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Made the first time, which takes a minute and PyPI: its interpreter, and a folder with what a wheel of the package needs. */
export async function providePython({
  root,
  cache,
}: {
  readonly root: string;
  readonly cache: string;
}): Promise<{ readonly path: string; readonly wheels: string }> {
  const needs = readFileSync(join(root, 'python/pyproject.toml'), 'utf8');
  const name = createHash('sha256').update(needs).digest('hex').slice(0, 16);
  const folder = join(cache, 'python-package', name);
  const current = join(folder, 'current');
  if (!existsSync(current)) await install(folder, needs);
  return { path: join(current, 'bin/python'), wheels: join(current, 'wheels') };
}

/** An environment does not bear to be moved: it is made in its place, and named once it is whole. */
async function install(folder: string, needs: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const made = mkdtempSync(join(folder, 'venv-'));
  const [needed, tests] = [packagesOf(needs, 'dependencies|verify'), packagesOf(needs, 'test')];
  const pip = (...args: string[]) => run(join(made, 'bin/python'), ['-m', 'pip', ...args]);
  try {
    await run('python3', ['-m', 'venv', made]);
    await pip('install', '--quiet', ...needed, ...tests);
    await pip('download', '--quiet', '--only-binary=:all:', '--dest', join(made, 'wheels'), ...needed);
    symlinkSync(made, `${made}.link`);
    renameSync(`${made}.link`, join(folder, 'current'));
  } catch (cause) {
    rmSync(made, { recursive: true, force: true });
    const packages = [...needed, ...tests].join(', ');
    throw new Error(`This needs Python 3.11 or later with venv, and from PyPI ${packages}.`, { cause });
  }
}

function packagesOf(needs: string, lists: string): string[] {
  const found = [...needs.matchAll(new RegExp(`^(?:${lists}) = \\[(.*)\\]$`, 'gm'))].map(([, list = '']) => list);
  return found.flatMap((list) => [...list.matchAll(/"([^"]+)"/g)].map(([, each = '']) => each));
}
