// `npm run long [jest arguments]`: the tests that have a longer form, at full length. Those are the files that import
// test/support/long.ts, unless others are named.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

/** Where jest looks for tests. */
const { roots } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).jest;
const FOLDERS = roots.map((folder) => folder.replace('<rootDir>/', ''));

const hasLongForm = (file) => readFileSync(join(root, file), 'utf8').includes("/support/long.ts'");
const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
).filter((file) => file.endsWith('.test.ts') && hasLongForm(file));

process.env.PLACET_TEST_LONG = '1';
if (process.argv.length === 2) process.argv.push(...files);
await import('./test.mjs');
