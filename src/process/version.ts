// The version of this program, as package.json states it.

import { createRequire } from 'node:module';

// The built file lies one folder deeper than its source, which the tests run.
const path = import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json';
const manifest = createRequire(import.meta.url)(path) as { readonly version: string };

export const VERSION = manifest.version;
