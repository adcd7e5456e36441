// The playground's clock: real time plus what a test added, or frozen. Everything that expires asks it; nothing else reads Date.

export type Clock = {
  /** Unix milliseconds. */
  now(): number;
  /** Runs `job` once `ms` have passed on this clock; the answer cancels it. */
  after(ms: number, job: () => void): () => void;
  /** Moves the clock on and runs what became due, in order. */
  advance(ms: number): void;
  /** Cancels every waiting job. */
  stop(): void;
};

type Job = { due: number; run: () => void; timer: NodeJS.Timeout | null };

/** A clock; with `frozenAt` (Unix milliseconds) it moves by `advance` only. */
export function createClock(frozenAt?: number): Clock {
  let offset = 0;
  const jobs = new Set<Job>();
  const now = () => (frozenAt ?? Date.now()) + offset;

  const arm = (job: Job) => {
    if (frozenAt !== undefined) return;
    if (job.timer) clearTimeout(job.timer);
    job.timer = setTimeout(() => fire(job), Math.max(0, job.due - now()));
    job.timer.unref();
  };
  const fire = (job: Job) => {
    if (!jobs.delete(job)) return;
    if (job.timer) clearTimeout(job.timer);
    job.run();
  };

  return {
    now,
    after(ms, run) {
      const job: Job = { due: now() + ms, run, timer: null };
      jobs.add(job);
      arm(job);
      return () => {
        if (job.timer) clearTimeout(job.timer);
        jobs.delete(job);
      };
    },
    advance(ms) {
      offset += ms;
      const due = [...jobs].filter((job) => job.due <= now()).sort((a, b) => a.due - b.due);
      for (const job of due) fire(job);
      for (const job of jobs) arm(job);
    },
    stop() {
      for (const job of jobs) if (job.timer) clearTimeout(job.timer);
      jobs.clear();
    },
  };
}
