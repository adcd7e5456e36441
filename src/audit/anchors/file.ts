// The anchor that is a folder elsewhere: one file a checkpoint, named after the size that it follows, so that one can follow.

import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Anchor, Anchored } from '../anchor.ts';

const NAME = /^after-(\d{1,16})\.checkpoint$/;
/** The last one counts; these many more tell which went before it. */
const KEPT = 1_000;

/** The anchor in this folder, which is made when it is not there. Its disk should be another one than the database's. */
export function openFileAnchor(folder: string): Anchor {
  const of = (origin: string) => join(folder, encodeURIComponent(origin));
  return {
    name: `file ${folder}`,
    read: async (origin) => {
      const sizes = await listSizes(of(origin));
      const last = sizes.at(-1);
      return last === undefined ? [] : [await readFile(join(of(origin), fileOf(last)), 'utf8')];
    },
    write: (anchored) => write(of(anchored.origin), anchored),
    confirm: async (origin) => {
      const last = (await listSizes(of(origin))).at(-1);
      const now = new Date();
      if (last !== undefined) await utimes(join(of(origin), fileOf(last)), now, now);
    },
  };
}

async function write(folder: string, { note, after }: Anchored): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const sizes = await listSizes(folder);
  if (sizes.some((size) => size >= after)) return false;
  const made = join(folder, `.${randomBytes(8).toString('hex')}`);
  try {
    const file = await open(made, 'wx');
    await file.writeFile(note);
    await file.sync();
    await file.close();
    // It gets its name whole or not at all, and once.
    await link(made, join(folder, fileOf(after)));
    const place = await open(folder, 'r');
    await place.sync();
    await place.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(made, { force: true });
  }
  for (const size of sizes.slice(0, -KEPT)) await rm(join(folder, fileOf(size)), { force: true });
  return true;
}

function fileOf(size: number): string {
  return `after-${size}.checkpoint`;
}

/** The sizes that something follows, the smallest first; none when the folder is not there yet, but its parent is. */
async function listSizes(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return [];
  });
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
