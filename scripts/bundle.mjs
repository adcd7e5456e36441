// Bundles the workflows once, for the worker and the tests.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'dist/workflow-bundle.js');
const { code } = await bundleWorkflowCode({
  workflowsPath: join(root, 'workflows/index.ts'),
  preloadModules: [join(root, 'workflows/sandbox.ts')],
});
mkdirSync(dirname(target), { recursive: true });
writeFileSync(`${target}.${process.pid}`, code);
renameSync(`${target}.${process.pid}`, target);
