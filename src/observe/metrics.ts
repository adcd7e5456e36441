// What Prometheus may read of one process, in a registry of its own. Labels are of bounded number: routes, never ids.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Up to a full long poll of 60 seconds and a little more. */
const DURATION_SECONDS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 75];

type Answered = {
  readonly operation: string;
  readonly status: number;
  /** The error's code, or "ok". */
  readonly outcome: string;
  readonly duration_seconds: number;
};

export type Metrics = {
  readonly countAnswer: (answered: Answered) => void;
  readonly countRequestState: (state: string) => void;
  readonly setWaiting: (count: number) => void;
  /** For the door that hears clicks: `outcome` is "counted", the kind of refusal, or "click_error". */
  readonly countDecision: (decision: string, outcome: string) => void;
  /** The text exposition format, and its media type. */
  readonly expose: () => Promise<{ readonly type: string; readonly text: string }>;
};

/** A fresh registry; `process` adds memory, event loop and garbage collection of this process. */
export function createMetrics(options: { readonly process: boolean } = { process: true }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process) collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'placet_http_request_duration_seconds',
    help: 'Time from a request to its answer; long polls include the wait.',
    labelNames: ['operation', 'status'],
    buckets: DURATION_SECONDS_BUCKETS,
    registers,
  });
  const operations = new Counter({
    name: 'placet_operations_total',
    help: 'Answers of the API by operation (submit, claim, use, ...) and outcome: ok or the error code.',
    labelNames: ['operation', 'outcome'],
    registers,
  });
  const requests = new Counter({
    name: 'placet_approval_requests_total',
    help: 'Answers to a submit by the state of the approval request; repeats with the same key count again.',
    labelNames: ['state'],
    registers,
  });
  const waiting = new Gauge({ name: 'placet_long_polls_waiting', help: 'Agents that wait right now.', registers });
  const decisions = new Counter({
    name: 'placet_decisions_total',
    help: 'Decisions in Slack by what was clicked and what became of it: counted, why it was refused, or a click error.',
    labelNames: ['decision', 'outcome'],
    registers,
  });
  return {
    countAnswer({ operation, status, outcome, duration_seconds }) {
      durations.observe({ operation, status }, duration_seconds);
      operations.inc({ operation, outcome });
    },
    countRequestState: (state) => requests.inc({ state }),
    setWaiting: (count) => waiting.set(count),
    countDecision: (decision, outcome) => decisions.inc({ decision, outcome }),
    expose: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
