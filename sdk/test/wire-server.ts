// The other side of the wire contract in a few lines of node:http: it answers as the approval API does, records what it
// was sent, and fails on demand. It shares no code with the client under test.
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import canonicalize from 'canonicalize';
import type { ApprovalRequest, RequestState } from '../src/index.ts';
import { AUDIENCE, type ForgedKey, forgeClaims, forgeKey, goodClaims, ISSUER, jwksOf } from './forge.ts';

type Snapshot = { method: string; path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> };
/** What goes wrong with the next call: the connection, or an answer that comes instead. */
type Fault = 'drop' | { status: number; retryAfter?: string; body?: string; after?: true };

export type WireServer = Awaited<ReturnType<typeof startWireServer>>;

type Answer = { status: number; body: unknown };
const problem = (status: number, code: string): Answer => ({
  status,
  body: { type: `https://placet.dev/errors/${code}`, title: code, status, code },
});

/** A server on a free port; `states` are the states that reads of a request find, one after the other, the last for good. */
export async function startWireServer() {
  const key: ForgedKey = forgeKey();
  const world = {
    key,
    seen: [] as Snapshot[],
    faults: [] as Fault[],
    states: ['approved'] as RequestState[],
    digestShown: undefined as string | undefined,
    /** Why an approval does not hold, where it does not. */
    refusal: undefined as string | undefined,
    requests: new Map<string, ApprovalRequest>(),
    claimed: new Set<string>(),
    /** How often a rule still grants a credential; one that is live stands in nobody's way here. */
    uses: 1,
    used: new Set<string>(),
    /** Requests that were begun without a credential, and the key of each. */
    started: new Map<string, string>(),
    results: new Map<string, Record<string, unknown>>(),
  };
  const keys = new Map<string, string>();
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? {} : JSON.parse(text);
    const seen = { method: message.method ?? '', path: message.url ?? '', headers: message.headers, body };
    world.seen.push(seen);
    const fault = world.faults.shift();
    if (fault === 'drop') return void message.socket.destroy();
    if (fault?.after) route(world, keys, seen);
    if (fault) return void sendFault(response, fault);
    const answer = route(world, keys, seen);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(world, { url, close });
}

type World = Pick<
  WireServer,
  'key' | 'states' | 'digestShown' | 'refusal' | 'requests' | 'claimed' | 'uses' | 'used' | 'started' | 'results'
>;

function sendFault(response: ServerResponse, fault: Exclude<Fault, 'drop'>): void {
  const headers = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
  response.writeHead(fault.status, headers).end(fault.body ?? '');
}

function route(world: World, keys: Map<string, string>, seen: Snapshot): Answer {
  const [path = ''] = seen.path.split('?');
  const [, , kind, id = '', verb] = path.split('/');
  if (path === '/.well-known/jwks.json') return { status: 200, body: jwksOf(world.key) };
  if (kind === 'leases') return spend(world, id, seen.body);
  if (path === '/v1/approval-requests' && seen.method === 'POST') return create(world, keys, seen);
  if (path === '/v1/approval-requests') return { status: 200, body: { items: pending(world), next_cursor: null } };
  const request = world.requests.get(id);
  if (!request) return problem(404, 'not_found');
  switch (verb) {
    case undefined:
      return {
        status: 200,
        body: asItIs(world, decided(world, request, world.states.length > 1 ? world.states.shift() : world.states[0])),
      };
    case 'cancel':
      return { status: 200, body: decided(world, request, 'cancelled') };
    case 'credential':
      return claim(world, request, { keys, key: `claim ${String(seen.headers['idempotency-key'])}` });
    case 'execution':
      return start(world, request, { key: String(seen.headers['idempotency-key'] ?? ''), digest: seen.body['digest'] });
    case 'result':
      world.results.set(id, seen.body);
      return { status: 200, body: { result: { detail: null, result_digest: null, ...seen.body, reported_at: 'now' } } };
    default:
      return problem(404, 'not_found');
  }
}

const pending = (world: World): ApprovalRequest[] =>
  [...world.requests.values()].filter((request) => request.state === 'pending');

function create(world: World, keys: Map<string, string>, { headers, body }: Snapshot): Answer {
  const idempotency = String(headers['idempotency-key'] ?? '');
  if (idempotency === '') return problem(400, 'idempotency_key_missing');
  const known = world.requests.get(keys.get(idempotency) ?? '');
  if (known) return { status: 201, body: known };
  const { action, resource, parameters } = body;
  const bytes = `placet/action/v1\n${canonicalize({ v: 1, action, resource, parameters })}`;
  const id = `apr_${randomUUID()}`;
  const request = {
    justification: null,
    on_behalf_of: null,
    credential: null,
    ...body,
    id,
    state: 'pending',
    digest: world.digestShown ?? `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    created_at: 'now',
    expires_at: 'later',
    requirement: { stages: [{ approvers: ['payments'], quorum: 1 }] },
    policy: { version: 'pol_1', number: 1, rule: 'refunds', effect: 'require' },
    decisions: [],
    outcome: null,
  } as unknown as ApprovalRequest;
  world.requests.set(id, request);
  keys.set(idempotency, id);
  return { status: 201, body: request };
}

function decided(world: World, request: ApprovalRequest, state: RequestState = 'pending'): ApprovalRequest {
  if (state === 'pending' || request.state !== 'pending') return request;
  const reason = state === 'denied' ? 'Too much' : null;
  const outcome = {
    state,
    at: 'now',
    by: ['Finance Lead'],
    reason,
    claim_expires_at: null,
    grant: null,
    lease: null,
    execution: null,
    revocation: null,
    result: null,
  };
  const closed = { ...request, state, outcome };
  world.requests.set(request.id, closed);
  return closed;
}

/** With what became of the approval. */
function asItIs(world: World, request: ApprovalRequest): ApprovalRequest {
  if (request.outcome === null) return request;
  const { id } = request;
  const state = world.used.has(`lse_${id.slice(4)}`) ? 'used' : 'active';
  const used_at = state === 'used' ? 'now' : null;
  const lease = world.claimed.has(id)
    ? ({ id: `lse_${id.slice(4)}`, state, expires_at: 'later', used_at } as const)
    : null;
  const execution = world.started.has(id) ? { started_at: 'now' } : null;
  const reported = world.results.get(id);
  const result = reported === undefined ? null : { detail: null, result_digest: null, ...reported, reported_at: 'now' };
  return { ...request, outcome: { ...request.outcome, lease, execution, result } } as ApprovalRequest;
}

function start(world: World, request: ApprovalRequest, { key, digest }: { key: string; digest: unknown }): Answer {
  if (key === '') return problem(400, 'idempotency_key_missing');
  if (request.state !== 'approved') return problem(409, 'not_approved');
  if (digest !== request.digest) return problem(403, 'digest_mismatch');
  if (world.refusal) return problem(409, world.refusal);
  if (world.claimed.has(request.id)) return problem(409, 'already_claimed');
  if ((world.started.get(request.id) ?? key) !== key) return problem(409, 'already_started');
  world.started.set(request.id, key);
  return { status: 200, body: { execution: { started_at: 'now' } } };
}

type Claiming = { readonly keys: Map<string, string>; readonly key: string };

/** The same key again has the same once more, as a lost answer needs. */
function claim(world: World, request: ApprovalRequest, { keys, key }: Claiming): Answer {
  if (world.claimed.has(request.id) && keys.get(key) !== request.id) {
    if (world.uses <= 1) return problem(409, 'already_claimed');
    world.uses -= 1;
  }
  keys.set(key, request.id);
  if (world.started.has(request.id)) return problem(409, 'already_started');
  world.claimed.add(request.id);
  const iat = Math.floor(Date.now() / 1_000);
  const [detail] = goodClaims().authorization_details;
  const bound = {
    actions: [request.action],
    identifier: request.resource,
    digest: request.digest,
    approval_request_id: request.id,
  };
  const token = forgeClaims(world.key, {
    iss: ISSUER,
    jti: `lse_${request.id.slice(4)}`,
    txn: request.id,
    iat,
    nbf: iat,
    exp: iat + 300,
    authorization_details: [{ ...detail, locations: [AUDIENCE], ...bound }],
  });
  return {
    status: 200,
    body: { credential: { type: 'jwt', token }, lease: { id: `lse_${request.id.slice(4)}`, expires_at: 'later' } },
  };
}

function spend(world: World, id: string, { digest }: Record<string, unknown>): Answer {
  if (world.used.has(id)) return problem(409, 'already_used');
  const request = world.requests.get(`apr_${id.slice(4)}`);
  if (digest !== request?.digest) return problem(403, 'digest_mismatch');
  world.used.add(id);
  return { status: 200, body: { lease: { id, state: 'used', used_at: 'now' } } };
}
