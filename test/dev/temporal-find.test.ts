// Where the Temporal server comes from: the first way that works, in a fixed order, and never half a program.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeFault } from '../../dev/fault.ts';
import { createProgress } from '../../dev/progress.ts';
import { TEMPORAL_CLI_VERSION } from '../../dev/temporal-build.ts';
import { type FindOptions, findTemporal } from '../../dev/temporal-find.ts';
import { newFolder, processesAbout, runScript } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const TEMPORAL = '#!/bin/sh\necho "temporal version 1.5.1 (Server 1.29.1)"\n';

function writeProgram(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

/** A Go that writes down how it was called and "builds" in no time. */
const goThat = (calls: string, then: string): string =>
  `#!/bin/sh
echo "$CGO_ENABLED $GOFLAGS $GOPATH $GOMODCACHE $GOCACHE $*" >> "${calls}"
mkdir -p "$GOBIN" "$GOPATH" "$GOMODCACHE" "$GOCACHE"
${then}
`;
const builds = `cat > "$GOBIN/temporal" <<'END'\n${TEMPORAL}END\nchmod +x "$GOBIN/temporal"`;

/** The tools that the scripts need, and nothing else that this machine may have in the same folders. */
function linkTools(bin: string): void {
  for (const tool of ['cat', 'chmod', 'mkdir', 'mv', 'rm', 'sleep', 'touch']) {
    symlinkSync(['/bin', '/usr/bin'].map((folder) => join(folder, tool)).find(existsSync) ?? '', join(bin, tool));
  }
}

function newCase() {
  const folder = newFolder();
  const [bin, cache, calls] = ['bin', 'cache', 'calls'].map((name) => join(folder, name)) as [string, string, string];
  mkdirSync(bin);
  linkTools(bin);
  const output: string[] = [];
  const options: FindOptions = {
    env: { PATH: bin },
    cache,
    progress: createProgress({ write: (text) => output.push(text) }),
    download: () => Promise.reject(new Error('no network in this test')),
  };
  const cached = join(cache, 'temporal', TEMPORAL_CLI_VERSION, 'temporal');
  const callsOfGo = (): string[] => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);
  return { folder, bin, cache, calls, cached, options, callsOfGo };
}

test('a temporal on PATH comes before the one in the cache', async () => {
  const { bin, cached, options } = newCase();
  writeProgram(cached, TEMPORAL);
  const path = writeProgram(join(bin, 'temporal'), TEMPORAL);
  expect(await findTemporal(options)).toEqual({ path, from: 'path' });
});

test('a program on PATH that only has the name is passed over', async () => {
  const { bin, cached, options } = newCase();
  writeProgram(join(bin, 'temporal'), '#!/bin/sh\nexit 1\n');
  writeProgram(cached, TEMPORAL);
  expect(await findTemporal(options)).toEqual({ path: cached, from: 'cache' });
});

test('the download comes before a build', async () => {
  const { bin, folder, calls, options, callsOfGo } = newCase();
  const path = writeProgram(join(folder, 'downloaded/temporal'), TEMPORAL);
  writeProgram(join(bin, 'go'), goThat(calls, builds));
  expect(await findTemporal({ ...options, download: async () => path })).toEqual({ path, from: 'download' });
  expect(callsOfGo()).toEqual([]);
});

test('without all of these it is built with Go into the cache, and found there the next time', async () => {
  const { bin, cached, calls, options, callsOfGo } = newCase();
  writeProgram(join(bin, 'go'), goThat(calls, builds));
  expect(await findTemporal(options)).toEqual({ path: cached, from: 'build' });
  expect(await findTemporal(options)).toEqual({ path: cached, from: 'cache' });
  expect(callsOfGo()).toHaveLength(1);
});

test('the build uses Go folders of its own, none at home, and removes them after it', async () => {
  const { bin, cached, calls, options, callsOfGo } = newCase();
  writeProgram(join(bin, 'go'), goThat(calls, builds));
  await findTemporal(options);
  expect(callsOfGo()[0]).toBe(
    `0 -modcacherw ${cached}.build/path ${cached}.build/mod ${cached}.build/cache install -trimpath -ldflags -s -w ` +
      `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`,
  );
  expect(readdirSync(dirname(cached))).toEqual(['temporal']);
});

test('two that build at once build once', async () => {
  const { bin, cached, calls, options, callsOfGo } = newCase();
  writeProgram(join(bin, 'go'), goThat(calls, `sleep 1\n${builds}`));
  const found = await Promise.all([findTemporal(options), findTemporal(options)]);
  expect(found.map(({ path }) => path)).toEqual([cached, cached]);
  expect(callsOfGo()).toHaveLength(1);
});

test('an interrupted build leaves no program, no caches and no process', async () => {
  const { folder, bin, cached, calls, options, callsOfGo } = newCase();
  writeProgram(join(bin, 'go'), goThat(calls, 'touch "$GOBIN/temporal"; sleep 600'));
  const stopping = new AbortController();
  const finding = findTemporal({ ...options, signal: stopping.signal });
  await until(() => callsOfGo().length === 1);
  stopping.abort(new Error('stopped'));
  await expect(finding).rejects.toThrow('stopped');
  expect(readdirSync(dirname(cached))).toEqual([]);
  await until(() => processesAbout(folder).length === 0);
});

test('a start that is killed in the midst of the build leaves no caches and no process', async () => {
  const { folder, bin, cached, calls, options, callsOfGo } = newCase();
  writeProgram(join(bin, 'go'), goThat(calls, 'sleep 600'));
  const input = JSON.stringify({ target: cached, env: options.env });
  const starter = runScript(`
    import { buildTemporal } from './dist/dev/temporal-build.js';
    await buildTemporal({ ...${input}, say: () => {}, isPresent: async () => false });
  `);
  await until(() => callsOfGo().length === 1);
  starter.process.kill('SIGKILL');
  await until(() => processesAbout(folder).length === 0);
  expect(existsSync(`${cached}.build`)).toBe(false);
});

test('a build that was killed before is begun anew', async () => {
  const { bin, cached, calls, options } = newCase();
  mkdirSync(`${cached}.build/bin`, { recursive: true });
  writeFileSync(`${cached}.build/bin/temporal`, 'half a program');
  writeFileSync(`${cached}.lock`, '999999 1');
  writeProgram(join(bin, 'go'), goThat(calls, builds));
  expect(await findTemporal(options)).toEqual({ path: cached, from: 'build' });
});

test('when no way works, one message names what was tried and every way to get one', async () => {
  const { bin, calls, options } = newCase();
  writeProgram(join(bin, 'go'), goThat(calls, 'echo "go: proxy is closed" >&2; exit 1'));
  const failure = await findTemporal(options).then(() => '', String);
  for (const text of ['TEMPORAL_ADDRESS', 'on PATH', 'Go 1.25', 'no network in this test', 'go: proxy is closed']) {
    expect(failure).toContain(text);
  }
});

test('the message tells that Go is missing', async () => {
  const { options } = newCase();
  await expect(findTemporal({ ...options, env: { PATH: '/nowhere' } })).rejects.toThrow(/no `go` on PATH/);
});

const faults = [
  ['cannot be made', 'EEXIST', (cache: string) => writeFileSync(cache, ''), ''],
  [
    'is full in the midst of the build',
    'no space left on device',
    () => undefined,
    'echo "write mod.zip: no space left on device" >&2; exit 1',
  ],
] as const;

test.each(faults)('a cache that %s is named with the two ways out of it, and nothing else', async (...fault_case) => {
  const [, words, spoil, then] = fault_case;
  const { bin, cache, calls, options } = newCase();
  spoil(cache);
  writeProgram(join(bin, 'go'), goThat(calls, then));
  const fault: Error = await findTemporal(options).then(
    () => new Error('it found one'),
    (error) => error,
  );
  expect(fault.message).toContain(words);
  expect(fault.message).toContain(`let Placet write below ${cache}, with space for a build, or set PLACET_CACHE`);
  expect(describeFault(fault, '/elsewhere')).toBe(fault.message);
  // What stands in for the built one in the scripts has to know the same error.
  const scripts = await import('../../scripts/fault.mjs' as string);
  expect(scripts.describeFault(fault, '/elsewhere')).toBe(fault.message);
});

test('what a download left in a cache is found, also when nothing more can be kept there', async () => {
  const { folder, cache, options } = newCase();
  writeFileSync(cache, '');
  const path = writeProgram(join(folder, 'downloaded/temporal'), TEMPORAL);
  expect(await findTemporal({ ...options, download: async () => path })).toEqual({ path, from: 'download' });
});

test('half a program in the cache is named when no other can be had', async () => {
  const { cached, options } = newCase();
  writeProgram(cached, 'half a program');
  await expect(findTemporal(options)).rejects.toThrow(`${cached} does not answer`);
});

test('the message tells in the words of the download why it did not come', async () => {
  const { bin, cache } = newCase();
  mkdirSync(join(cache, 'temporal'), { recursive: true });
  writeFileSync(join(cache, 'temporal/download'), 'a file where the folder should be');
  const env = JSON.stringify({ PATH: bin });
  const code = `
    import { findTemporal } from './dist/dev/temporal-find.js';
    const progress = { note: () => {}, step: (_, work) => work(() => {}) };
    await findTemporal({ env: ${env}, cache: ${JSON.stringify(cache)}, progress }).catch((error) => console.log(error.message));
  `;
  const run = runScript(code);
  await run.ended;
  expect(run.output()).toMatch(/the SDK's download: EEXIST: .*temporal\/download/);
});

test('the runs that tests start are told the cache of this run, so that none of them builds a server of its own', () => {
  const cache = process.env['PLACET_CACHE'] ?? '';
  const { path: _path, ...others } = { path: process.env['PATH'], PLACET_CACHE: cache };
  expect(others).toEqual({ PLACET_CACHE: expect.stringMatching(/^\/./) });
});
