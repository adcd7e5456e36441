// The port of the API: another program may take it between the look and the use, and agents look for it after a restart.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { takeLock } from '../../dev/lock.ts';
import { freePort } from '../../dev/ports.ts';
import { newFolder, runScript } from '../support/processes.ts';
import { temporalAddress } from '../support/stack.ts';
import { hasNoProcess } from './support.ts';

const fakeRole = fileURLToPath(new URL('../support/fake-role.mjs', import.meta.url));

/** The other program: it would be taken for ours, were we to ask it, or it answers nobody. */
const ANSWERS = "response.end('the other')";
const IS_SILENT = 'request.destroy()';

/**
 * Starts and stops everything on a port that nobody asked for; the other program listens there as soon as the named step
 * begins. Tells where the API was, and who answered there.
 */
async function startWhileTaken(root: string, port: number, [step, answer]: readonly [string, string]): Promise<string> {
  const { PATH, HOME } = process.env;
  // A Temporal that runs already: only the port of the API is looked at here.
  const environment = { PATH, HOME, TMPDIR: tmpdir(), TEMPORAL_ADDRESS: temporalAddress() };
  const code = `
    import { once } from 'node:events';
    import { createServer } from 'node:http';
    import { readConfig } from './dist/src/process/config.js';
    import { openDataFolder } from './dist/dev/data-folder.js';
    import { startStack } from './dist/dev/stack.js';
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
    const options = { data: openDataFolder('${root}'), config, environment, progress, signal, program: '${fakeRole}' };
    const stack = await startStack(options);
    const answer = await fetch(stack.api_url);
    console.log('other:', other?.listening, 'api:', stack.api_url, 'answer:', await answer.text());
    await stack.stop();
    process.exit();
  `;
  const run = runScript(code, environment);
  expect(await run.ended).toBe(0);
  await hasNoProcess(root);
  return run.output();
}

const moments = [
  ['before our processes start', ['Demo policy', ANSWERS]],
  ['while they start', ['API on', IS_SILENT]],
] as const;

test.each(moments)(
  'a port that another takes %s is exchanged for a free one, which the next start keeps',
  async (_when, moment) => {
    const root = newFolder();
    const port = await freePort();
    const first = await startWhileTaken(root, port, moment);
    const [, address] = /other: true api: (http:\/\/127\.0\.0\.1:\d+) answer: ready/.exec(first) ?? [];
    expect(address).not.toBe(`http://127.0.0.1:${port}`);
    const second = await startWhileTaken(root, port, ['no step', ANSWERS]);
    expect(second).toContain(`other: undefined api: ${address} answer: ready`);
  },
);

test('of two starts that find the same port free, the one that is later takes another', async () => {
  const root = newFolder();
  const port = await freePort();
  const claim = takeLock(join(tmpdir(), `placet-port-${port}`));
  const late = await startWhileTaken(root, port, ['no step', ANSWERS]);
  expect(late).toMatch(/api: \S+ answer: ready/);
  expect(late).not.toContain(`api: http://127.0.0.1:${port} `);
  if (claim.kind === 'held') claim.lock.release();
  const alone = await startWhileTaken(newFolder(), port, ['no step', ANSWERS]);
  expect(alone).toContain(`api: http://127.0.0.1:${port} answer: ready`);
});
