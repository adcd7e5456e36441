// The demo as a person runs it: a stack of its own, every step held, nothing left behind.

import { expect, test } from '@jest/globals';
import { runProgram } from '../support/processes.ts';

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

/** The settings of this run's own servers would lead the demo away from its own. */
const withoutServers = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PLACET_TEST|TEMPORAL)_/.test(name)));
