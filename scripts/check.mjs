// `npm run check`: format, lint, types and dead code; one line per step, the details of what failed, then the count.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, prepareAdapters, root } from './prepare.mjs';
import { run, step } from './progress.mjs';

const tool = (path) => [process.execPath, join(root, 'node_modules', path)];
const tsc = tool('typescript/bin/tsc');
const projects = ['test', 'playground/web', 'adapters'].filter((folder) =>
  existsSync(join(root, folder, 'tsconfig.json')),
);
const steps = [
  {
    label: 'format and lint',
    command: [...tool('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '--colors=off', '.'],
  },
  { label: 'lock file', command: [process.execPath, join(root, 'scripts/platforms.mjs'), '--check'] },
  { label: 'types of src', command: [...tsc, '-b', '.', 'examples'] },
  ...projects.map((folder) => ({
    label: `types of ${folder}`,
    command: [...tsc, '-p', join(folder, 'tsconfig.json')],
  })),
  { label: 'dead code', command: tool('knip/bin/knip.js') },
  { label: 'dead code of adapters', command: [...tool('knip/bin/knip.js'), '--directory', 'adapters'] },
];

let failed = 0;
await prepare();
await prepareAdapters();
for (const { label, command } of steps) {
  const [program, ...args] = command;
  try {
    await step(label, () => run(program, args, { cwd: root }), { out: process.stdout });
  } catch (error) {
    failed += 1;
    console.log(`${error.output ?? error.message}\n`);
  }
}
console.log(`${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
