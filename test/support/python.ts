// A Python with the libraries that docs/verify.md names, kept in Placet's cache folder. Says what is missing; skips nothing.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { defaultCache } from '../../dev/temporal-find.ts';

const run = promisify(execFile);

/** Of PyPI. `crypto` brings Ed25519. */
const LIBRARIES = ['PyJWT[crypto]==2.15.1', 'rfc8785==0.1.4'];
const FOLDER = 'pyjwt-2.15.1';
const VERSION =
  'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 10))';
const NEEDED = 'This test needs Python 3.10 or later with its venv module (Debian: apt-get install python3-venv)';

export type Python = (program: string, environment: Readonly<Record<string, string>>) => Promise<string>;

/** Runs a program and answers what it printed; rejects, with its last words, when it ends with another status than 0. */
export async function findPython(): Promise<Python> {
  const version = await run('python3', ['-c', VERSION]).catch((cause: unknown) => {
    throw new Error(`${NEEDED}.`, { cause });
  });
  const cache = process.env['PLACET_CACHE'] ?? defaultCache(process.env);
  const libraries = join(cache, 'python', version.stdout.trim(), FOLDER);
  if (!existsSync(libraries)) await install(libraries);
  return async (program, environment) => {
    const { PATH = '' } = process.env;
    const env = { PATH, PYTHONPATH: libraries, PYTHONDONTWRITEBYTECODE: '1', ...environment };
    return (await run('python3', ['-c', program], { env })).stdout;
  };
}

/** Made beside its place and moved there whole, so that an interrupted run leaves nothing that looks ready. */
async function install(libraries: string): Promise<void> {
  mkdirSync(dirname(libraries), { recursive: true });
  const made = mkdtempSync(`${libraries}-`);
  const site = join(made, 'site');
  try {
    await run('python3', ['-m', 'venv', join(made, 'venv')]);
    await run(join(made, 'venv/bin/python'), ['-m', 'pip', 'install', '--quiet', '--target', site, ...LIBRARIES]);
    // Another run may have been faster; its libraries are the same.
    if (!existsSync(libraries)) renameSync(site, libraries);
  } catch (cause) {
    throw new Error(`${NEEDED}, and ${LIBRARIES.join(' and ')} from PyPI.`, { cause });
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
