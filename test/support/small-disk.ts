// A disk in memory that a test may fill: mounted where this user may mount, else in a namespace of its own, whose files are
// reached by the process that holds it.

import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { newFolder } from './processes.ts';

export type SmallDisk = { readonly folder: string; readonly remove: () => void };

/** Mounts it as this very user, so that whatever runs here owns what it writes there. It ends with its input, so with us. */
const HOLD = ['--map-current-user', '--keep-caps', '--mount', 'sh', '-c', 'mount "$@" && echo ready && exec cat', 'sh'];

/** Opens it; null where neither way is open, as in a container that lets nobody mount. */
export async function openSmallDisk(megabytes: number): Promise<SmallDisk | null> {
  const folder = newFolder();
  const tmpfs = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  if (spawnSync('mount', tmpfs).status === 0) {
    const remove = () => {
      // Lazily: a process that is just ending may still stand in it.
      spawnSync('umount', ['-l', folder]);
      removeFolder();
    };
    return { folder, remove };
  }
  const holder = spawn('unshare', [...HOLD, ...tmpfs], { stdio: ['pipe', 'pipe', 'ignore'] });
  const answer = await new Promise<string>((resolve) => {
    holder.stdout.once('data', (data) => resolve(String(data)));
    for (const end of ['close', 'error']) holder.once(end, () => resolve(''));
  });
  if (answer.trim() !== 'ready') {
    removeFolder();
    return null;
  }
  const remove = () => {
    holder.stdin.end();
    removeFolder();
  };
  return { folder: `/proc/${holder.pid}/root${folder}`, remove };
}
