// Files as one ZIP that is written while they are read, one after the other. The same files make the same bytes.

import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ExportFile } from './export.ts';

/** The moment of every file: the first that a ZIP can tell, in whichever time zone this runs. */
const MOMENT = new Date(1980, 0, 1);
const OPTIONS = { mtime: MOMENT, mode: 0o100644, compress: true, forceDosTimestamp: true } as const;

/** The archive's bytes. */
export async function* archiveOf(files: readonly ExportFile[]): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile();
  const output = Readable.from(zip.outputStream);
  const fail = (error: Error) => output.destroy(error);
  zip.on('error', fail);
  for (const { name, read } of files)
    zip.addReadStreamLazy(name, OPTIONS, (give) => {
      const content = Readable.from(read());
      // A stream that is piped hands on no error by itself.
      content.on('error', fail);
      give(null, content);
    });
  zip.end();
  yield* output;
}
