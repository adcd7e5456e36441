// The demo as a person runs it: a stack of its own, every step held, nothing left behind.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
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
    const { code, out, err } = await run(['demo', '--json']);
    const steps = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: string; ok: boolean });
    const expected = STEPS.map((step) => ({ step, ok: true }));
    expect({ steps, code, err: code === 0 ? '' : err }).toEqual({ steps: expected, code: 0, err: '' });
  },
  TIMEOUT_MS,
);

async function run(argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  // The settings of this run's own servers would lead the demo away from its own.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PLACET_TEST|TEMPORAL)_/.test(name)),
  );
  const child = spawn(process.execPath, [PROGRAM, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}
