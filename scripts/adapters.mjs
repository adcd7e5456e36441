// `npm run adapters [jest arguments]`: the tests of what agents plug in with, on the real frameworks and the Python package.
import { ADAPTER_TESTS } from './test-paths.mjs';

if (process.argv.length === 2) process.argv.push(...ADAPTER_TESTS);
await import('./test.mjs');
