// Random programs: which requests there are, and what each of several lanes does to them at the same time.

import fc from 'fast-check';
import type { AgentName, Body } from './calls.ts';
import { agent, body, LIKELY, type Move, move, PLANS, seldom } from './move.ts';
import { late, merged, moved, renamed, rotated, whole } from './ways.ts';

/** A request as it is planned: by which agent, and the two bodies that are sent under its key. */
export type Plan = { readonly agent: AgentName; readonly bodies: readonly [Body, Body] };

export type Program = {
  readonly plans: readonly Plan[];
  readonly lanes: readonly (readonly Move[])[];
  /** The worker stands still while the lanes run: time passes, and no row says so. */
  readonly is_worker_away: boolean;
};

/** So many are there when the lanes begin; those left to the lanes meet policies of their own, and their own repeats. */
export const PLANS_BEFORE = 2;
const LANES = 4;
const STEPS_MIN = 4;
const STEPS_MAX = 8;

const lane = fc
  .array(
    fc.oneof(
      { weight: 48, arbitrary: move.map((one) => [one]) },
      { weight: 9, arbitrary: whole },
      { weight: 6, arbitrary: late },
      { weight: 1, arbitrary: rotated },
      { weight: 2, arbitrary: moved },
      { weight: 1, arbitrary: merged },
      { weight: 1, arbitrary: renamed },
    ),
    { minLength: STEPS_MIN, maxLength: STEPS_MAX, size: 'max' },
  )
  .map((steps) => steps.flat());

/** While the worker is away one request ends by the clock alone, and each lane meets its end. */
function withEnd(program: Program): Program {
  const [first, ...others] = program.plans;
  if (!program.is_worker_away || first === undefined) return program;
  const [body, repeated] = first.bodies;
  const plans: readonly Plan[] = [{ ...first, bodies: [{ ...body, seconds: 2 }, repeated] }, ...others];
  const lanes = program.lanes.map((moves, index): readonly Move[] => {
    const late: Move = { kind: 'approve', slot: 0, times: 1, who: LIKELY[index] ?? 'ann' };
    return [...moves.slice(0, STEPS_MIN), { kind: 'rest', slot: 0 }, late, ...moves.slice(STEPS_MIN)];
  });
  return { ...program, plans, lanes };
}

/** Programs of a few requests and four lanes. */
export const programs: fc.Arbitrary<Program> = fc
  .record({
    plans: fc.array(fc.record({ agent, bodies: fc.tuple(body, body) }), { minLength: PLANS, maxLength: PLANS }),
    lanes: fc.array(lane, { minLength: LANES, maxLength: LANES }),
    is_worker_away: seldom,
  })
  .map(withEnd);
