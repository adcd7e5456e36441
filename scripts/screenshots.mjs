// Makes the pictures of docs/admin.md: the browser test of the settings takes them on its way.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs');
const child = spawn(process.execPath, [join(root, 'scripts/test.mjs'), 'test/product/settings.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PLACET_TEST_SCREENSHOTS: folder },
});
child.once('close', (code) => {
  process.exitCode = code ?? 1;
  console.log(code === 0 ? `The pictures are in ${folder}` : 'No pictures: the browser test failed.');
});
