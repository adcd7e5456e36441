// What is kept of an agent run, so that it goes on after a pause or a crash: its session, and which calls it was at. A call that
// the model wants again is known by its tool and arguments, since a resumed session gives it another id. Nothing here decides.
import type { CallReference, Gate } from '@placet/sdk';
import { sha256Digest } from '@placet/sdk';
import { canonicalBytes } from '@placet/sdk/canonical';

export type KeptCall = {
  /** The id under which it was asked for. */
  readonly id: string;
  readonly tool: string;
  /** Their digest. */
  readonly arguments: string;
  /** Of a call that waits for people. */
  readonly reference: CallReference | null;
};
export type KeptRun = { readonly session: string; readonly calls: readonly KeptCall[] };

export type Keeper = {
  /** What was saved of this run; nothing when it is new. */
  readonly load: () => Promise<KeptRun | null | undefined>;
  readonly save: (kept: KeptRun) => Promise<unknown>;
};

type Wanted = { readonly session: string; readonly id: string; readonly tool: string; readonly arguments: unknown };

export type KeptCalls = ReturnType<typeof keepCalls>;

export function keepCalls({ load, save }: Keeper) {
  let session = '';
  let calls: readonly KeptCall[] = [];
  /** Of an earlier turn, and not wanted again in this one: only those can be meant by a call with another id. */
  let earlier: readonly KeptCall[] = [];
  /** Those whose requests are decided. Who is not called again then is not waited for any more. */
  let decided = new Set<string>();
  const put = (call: KeptCall) => {
    calls = [...calls.filter(({ id }) => id !== call.id), call];
    return save({ session, calls });
  };
  return {
    open: async (): Promise<void> => {
      ({ session, calls } = (await load()) ?? { session: '', calls: [] });
    },
    /** The session to resume; an empty text of a run that has not begun. */
    session: () => session,
    /** True when the run has stopped at a call: people decide on it, or its process has died. */
    isInterrupted: () => calls.length > 0,
    beginTurn: () => {
      earlier = calls;
    },
    /** The call as it was asked for before, or as a new one. Saved first, so that a crash asks for nothing twice. */
    meet: async (wanted: Wanted): Promise<KeptCall> => {
      const { id, tool } = wanted;
      const digest = sha256Digest(canonicalBytes(wanted.arguments as never));
      const isSame = (call: KeptCall) => call.tool === tool && call.arguments === digest;
      const known = earlier.find((call) => call.id === id && isSame(call)) ?? earlier.find(isSame);
      earlier = earlier.filter((call) => call !== known);
      const met = { id: known?.id ?? id, tool, arguments: digest, reference: null };
      decided.delete(met.id);
      ({ session } = wanted);
      await put(met);
      return met;
    },
    setPending: (call: KeptCall, reference: CallReference) => put({ ...call, reference }),
    /** How many calls wait for people now. */
    pending: () => calls.filter(({ reference }) => reference !== null).length,
    /** The turn has told the model how its calls ended: only what is pending is kept. */
    endTurn: async () => {
      calls = calls.filter(({ id, reference }) => reference !== null && !decided.has(id));
      await save({ session, calls });
    },
    /** Waits until people have decided on one of the calls. */
    waitForFirst: async (gate: Gate, signal?: AbortSignal): Promise<void> => {
      const done = new AbortController();
      const either = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
      const waiting = calls.flatMap(({ id, reference }) => (reference === null ? [] : [{ id, request: reference.id }]));
      const waits = waiting.map(({ request }) => gate.wait(request, { signal: either }));
      try {
        await Promise.race(waits);
      } finally {
        done.abort();
        await Promise.allSettled(waits);
      }
      const now = await Promise.all(waiting.map(({ request }) => gate.wait(request, { timeoutSeconds: 0, signal })));
      decided = new Set(waiting.filter((_, place) => now[place]?.state !== 'pending').map(({ id }) => id));
    },
  };
}
