// `npm run bench [-- name … --short --json]`: builds what is stale, measures Placet beside its floors, leaves nothing behind.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepareAdapters, prepareOrExit, root } from './prepare.mjs';
import { run } from './progress.mjs';
import { endWithNpm } from './starter.mjs';

endWithNpm();
await prepareOrExit();
await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'bench'], { cwd: root });
const names = process.argv.slice(2).filter((name) => !name.startsWith('-'));
if (names.length === 0 || names.includes('adapters')) await prepareAdapters();
const { main } = await import(pathToFileURL(join(root, 'dist/bench/main.js')).href);
process.exit(await main(process.argv.slice(2)));
