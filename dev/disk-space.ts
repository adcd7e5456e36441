// Says that a disk of ours is full when something goes wrong: those who meet it tell it in their own words, or nobody.

import { statfsSync, statSync } from 'node:fs';
import type { Progress } from './progress.ts';

/** What stands behind a folder: its device, and how much can still be written there. */
export type Disk = {
  readonly device: number;
  readonly free_bytes: number;
};

/** PostgreSQL wants this much at once for the next piece of its log, and ends where it does not get it. */
const FREE_BYTES_MIN = 16 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

function diskOf(folder: string): Disk | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return { device: statSync(folder).dev, free_bytes: bavail * bsize };
  } catch {
    // It is not made yet.
    return undefined;
  }
}

/** The same progress, which looks at the disks below the folders whenever it notes something, and names a full one once. */
export function tellFullDisks(progress: Progress, folders: readonly string[], look = diskOf): Progress {
  let named = new Set<number>();
  const tell = () => {
    const full = new Set<number>();
    for (const folder of folders) {
      const disk = look(folder);
      if (disk === undefined || disk.free_bytes >= FREE_BYTES_MIN || full.has(disk.device)) continue;
      full.add(disk.device);
      const sentence = `The disk of ${folder} is full: ${Math.floor(disk.free_bytes / MEGABYTE)} MB are left.`;
      if (!named.has(disk.device)) progress.note(`  ${sentence} Free some of it; Placet then goes on by itself.`);
    }
    named = full;
  };
  return {
    ...progress,
    note: (text) => {
      progress.note(text);
      tell();
    },
  };
}
