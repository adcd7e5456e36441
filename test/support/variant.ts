// The program with some of its text changed, in a folder of its own: what does the compiler say of it?

import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newFolder } from './processes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PARTS = ['src', 'workflows', 'activities'];
const OPTIONS = { composite: false, noEmit: true, outDir: 'dist', rootDir: '.', typeRoots: ['node_modules/@types'] };

/** One change of a file: a piece of its text, which stands there once, and what stands there instead. */
export type Edit = { readonly path: string; readonly from: string; readonly to: string };

/** The files that do not compile after the changes, by name; none when all is well. */
export async function brokenBy(edits: readonly Edit[]): Promise<string[]> {
  const folder = newFolder();
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions: OPTIONS, include: PARTS, references: [] }),
  );
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const { path, from, to } of edits) {
    const text = readFileSync(join(folder, path), 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${path} does not have once: ${from}`);
    writeFileSync(
      join(folder, path),
      text.replace(from, () => to),
    );
  }
  const output = await faultsOf(folder);
  return [...new Set([...output.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(([, path = '']) => path))].sort();
}

/** What the compiler says of the project in the folder; empty when all is well. */
export function faultsOf(folder: string): Promise<string> {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  return new Promise((resolve, reject) => {
    // On one thread, and without collecting garbage, it takes less than half the time of a processor.
    const args = [tsc, '-p', folder, '--pretty', 'false', '--singleThreaded'];
    const options = { cwd: folder, env: { ...process.env, GOGC: 'off' } };
    execFile(process.execPath, args, options, (error, stdout) => {
      // A compiler that did not run at all says nothing of files.
      if (error !== null && !stdout.includes('error TS')) reject(error);
      else resolve(stdout);
    });
  });
}
