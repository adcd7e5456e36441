// The playground as a process: it survives kill -9 with everything it had answered for.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { afterwards } from '../../test/support/afterwards.ts';
import { createPlaygroundClient } from '../src/client.ts';
import { openStore } from '../src/core/store.ts';
import type { Playground } from '../src/start.ts';
import { buttonBlock, reasonModal, webClient } from './support.ts';

const MAIN = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
const STORE = new URL('../dist/src/core/store.js', import.meta.url).href;

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'playground-'));
  afterwards(async () => rmSync(folder, { recursive: true }));
  return join(folder, 'data.log');
}

async function start(options: object): Promise<{ child: ChildProcess; playground: Playground }> {
  const child = spawn(process.execPath, [MAIN, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  afterwards(async () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [line] = (await once(lines, 'line')) as [string];
  return { child, playground: JSON.parse(line) as Playground };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill(signal);
  return ((await ended) as [number | null])[0];
}

test('messages, Home, faults’ absence and tokens are there again after kill -9', async () => {
  const dataFile = temporaryFile();
  const first = await start({ port: 0, dataFile });
  const web = webClient(first.playground);
  const { ts = '' } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'card', blocks: [buttonBlock()] });
  await web.chat.update({ channel: 'C0PAYMENTS', ts, text: 'card, updated', blocks: [buttonBlock()] });
  await web.views.publish({ user_id: 'U0DBA', view: { type: 'home', blocks: reasonModal().blocks } });
  const before = await createPlaygroundClient(first.playground.url).state();
  await end(first.child, 'SIGKILL');
  appendFileSync(dataFile, '["message","C0PAYMENTS/9.9",{"cut');

  const second = await start({ port: Number(new URL(first.playground.url).port), dataFile });
  expect(second.playground).toMatchObject({ botToken: first.playground.botToken, url: first.playground.url });
  const after = await createPlaygroundClient(second.playground.url).state();
  const timeless = ({ channels, home, users }: typeof before) => ({ channels, home, users });
  expect(timeless(after)).toEqual(timeless(before));
  const next = await webClient(second.playground).chat.postMessage({ channel: 'C0PAYMENTS', text: 'next' });
  expect(Number(next.ts)).toBeGreaterThan(Number(ts));
  expect(await end(second.child, 'SIGTERM')).toBe(0);
});

test('the log is rewritten when it grows and then holds only what is still there', () => {
  const dataFile = temporaryFile();
  const store = openStore(dataFile);
  const secrets = { botToken: 'b', appToken: 'a', signingSecret: 's' };
  for (let n = 0; n <= 20_001; n += 1) store.put('secrets', 'secrets', { ...secrets, botToken: String(n) });
  store.put('notices', 'U1', []);
  store.remove('notices', 'U1');
  store.close();
  const again = openStore(dataFile);
  expect(again.get('secrets', 'secrets')?.botToken).toBe('20001');
  expect(again.get('notices', 'U1')).toBeUndefined();
  again.close();
});

test('what a full disk refuses has not happened, and spoils nothing that is kept before or after it', async () => {
  const dataFile = temporaryFile();
  const code = `
    import { openStore } from ${JSON.stringify(STORE)};
    const store = openStore(${JSON.stringify(dataFile)});
    const put = (key, text) => store.put('notices', key, [{ id: key, text }]);
    put('before', 'kept');
    let refused = 'nothing';
    try { put('large', 'x'.repeat(100_000)); } catch (error) { refused = error.code; }
    put('after', 'kept');
    console.log(refused, store.get('notices', 'large') === undefined);
  `;
  // No file can be larger than so many blocks: the disk of this process alone is full.
  const args = ['-c', 'ulimit -f 16; exec "$@"', 'sh', process.execPath, '--input-type=module', '--eval', code];
  const child = spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  expect(said).toBe('EFBIG true');
  const again = openStore(dataFile);
  const has = (key: string) => again.get('notices', key) !== undefined;
  expect(['before', 'large', 'after'].map(has)).toEqual([true, false, true]);
  again.close();
});

test('a log that cannot be rewritten goes on, and is rewritten when it can be', () => {
  const dataFile = temporaryFile();
  const store = openStore(dataFile);
  const secrets = { botToken: 'b', appToken: 'a', signingSecret: 's' };
  mkdirSync(`${dataFile}.new`);
  for (let n = 0; n <= 20_001; n += 1) store.put('secrets', 'secrets', { ...secrets, botToken: String(n) });
  const long = statSync(dataFile).size;
  rmdirSync(`${dataFile}.new`);
  store.put('notices', 'U1', []);
  store.close();
  expect(statSync(dataFile).size).toBeLessThan(long / 100);
  const again = openStore(dataFile);
  expect(again.get('secrets', 'secrets')?.botToken).toBe('20001');
  expect(again.get('notices', 'U1')).toEqual([]);
  again.close();
});
