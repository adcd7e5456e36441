// The port of the API, when another program takes it between the look and the use.
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { freePort } from '../../src/dev/ports.ts';
import { newFolder, runScript } from '../support/processes.ts';
import { hasNoProcess } from './support.ts';

const fakeRole = fileURLToPath(new URL('../support/fake-role.mjs', import.meta.url));

/** A start on a port that nobody asked for; the other program listens there as soon as the named step begins. */
async function startWhileTaken(step: string, port: number, answer: string): Promise<string> {
  const root = newFolder();
  const { PATH, HOME, PLACET_CACHE } = process.env;
  const environment = { PATH, HOME, ...(PLACET_CACHE === undefined ? {} : { PLACET_CACHE }) };
  const code = `
    import { once } from 'node:events';
    import { createServer } from 'node:http';
    import { readConfig } from './dist/src/config.js';
    import { openHome } from './dist/src/dev/home.js';
    import { startStack } from './dist/src/dev/stack.js';
    const environment = ${JSON.stringify(environment)};
    const { config } = readConfig({ ...environment, PLACET_PORT: '${port}' });
    let other;
    const progress = {
      note: (text) => console.log(text),
      step: async (label, work) => {
        if (other === undefined && label.startsWith('${step}')) {
          other = createServer((request, response) => ${answer});
          await once(other.listen(${port}, '127.0.0.1'), 'listening');
        }
        return work(() => undefined);
      },
    };
    const { signal } = new AbortController();
    const options = { home: openHome('${root}'), config, environment, progress, signal, program: '${fakeRole}' };
    const stack = await startStack(options);
    const answer = await fetch(stack.apiUrl);
    console.log('the other has it:', other?.listening, stack.apiUrl, await answer.text());
    await stack.stop();
    process.exit();
  `;
  const run = runScript(code, environment);
  expect(await run.ended).toBe(0);
  await hasNoProcess(root);
  return run.output();
}

const moments = [
  // One that would be taken for ours, were its port not looked at again.
  ['before our processes start', 'Demo policy', "response.end('the other')"],
  ['while they start', 'API on', 'request.destroy()'],
] as const;

test.each(moments)('a port that another takes %s is exchanged for a free one', async (_when, step, answer) => {
  const port = await freePort();
  const said = await startWhileTaken(step, port, answer);
  expect(said).toMatch(/the other has it: true http:\/\/127\.0\.0\.1:\d+ ready/);
  expect(said).not.toContain(`http://127.0.0.1:${port} `);
});
