// Makes docs/card.png, the README's picture of a card: the browser test of the whole product takes it on its way.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const picture = join(root, 'docs/card.png');
const child = spawn(process.execPath, [join(root, 'scripts/test.mjs'), 'test/product/browser.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PLACET_TEST_SCREENSHOT: picture },
});
child.once('close', (code) => {
  process.exitCode = code ?? 1;
  console.log(code === 0 ? `The picture is in ${picture}` : 'No picture: the browser test failed.');
});
