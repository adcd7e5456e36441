// Makes an export as the command line does, unpacks it, and runs the verifier that is in it. Expects nothing itself.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Transact } from '../../src/db/database.ts';
import { saveFile } from '../../src/process/save-file.ts';
import { newId } from '../../src/process/wiring.ts';
import { exportAudit } from '../../src/service/admin/export.ts';
import { OPERATOR } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import { newFolder } from '../support/processes.ts';

const run = promisify(execFile);
const SCRIPTS = fileURLToPath(new URL('../../scripts/', import.meta.url));

export type ExportFilter = Partial<Omit<Parameters<typeof exportAudit>[1], 'save'>>;

/** What an export takes. */
export const exportDeps = (transact: Transact) => ({
  transact,
  newId,
  verifier: async (name: string) => readFileSync(join(SCRIPTS, name)),
});

/** Unpacks a ZIP with another program than the one that made it. */
export const unpack = (file: string, folder: string) => run('python3', ['-m', 'zipfile', '-e', file, folder]);

/** The archive, and the folder that it was unpacked into. */
export async function exportTo(transact: Transact, filter: ExportFilter = {}) {
  const [file, folder] = [join(newFolder(), 'export.zip'), newFolder()];
  const input = { tenant_id: TENANT, from: null, to: null, types: [], by: OPERATOR, ...filter };
  const made = await exportAudit(exportDeps(transact), { ...input, save: (archive) => saveFile(file, archive) });
  await unpack(file, folder);
  const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { ...made, bytes: readFileSync(file), folder, textOf, manifest: JSON.parse(textOf('manifest.json')) };
}

/** Runs the archive's own verifier; rejects with what it says when it finds something. */
export async function checkExport(folder: string, key: string): Promise<string> {
  const options = { argv: [folder, '--key', key], stdout: true, stderr: true };
  const worker = new Worker(join(folder, 'verify.mjs'), options);
  const [printed, errors, [code]] = await Promise.all([text(worker.stdout), text(worker.stderr), once(worker, 'exit')]);
  if (code !== 0) throw new Error(errors);
  return printed;
}

/** Changes files of a copy, each by its text. */
export type Harm = (file: (name: string, alter: (before: string) => string) => void) => void;
export const lines = (change: (lines: string[]) => string[]) => (text: string) => change(text.split('\n')).join('\n');

/** Does harm to a copy, and makes the manifest fit the files again, as one who knows how. */
export function harmedCopy(of: string, change: Harm): string {
  const folder = join(newFolder(), 'copy');
  mkdirSync(folder);
  cpSync(of, folder, { recursive: true });
  change((name, alter) => {
    const before = readFileSync(join(folder, name), 'utf8');
    const after = alter(before);
    if (after === before) throw new Error(`nothing of ${name} was changed`);
    writeFileSync(join(folder, name), after);
  });
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  for (const name of Object.keys(manifest.files)) {
    const content = readFileSync(join(folder, name));
    manifest.files[name] = { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

/** Leaves the first event out, by its hash, and counts as the exporter would have. */
export function hideFirst(folder: string, file: Parameters<Harm>[0]): void {
  const [leaf = ''] = readFileSync(join(folder, 'events.ndjson'), 'utf8').split('\n');
  const { type } = JSON.parse(leaf) as { readonly type: string };
  const hash = createHash('sha256').update(Buffer.of(0)).update(leaf).digest('base64');
  file('events.ndjson', (it) => it.slice(leaf.length + 1));
  file(
    'events.csv',
    lines(([head = '', , ...rest]) => [head, ...rest]),
  );
  file('left-out.txt', () => `0 ${hash}\n`);
  file('manifest.json', (it) => {
    const { events, ...manifest } = JSON.parse(it);
    const { [type]: count, ...others } = events.by_type;
    const by_type = count === 1 ? others : { ...others, [type]: count - 1 };
    return JSON.stringify({ ...manifest, events: { shown: events.shown - 1, left_out: 1, by_type } });
  });
}
