// What many ask for at the same moment goes together: whoever comes while others are under way goes with the next ones.

import { hasCode } from '../domain/errors.ts';

/** Runs an input with those that wait beside it, of the same key; `run` answers one outcome for each, in their order. */
export type Together<I, O> = (
  key: string,
  input: I,
  run: (inputs: readonly I[]) => Promise<readonly O[]>,
) => Promise<O>;

type Waiting<I, O> = {
  readonly input: I;
  readonly resolve: (outcome: O) => void;
  readonly reject: (reason: unknown) => void;
};

export type TogetherLimits = {
  /** So many runs of a key at the same time. */
  readonly runs_max: number;
  /** So many inputs of one run. */
  readonly inputs_max: number;
};

/**
 * Gathers inputs under load. Nobody waits for company: while fewer than `runs_max` are under way an input goes at once. Where
 * one of several made the run fail, each goes again alone, so that it fails for itself only. Where a part of ours is down
 * they all hear that at once: alone each of them would only wait for it again.
 */
export function goTogether<I, O>({ runs_max, inputs_max }: TogetherLimits): Together<I, O> {
  const lanes = new Map<string, { running: number; waiting: Waiting<I, O>[] }>();
  return (key, input, run) => {
    const lane = lanes.get(key) ?? { running: 0, waiting: [] };
    lanes.set(key, lane);
    const begin = (): void => {
      while (lane.running < runs_max && lane.waiting.length > 0) {
        lane.running += 1;
        void settle(lane.waiting.splice(0, inputs_max), run).then(() => {
          lane.running -= 1;
          begin();
          if (lane.running === 0) lanes.delete(key);
        });
      }
    };
    return new Promise((resolve, reject) => {
      lane.waiting.push({ input, resolve, reject });
      begin();
    });
  };
}

/** Runs each input by itself. */
export async function goAlone<I, O>(
  _key: string,
  input: I,
  run: (inputs: readonly I[]) => Promise<readonly O[]>,
): Promise<O> {
  const [outcome] = await run([input]);
  return outcome as O;
}

async function settle<I, O>(
  all: readonly Waiting<I, O>[],
  run: (inputs: readonly I[]) => Promise<readonly O[]>,
): Promise<void> {
  try {
    const outcomes = await run(all.map(({ input }) => input));
    all.forEach(({ resolve }, at) => void resolve(outcomes[at] as O));
  } catch (error) {
    const isShared = all.length === 1 || hasCode(error, 'unavailable');
    if (isShared) for (const { reject } of all) reject(error);
    else for (const each of all) await settle([each], run);
  }
}
