// The usual ways to stop a program, as one abort signal, for as long as a start or a run lasts.

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** An abort signal that the first stop signal sets off; `release` gives the signals back. */
export function onStopSignals(): { readonly signal: AbortSignal; release(): void } {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('stopped'));
  for (const name of STOP_SIGNALS) process.on(name, stop);
  const release = () => {
    for (const name of STOP_SIGNALS) process.off(name, stop);
  };
  return { signal: stopping.signal, release };
}
