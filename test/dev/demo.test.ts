// The demo as a person runs it: a stack of its own, every step held, nothing left behind.

import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { newFolder, runProgram, runScript } from '../support/processes.ts';

/** About 20 s alone on two cores; the tests beside it take their share. */
const TIMEOUT_MS = 240_000;

const STEPS = [
  'approve',
  'claim',
  'second_claim',
  'other_action',
  'use',
  'second_use',
  'deny',
  'expire',
  'cancel',
  'double_click',
  'outsider',
  'owner',
  'record',
];

test(
  'placet demo plays every ending, each step holds, and the two views stay empty (INV-10)',
  async () => {
    const { code, out, err } = await runProgram(['demo', '--json'], withoutServers());
    const steps = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: string; ok: boolean });
    const expected = STEPS.map((step) => ({ step, ok: true }));
    expect({ steps, code, err: code === 0 ? '' : err }).toEqual({ steps: expected, code: 0, err: '' });
  },
  TIMEOUT_MS,
);

test('a demo that is interrupted while it starts ends in silence, leaves nothing, and clears what a killed one left', async () => {
  const place = newFolder();
  // PostgreSQL's own user may have to run its programs from here.
  chmodSync(place, 0o755);
  const killed = join(place, `placet-demo-${process.pid}-abcdef`);
  mkdirSync(join(killed, '.placet'), { recursive: true });
  writeFileSync(join(killed, 'started'), 'long ago');
  const code = "process.argv.push('placet', 'demo'); await import('./dist/dev/main.js');";
  const run = runScript(code, { ...withoutServers(), TMPDIR: place });
  await run.says('✓ PostgreSQL');
  run.process.kill('SIGINT');
  expect(await run.ended).toBe(130);
  expect(run.output()).not.toContain('stopped');
  expect(readdirSync(place)).toEqual([]);
});

/** The settings of this run's own servers would lead the demo away from its own. */
const withoutServers = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PLACET_TEST|TEMPORAL)_/.test(name)));
