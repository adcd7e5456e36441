// Writes docs/configuration.md from the settings themselves; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';

const file = join(root, 'docs/configuration.md');
const faults = await prepare();
if (faults.length > 0) console.error(faults.join('\n'));
const { describeSettings } = await import(pathToFileURL(join(root, 'dist/src/process/settings-manual.js')).href);
const text = describeSettings();
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    console.error('docs/configuration.md differs from the settings: run node scripts/docs.mjs');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
