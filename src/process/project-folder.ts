// The reader's own project, as `placet init` sees it: files are read, added to or made, and never overwritten by a guess.

import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { ProjectFolder } from '../cli/io.ts';
import { PlacetError } from '../domain/errors.ts';

/** A file of text that is larger is not one of those that we add to. */
const BYTES_MAX = 1_000_000;

export function openProject(folder: string): ProjectFolder {
  return {
    name: basename(resolve(folder))
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]/g, '-'),
    read: (path) => read(join(folder, path), path),
    write: async (path, { before, after }) => {
      const full = join(folder, path);
      if ((await read(full, path)) !== before) throw new PlacetError('conflict', { path });
      // For its owner alone, since one of them holds a key. A new file is made by whoever is first.
      if (before === null) return writeNew(full, after, 0o600 | (path === '.env' ? 0 : 0o044));
      const { mode } = await lstat(full);
      const made = `${full}.placet-${process.pid}`;
      try {
        await writeNew(made, after, mode & 0o777);
        await rename(made, full);
      } catch (error) {
        await rm(made, { force: true });
        throw error;
      }
    },
    isTracked: (path) => isTracked(folder, path),
  };
}

async function read(full: string, path: string): Promise<string | null> {
  const about = await lstat(full).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (about === null) return null;
  // A link may lead out of the project.
  if (!about.isFile() || about.size > BYTES_MAX)
    throw new PlacetError('conflict', { path, message: 'it is no plain file' });
  return readFile(full, 'utf8');
}

async function writeNew(full: string, text: string, mode: number): Promise<void> {
  const file = await open(full, 'wx', mode);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

/** True when git has it in its index: then no .gitignore keeps it out of the next commit. */
async function isTracked(folder: string, path: string): Promise<boolean> {
  for (let at = resolve(folder); ; at = resolve(at, '..')) {
    const index = await readFile(join(at, '.git/index')).catch(() => null);
    if (index !== null) {
      const name = relative(at, resolve(folder, path)).replaceAll('\\', '/');
      // An entry of the index ends with the length of its path in two bytes, the path and a zero.
      const length = Buffer.from([name.length >> 8, name.length & 0xff]);
      return index.includes(Buffer.concat([length, Buffer.from(`${name}\0`)]));
    }
    if (at === resolve(at, '..')) return false;
  }
}
