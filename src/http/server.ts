// Builds the HTTP server of the API out of its parts: limits, headers, strict bodies, problems, routes, a bounded close.
// It opens no port; the caller listens.

import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { PlacetError } from '../domain/errors.ts';
import type { Metrics } from '../observe/metrics.ts';
import { type AnswerLog, registerAnswerLog } from './answer-log.ts';
import { registerAgents } from './api/agents.ts';
import { registerApprovalRequests } from './api/approval-requests.ts';
import { registerApproverGroups } from './api/approver-groups.ts';
import { registerAuditEvents } from './api/audit-events.ts';
import { registerExecutions } from './api/executions.ts';
import { registerLeases } from './api/leases.ts';
import { registerOpenApi } from './api/openapi.ts';
import { registerPolicy } from './api/policy.ts';
import { registerRevocations } from './api/revocations.ts';
import { createWaits, type Waits } from './api/waits.ts';
import { registerWellKnown } from './api/well-known.ts';
import { COUNTED_KEYS_MAX, createGuards } from './auth.ts';
import { BODY_BYTES_MAX, registerBodyParser } from './body.ts';
import { createClientErrorHandler } from './client-error.ts';
import type { ApiDeps, ApiLog } from './deps.ts';
import { registerDoors } from './doors.ts';
import { type HealthDeps, registerHealth } from './health.ts';
import { registerMethods } from './methods.ts';
import { registerOAuth } from './oauth/endpoints.ts';
import { RESOURCE_METADATA_PATH, registerMetadata } from './oauth/metadata.ts';

/** A body of 64 KiB over a bad line; a slower sender is one that holds sockets on purpose. */
const RECEIVE_MS_MAX = 15_000;
/** Longer than the idle time of common load balancers (60 s), so that they close first and never hit a closed socket. */
const KEEP_ALIVE_MS = 75_000;
/** One use case is a few statements; the database's own limits end them sooner. Long polls have their own. */
const HANDLER_MS_MAX = 20_000;
/** Time for what is running at a close; then the sockets are cut. */
const CLOSE_MS_MAX = 10_000;
/** The loop is this late on average for a second: new work would only wait. */
const LOOP_DELAY_MS_MAX = 1_500;
/** Answered in any case: a process that is busy or closing must not be killed for it or go unseen. */
const ALWAYS_ANSWERED: ReadonlySet<string> = new Set(['/livez', '/metrics']);

export type HttpOptions = {
  readonly rate_limit_per_minute: number;
  readonly public_url: string;
  readonly version: string;
  /** How long a close waits for what is running; ten seconds unless told. */
  readonly close_ms_max?: number;
  /** How late the event loop may be before new work is refused; a process that is also its own client is later. */
  readonly loop_delay_ms_max?: number;
};

type Parts = { readonly log: ApiLog; readonly metrics: Metrics };

/** The API as a Fastify instance, ready to listen; close() answers the waiting agents first and is bounded. */
export function createHttpServer(
  parts: Parts & { readonly options: HttpOptions; readonly deps: ApiDeps },
): FastifyInstance {
  const { options, deps, metrics } = parts;
  const { app, answerLog } = createBase(parts);
  const waits = createWaits(metrics.setWaiting);
  registerClose(app, waits, options.close_ms_max);
  app.register(rateLimit, { global: false, cache: COUNTED_KEYS_MAX });
  const { loop_delay_ms_max: maxEventLoopDelay = LOOP_DELAY_MS_MAX } = options;
  app.register(underPressure, { maxEventLoopDelay, pressureHandler: refuseWhenLate });
  registerOpenApi(app, options);
  registerResource(app, options.public_url);
  app.register(async (scope) => {
    const api = scope.withTypeProvider<ZodTypeProvider>();
    const guards = createGuards(scope, {
      deps,
      rate_per_minute: options.rate_limit_per_minute,
      onCaller: answerLog.caller,
    });
    registerDoors(scope, guards.requirePermission);
    const { public_url } = options;
    const context = { app: api, deps, guards, waits, metrics, public_url };
    registerApprovalRequests(context);
    registerExecutions(context);
    registerLeases(context);
    registerRevocations(context);
    registerAgents(context);
    registerApproverGroups(context);
    registerAuditEvents(context);
    // In a scope of its own: only these routes take a policy file.
    scope.register(async (inner) => registerPolicy({ ...context, app: inner.withTypeProvider<ZodTypeProvider>() }));
    // In a scope of its own: only these routes take forms, and their errors are OAuth's.
    scope.register(async (inner) =>
      registerOAuth({ ...context, app: inner.withTypeProvider<ZodTypeProvider>() }, answerLog),
    );
    registerMetadata(context);
    registerWellKnown(api, deps);
    registerHealth(api, deps, metrics);
  });
  return app;
}

/** Whoever is refused for want of a key or credential is told where to read how this API is protected (RFC 9728 section 5). */
function registerResource(app: FastifyInstance, public_url: string): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    const challenge = reply.getHeader('www-authenticate');
    if (typeof challenge === 'string' && !challenge.startsWith('Basic')) {
      reply.header('www-authenticate', `${challenge}, resource_metadata="${public_url}${RESOURCE_METADATA_PATH}"`);
    }
    return payload;
  });
}

/** Only /livez, /readyz and /metrics, for the processes that serve no API. */
export function createProbeServer(parts: Parts & { readonly deps: HealthDeps }): FastifyInstance {
  const { app } = createBase(parts);
  registerClose(
    app,
    createWaits(() => undefined),
  );
  app.register(async (scope) => registerHealth(scope.withTypeProvider<ZodTypeProvider>(), parts.deps, parts.metrics));
  return app;
}

function createBase({ log, metrics }: Parts): { app: FastifyInstance; answerLog: AnswerLog } {
  let failed: AnswerLog['failed'] | undefined;
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: RECEIVE_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    handlerTimeout: HANDLER_MS_MAX,
    forceCloseConnections: 'idle',
    // Requests that reach a closing server are answered by our own hook, as problems.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    clientErrorHandler: createClientErrorHandler(log),
    frameworkErrors: (error, request, reply) => failed?.(error, request, addHeaders(request, reply)),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  registerBodyParser(app);
  const answerLog = registerAnswerLog(app, { log, metrics });
  failed = answerLog.failed;
  app.setErrorHandler(answerLog.failed);
  app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  });
  app.addHook('onRequest', async (request, reply) => void addHeaders(request, reply));
  registerMethods(app);
  return { app, answerLog };
}

function addHeaders(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.header('x-request-id', request.id).header('cache-control', 'no-store');
}

/** For a process that is overloaded or closing: another one, or a later try, will do. */
async function refuseForNow(request: FastifyRequest): Promise<void> {
  if (!ALWAYS_ANSWERED.has(request.routeOptions.url ?? '')) throw new PlacetError('unavailable');
}

/** The library says Infinity of a loop that it could not measure, because it stood still once; that is no lateness. */
async function refuseWhenLate(
  request: FastifyRequest,
  _reply: unknown,
  _type: string,
  late_ms?: number,
): Promise<void> {
  if (late_ms !== Number.POSITIVE_INFINITY) await refuseForNow(request);
}

/** At close: waiting agents get the state as it is, newcomers 503, and after `close_ms_max` the sockets are cut. */
function registerClose(app: FastifyInstance, waits: Waits, close_ms_max = CLOSE_MS_MAX): void {
  app.addHook('onRequest', async (request) => {
    if (waits.isClosing()) await refuseForNow(request);
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    if (waits.isClosing()) reply.header('connection', 'close');
    return payload;
  });
  app.addHook('preClose', async () => {
    waits.endAll();
    const cut = setTimeout(() => app.server.closeAllConnections(), close_ms_max);
    cut.unref();
    app.server.once('close', () => clearTimeout(cut));
  });
}
