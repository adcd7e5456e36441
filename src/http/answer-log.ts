// One log line and one measurement for each answer, at this door and nowhere else. Ids and codes, never headers or bodies.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, type PlacetError } from '../domain/errors.ts';
import { isId } from '../domain/ids.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { ApiLog } from './deps.ts';
import { sendProblem, toPlacetError } from './problem.ts';

/** Paths that are asked every few seconds by machines: their good answers are of no interest. */
const QUIET_OPERATIONS: ReadonlySet<string> = new Set(['is_live', 'is_ready', 'read_metrics']);

export type AnswerLog = {
  /** Remembers who called, for the log line. */
  readonly caller: (request: FastifyRequest, agent_id: string) => void;
  /** The error that was thrown, remembered. */
  readonly note: (error: unknown, request: FastifyRequest) => PlacetError;
  /** Turns what was thrown into a problem answer and remembers why. */
  readonly failed: (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;
  /** Logs what ended an answer of which a part was sent already: it gets no other one. */
  readonly broken: (request: FastifyRequest, error: unknown) => void;
};

/** Hooks into every answer of `app`. */
export function registerAnswerLog(
  app: FastifyInstance,
  to: { readonly log: ApiLog; readonly metrics: Metrics },
): AnswerLog {
  const problems = new WeakMap<FastifyRequest, PlacetError>();
  const callers = new WeakMap<FastifyRequest, string>();
  app.addHook('onResponse', async (request, reply) => {
    const problem = problems.get(request);
    const operation = operationOf(request);
    const status = reply.statusCode;
    to.metrics.countAnswer({
      operation,
      status,
      outcome: problem?.code ?? 'ok',
      duration_seconds: reply.elapsedTime / 1_000,
    });
    write(to.log, problem, operation, {
      reference: request.id,
      method: request.method,
      operation,
      status,
      duration_ms: Math.round(reply.elapsedTime),
      agent_id: callers.get(request),
      ...idsOf(request),
    });
  });
  const note: AnswerLog['note'] = (error, request) => {
    const problem = toPlacetError(error);
    problems.set(request, problem);
    return problem;
  };
  return {
    caller: (request, agent_id) => void callers.set(request, agent_id),
    note,
    failed: (error, request, reply) => sendProblem(reply, note(error, request)),
    broken(request, err) {
      to.log.error('broken off', { reference: request.id, operation: operationOf(request), err });
    },
  };
}

type Facts = Readonly<{ [name: string]: unknown }>;

function write(log: ApiLog, problem: PlacetError | undefined, operation: string, facts: Facts): void {
  if (problem === undefined) {
    if (QUIET_OPERATIONS.has(operation)) log.debug('answered', facts);
    else log.info('answered', facts);
    return;
  }
  const { code } = problem;
  const { status } = ERRORS[code];
  if (status === 503) log.warn('refused', { ...facts, code, err: problem.cause });
  else if (status >= 500) log.error('failed', { ...facts, code, err: problem.cause ?? problem });
  else log.info('refused', { ...facts, code });
}

function operationOf(request: FastifyRequest): string {
  return (request.routeOptions.schema as { operationId?: string } | undefined)?.operationId ?? 'unmatched';
}

function idsOf(request: FastifyRequest): Facts {
  const { id } = (request.params ?? {}) as { id?: string };
  if (id === undefined) return {};
  if (isId('request', id)) return { request_id: id };
  return isId('lease', id) ? { lease_id: id } : {};
}
