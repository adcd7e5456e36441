// Who is calling: the bearer of the Authorization header, the agent behind an agent key, the administrator behind an admin token,
// and how often each may try. Key and token themselves are judged by the service; they are never kept or logged here.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ERRORS, PlacetError } from '../domain/errors.ts';
import type { AdminTokenPrincipal, AgentPrincipal, Client } from '../domain/people/principal.ts';
import { mayPass, type Permission } from '../domain/people/roles.ts';
import type { Reporter } from '../service/agent/report.ts';
import type { ApiDeps } from './deps.ts';

const AGENT_KEY_PREFIX = 'plk_';
/** RFC 6750 section 2.1; a credential is about 1,000 characters. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,8192}=*)$/i;
/** RFC 9449 section 7.1. */
const DPOP = /^DPoP +([A-Za-z0-9._~+/-]{1,8192}=*)$/i;
const MINUTE_MS = 60_000;
/** Failures that an address may cause for each request that an agent may make: 60 a minute unless set otherwise. */
const FAILURES_PER_REQUEST = 0.1;
/** Agents and addresses counted at once in one process; the one seen longest ago is forgotten first. */
export const COUNTED_KEYS_MAX = 10_000;

/** A credential, and whether it was sent as bound to a key. */
type CredentialOf = { readonly token: string; readonly scheme: 'Bearer' | 'DPoP' };

/** An OAuth client as it came: by its id, or by its secret alone where it is sent as a bearer. */
export type PresentedClient = {
  readonly id: string | null;
  readonly secret: string | null;
  readonly is_bearer?: boolean;
};

export type Guards = {
  /** Hook: the caller is an agent with a valid key and within its rate. */
  readonly requireAgent: (request: FastifyRequest) => Promise<void>;
  /** Hook: some bearer is there; whether it is a valid credential is judged with the body at hand. */
  readonly requireCredential: (request: FastifyRequest) => Promise<void>;
  /** The bearer as a credential; throws credential_invalid when there is none. */
  readonly credentialOf: (request: FastifyRequest) => CredentialOf;
  /** Hook: an agent, or anyone with a bearer that is no agent key. */
  readonly requireReporter: (request: FastifyRequest) => Promise<void>;
  /** Hook: the caller bears an admin token that may do this now. */
  readonly requirePermission: (permission: Permission) => (request: FastifyRequest) => Promise<void>;
  readonly administratorOf: (request: FastifyRequest) => AdminTokenPrincipal;
  /** The OAuth client behind an id and a secret: an agent, or whoever's admin token has this permission now. */
  readonly requireClient: (
    request: FastifyRequest,
    presented: PresentedClient,
    permission: Permission | null,
  ) => Promise<Client>;
  readonly callerOf: (request: FastifyRequest) => AgentPrincipal;
  readonly reporterOf: (request: FastifyRequest) => Reporter;
  /** Runs what judges a credential, and counts a 401 against the address. */
  readonly countFailures: <T>(request: FastifyRequest, judge: () => Promise<T>) => Promise<T>;
};

type GuardParts = {
  readonly deps: Pick<ApiDeps, 'authenticate' | 'authenticateToken' | 'recordTokenRefused'>;
  readonly rate_per_minute: number;
  readonly onCaller: (request: FastifyRequest, agent_id: string) => void;
};

/** Builds the guards; the rate limits are per agent and, for failures, per address, in this process. */
export function createGuards(app: FastifyInstance, { deps, rate_per_minute, onCaller }: GuardParts): Guards {
  const callers = new WeakMap<FastifyRequest, AgentPrincipal>();
  const administrators = new WeakMap<FastifyRequest, AdminTokenPrincipal>();
  const countCaller = app.createRateLimit({
    max: rate_per_minute,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => (administrators.get(request) ?? callerOf(request)).id,
  });
  const failuresPerMinute = Math.ceil(rate_per_minute * FAILURES_PER_REQUEST);
  const countFailure = app.createRateLimit({ max: failuresPerMinute, timeWindow: MINUTE_MS });

  function callerOf(request: FastifyRequest): AgentPrincipal {
    const caller = callers.get(request);
    if (caller === undefined) throw new PlacetError('agent_key_invalid');
    return caller;
  }

  function administratorOf(request: FastifyRequest): AdminTokenPrincipal {
    const caller = administrators.get(request);
    if (caller === undefined) throw new PlacetError('admin_token_invalid');
    return caller;
  }

  const requirePermission = (permission: Permission) => async (request: FastifyRequest) => {
    const caller = await countFailures(request, () => deps.authenticateToken(bearerOf(request)));
    administrators.set(request, caller);
    onCaller(request, caller.id);
    await enforce(countCaller(request));
    await enforcePermission(caller, permission);
  };

  async function enforcePermission(caller: AdminTokenPrincipal, permission: Permission): Promise<void> {
    if (mayPass(permission, caller.permissions)) return;
    await deps.recordTokenRefused(caller, permission);
    throw new PlacetError('permission_missing', { permission });
  }

  const requireClient: Guards['requireClient'] = async (request, presented, permission) => {
    const client = await countFailures(request, () => clientOf(presented));
    if (client.kind === 'agent') callers.set(request, client);
    else administrators.set(request, client);
    onCaller(request, client.id);
    await enforce(countCaller(request));
    if (client.kind === 'admin_token') await enforcePermission(client, permission ?? 'requests.ask');
    return client;
  };

  async function clientOf({ id, secret, is_bearer = false }: PresentedClient): Promise<Client> {
    if (secret === null) throw new PlacetError('client_invalid');
    const isAgent = secret.startsWith(AGENT_KEY_PREFIX);
    const client = await (isAgent ? deps.authenticate(secret) : deps.authenticateToken(secret));
    // A secret proves who it is of, and so no client but that one.
    if (!is_bearer && id !== client.id) throw new PlacetError('client_invalid');
    return client;
  }

  async function countFailures<T>(request: FastifyRequest, judge: () => Promise<T>): Promise<T> {
    try {
      return await judge();
    } catch (error) {
      // Only failures are slowed: behind a shared address one broken agent must not lock out the others.
      if (isUnauthenticated(error)) await enforce(countFailure(request), 'Too many failed attempts from this address.');
      throw error;
    }
  }

  async function requireAgent(request: FastifyRequest): Promise<void> {
    const caller = await countFailures(request, () => deps.authenticate(bearerOf(request)));
    callers.set(request, caller);
    onCaller(request, caller.id);
    await enforce(countCaller(request));
  }

  async function requireReporter(request: FastifyRequest): Promise<void> {
    const bearer = bearerOf(request);
    const isBound = DPOP.test(request.headers.authorization ?? '');
    if (!isBound && (bearer === undefined || bearer.startsWith(AGENT_KEY_PREFIX))) await requireAgent(request);
  }

  async function requireCredential(request: FastifyRequest): Promise<void> {
    await countFailures(request, async () => credentialOf(request));
  }

  function reporterOf(request: FastifyRequest): Reporter {
    const caller = callers.get(request);
    return caller === undefined ? credentialOf(request) : { caller };
  }

  return {
    ...{ requireAgent, requireCredential, requireReporter, requirePermission, requireClient },
    ...{ callerOf, administratorOf, reporterOf, credentialOf, countFailures },
  };
}

function bearerOf(request: FastifyRequest): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1];
}

function credentialOf(request: FastifyRequest): CredentialOf {
  const bound = DPOP.exec(request.headers.authorization ?? '')?.[1];
  if (bound !== undefined) return { token: bound, scheme: 'DPoP' };
  const bearer = bearerOf(request);
  if (bearer === undefined) throw new PlacetError('credential_invalid');
  return { token: bearer, scheme: 'Bearer' };
}

function isUnauthenticated(error: unknown): boolean {
  return error instanceof PlacetError && ERRORS[error.code].status === 401;
}

type Counted = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

async function enforce(counting: Promise<Counted>, detail?: string): Promise<void> {
  const counted = await counting;
  if (counted.isAllowed || !counted.isExceeded) return;
  const retry_after_seconds = counted.ttlInSeconds;
  throw new PlacetError('rate_limited', { retry_after_seconds, ...(detail === undefined ? {} : { detail }) });
}
