// Searches for one order of overlapping operations that a model allows (Wing and Gong, with a memory of what was tried).
// Knows nothing of the product: states are plain data, operations are steps at moments of their own.

/** A step happens at one moment; steps of one phase come in any order, all of an earlier phase before them. */
export type Step<S, L> = {
  readonly phase: number;
  /** What may come of it: each with the answer it would give, where this step gives one. None: it cannot happen now. */
  readonly run: (state: S, local: L) => readonly After<S, L>[];
};

export type After<S, L> = { readonly state: S; readonly local: L; readonly answer?: string };

export type Operation<S, L> = {
  readonly name: string;
  readonly begin: number;
  /** No moment after it; infinite for what may still happen. */
  readonly end: number;
  /** False for what may never happen, such as an end that nothing waits for. */
  readonly is_certain: boolean;
  /** What was heard; null where nobody listens, so that any answer fits. */
  readonly answer: string | null;
  readonly local: L;
  readonly steps: readonly Step<S, L>[];
};

/** An operation that could come next where the search got furthest, but does not fit. */
export type Stuck = { readonly name: string; readonly answered: string | null; readonly allowed: readonly string[] };

export type Verdict<S> =
  | { readonly kind: 'fits'; readonly order: readonly string[] }
  | { readonly kind: 'refused'; readonly order: readonly string[]; readonly state: S; readonly stuck: readonly Stuck[] }
  | { readonly kind: 'too_wide' };

/** Far beyond what four lanes of a history reach; past it the search would not end in this life. */
const CONFIGURATIONS_MAX = 400_000;

type Progress<L> = { readonly done: number; readonly local: L };
type Place<S, L> = { readonly state: S; readonly progress: readonly Progress<L>[]; readonly order: readonly string[] };

/** Whether some order of the operations, each within its interval, is one that the model allows. */
export function linearize<S, L>(start: S, operations: readonly Operation<S, L>[]): Verdict<S> {
  const tried = new Set<string>();
  const open: Place<S, L>[] = [
    { state: start, progress: operations.map(({ local }) => ({ done: 0, local })), order: [] },
  ];
  let furthest = open[0] as Place<S, L>;
  for (;;) {
    const place = open.pop();
    if (place === undefined) break;
    if (isWhole(operations, place)) return { kind: 'fits', order: place.order };
    const key = JSON.stringify([
      place.state,
      place.progress.map(({ done, local }) => (done === 0 ? 0 : [done, local])),
    ]);
    if (tried.has(key)) continue;
    if (tried.size === CONFIGURATIONS_MAX) return { kind: 'too_wide' };
    tried.add(key);
    if (place.order.length > furthest.order.length) furthest = place;
    // The last one pushed is tried first, and what began first has most likely happened first.
    for (const next of nextPlaces(operations, place).reverse()) open.push(next);
  }
  return { kind: 'refused', order: furthest.order, state: furthest.state, stuck: stuckAt(operations, furthest) };
}

function nextPlaces<S, L>(operations: readonly Operation<S, L>[], place: Place<S, L>): Place<S, L>[] {
  return ready(operations, place).flatMap(({ index, bit, operation, step }) => {
    const { local, done } = place.progress[index] as Progress<L>;
    return step.run(place.state, local).flatMap((after): Place<S, L>[] => {
      const { answer } = after;
      if (answer !== undefined && operation.answer !== null && answer !== operation.answer) return [];
      const progress = place.progress.with(index, { done: done | bit, local: after.local });
      const isLast = (done | bit) === wholeOf(operation);
      return [{ state: after.state, progress, order: isLast ? [...place.order, operation.name] : place.order }];
    });
  });
}

type Ready<S, L> = {
  readonly index: number;
  readonly bit: number;
  readonly operation: Operation<S, L>;
  readonly step: Step<S, L>;
};

/** Steps that may come next: nothing that had to end before they began is left undone. */
function ready<S, L>(operations: readonly Operation<S, L>[], { progress }: Place<S, L>): Ready<S, L>[] {
  const isLeft = (operation: Operation<S, L>, index: number) => progress[index]?.done !== wholeOf(operation);
  const left = operations.filter((operation, index) => operation.is_certain && isLeft(operation, index));
  const limit = Math.min(...left.map(({ end }) => end));
  return operations.flatMap((operation, index) => {
    if (operation.begin > limit) return [];
    const done = progress[index]?.done ?? 0;
    const missing = operation.steps.filter((_, place) => (done & (1 << place)) === 0);
    const phase = Math.min(...missing.map((step) => step.phase));
    return operation.steps.flatMap((step, place): Ready<S, L>[] => {
      const bit = 1 << place;
      return step.phase === phase && (done & bit) === 0 ? [{ index, bit, operation, step }] : [];
    });
  });
}

function isWhole<S, L>(operations: readonly Operation<S, L>[], { progress }: Place<S, L>): boolean {
  return operations.every((operation, index) => !operation.is_certain || progress[index]?.done === wholeOf(operation));
}

function wholeOf<S, L>({ steps }: Operation<S, L>): number {
  return (1 << steps.length) - 1;
}

function stuckAt<S, L>(operations: readonly Operation<S, L>[], place: Place<S, L>): Stuck[] {
  const next = new Set(ready(operations, place).map(({ index }) => index));
  return operations.flatMap((operation, index): Stuck[] => {
    const progress = place.progress[index];
    if (!operation.is_certain || !next.has(index) || progress === undefined) return [];
    const { name, answer: answered } = operation;
    return [{ name, answered, allowed: answersAtOnce(operation, progress, place.state) }];
  });
}

/** What the operation would answer if the rest of it happened now, in one go. */
function answersAtOnce<S, L>({ steps }: Operation<S, L>, { done, local }: Progress<L>, state: S): string[] {
  const rest = steps.filter((_, place) => (done & (1 << place)) === 0).sort((a, b) => a.phase - b.phase);
  const ways = rest.reduce<readonly After<S, L>[]>(
    (before, step) => before.flatMap((after) => step.run(after.state, after.local)),
    [{ state, local }],
  );
  return ways.flatMap(({ answer }) => answer ?? []);
}
