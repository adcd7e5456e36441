// Writes what comes in pieces to a new file: it gets its name once it is whole, and takes no other file's.

import { link, open, rm } from 'node:fs/promises';

/** For its owner alone; throws EEXIST where there is a file of that name. */
export async function saveFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const made = `${path}.placet-${process.pid}`;
  const file = await open(made, 'wx', 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
    await link(made, path);
  } finally {
    await file.close();
    await rm(made, { force: true });
  }
}
