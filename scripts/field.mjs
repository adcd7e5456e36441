// `npm run field [jest arguments]`: runs the tests that docs/field.md names, all against the real parts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const page = readFileSync(join(root, 'docs/field.md'), 'utf8');
const files = new Set(page.match(/[\w./-]+\.test\.ts/g));
process.argv.push(...files);
await import('./test.mjs');
