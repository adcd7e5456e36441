// The control API over HTTP: finds the route, reads JSON, answers JSON. What a route does is elsewhere.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ActDeps, ActRefusal, perform } from '../acts/act.ts';
import { click, clickInView } from '../acts/click.ts';
import { command } from '../acts/command.ts';
import { openHome, say, sendEvent } from '../acts/home.ts';
import { closeView, submit } from '../acts/submit.ts';
import { isObject } from '../blocks/schema.ts';
import { readBody, sendJson } from '../core/http.ts';
import { messageKey } from '../core/messages.ts';
import type { SocketMode } from '../delivery/socket-mode.ts';
import type { ActResult, ApiCall, Delivery, Json, JsonObject, UserPatch } from '../protocol.ts';
import { CONTROL_ROUTES as R } from '../protocol.ts';
import { patchChannel, patchSettings, patchUser, putUserGroup, reset } from './people.ts';
import { streamChanges } from './sse.ts';
import { stateAs } from './state.ts';

const BODY_BYTES_MAX = 1_000_000;

class BadRequestError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadRequestError';
  }
}

export type Control = { deps: ActDeps; sockets: SocketMode };
type Handler = (
  control: Control,
  input: { body: JsonObject; list: Json; query: URLSearchParams; id: string },
) => unknown;

/** Bodies are checked for what a slip would break; deeper trust is fine on a local development server. */
function need<T>(body: JsonObject, ...names: string[]): T {
  for (const name of names) if (typeof body[name] !== 'string') throw new BadRequestError(`${name} must be a string`);
  return body as T;
}

const act =
  <T>(run: (deps: ActDeps, request: T) => Promise<ActResult>, ...names: string[]): Handler =>
  ({ deps }, { body }) =>
    perform(() => run(deps, need<T>(body, 'as', ...names)));

const handlers: Record<string, Handler> = {
  [`GET ${R.state}`]: ({ deps, sockets }, { query }) => stateAs(deps.world, query.get('as'), sockets.numbers()),
  [`GET ${R.calls}`]: ({ deps }, { query }) => deps.world.calls.list().filter((call) => callFits(call, query)),
  [`DELETE ${R.calls}`]: ({ deps }) => done(() => deps.world.calls.clear()),
  [`GET ${R.deliveries}`]: ({ deps }, { query }) =>
    deps.world.deliveries.list().filter((delivery) => deliveryFits(delivery, query)),
  [`DELETE ${R.deliveries}`]: ({ deps }) => done(() => deps.world.deliveries.clear()),
  [`POST ${R.click}`]: act(click, 'channel', 'ts', 'action_id'),
  [`POST ${R.clickInView}`]: act(clickInView, 'view_id', 'action_id'),
  [`POST ${R.submit}`]: act(submit, 'view_id'),
  [`POST ${R.closeView}`]: act(closeView, 'view_id'),
  [`POST ${R.command}`]: act(command, 'channel', 'command'),
  [`POST ${R.openHome}`]: act(openHome),
  [`POST ${R.say}`]: async ({ deps }, { body }) => ({
    message: await say(deps, need(body, 'as', 'channel', 'text')),
  }),
  [`POST ${R.dismiss}`]: ({ deps }, { body }) => done(() => dismiss(deps, need(body, 'as'))),
  [`GET ${R.faults}`]: ({ deps }) => deps.world.faults.list(),
  [`POST ${R.faults}`]: ({ deps }, { list }) => {
    const faults = Array.isArray(list) ? list : [list];
    if (!faults.every((fault) => isObject(fault) && typeof fault['kind'] === 'string')) {
      throw new BadRequestError('a fault needs its kind');
    }
    deps.world.faults.add(faults as never[]);
    return deps.world.faults.list();
  },
  [`DELETE ${R.faults}`]: ({ deps }) => done(() => deps.world.faults.clear()),
  [`PATCH ${R.users}`]: ({ deps }, { id, body }) => patchUser(deps, id, body as UserPatch),
  [`PUT ${R.userGroups}`]: ({ deps }, { id, body }) => {
    if (!Array.isArray(body['users'])) throw new BadRequestError('users must be a list of user ids');
    return putUserGroup(deps, id, body as { users: string[] });
  },
  [`PATCH ${R.channels}`]: ({ deps }, { id, body }) => patchChannel(deps, id, body),
  [`PATCH ${R.settings}`]: ({ deps }, { body }) => patchSettings(deps, body),
  [`POST ${R.sockets}`]: ({ sockets }, { body }) => ({ sockets: sockets.act(need(body, 'act')) }),
  [`POST ${R.event}`]: ({ deps }, { body }) => {
    if (!isObject(body['event'])) throw new BadRequestError('event must be an object');
    return sendEvent(deps, body['event']);
  },
  [`POST ${R.clock}`]: ({ deps }, { body }) => {
    const ms = body['advance_ms'];
    if (typeof ms !== 'number' || ms < 0) throw new BadRequestError('advance_ms must be a number from 0');
    deps.world.clock.advance(ms);
    return { now_ms: deps.world.clock.now() };
  },
  [`POST ${R.reset}`]: ({ deps, sockets }) => {
    reset(deps);
    return stateAs(deps.world, null, sockets.numbers());
  },
};

function done(run: () => void): { ok: true } {
  run();
  return { ok: true };
}

function callFits(call: ApiCall, query: URLSearchParams): boolean {
  const method = query.get('method');
  const channel = query.get('channel');
  if (method && call.method !== method) return false;
  if (channel && call.args['channel'] !== channel) return false;
  return call.seq > Number(query.get('since_seq') ?? 0);
}

function deliveryFits(delivery: Delivery, query: URLSearchParams): boolean {
  const type = query.get('type');
  return (!type || delivery.type === type) && delivery.seq > Number(query.get('since_seq') ?? 0);
}

function dismiss({ world }: ActDeps, { as, id }: { as: string; id?: string }): void {
  const notices = (world.store.get('notices', as) ?? []).filter((notice) => id !== undefined && notice.id !== id);
  world.store.put('notices', as, notices);
  for (const message of world.store.all('ephemeral')) {
    const isHit = message.ephemeral_to === as && (id === undefined || message.ts === id);
    if (isHit) world.store.remove('ephemeral', messageKey(message.channel, message.ts));
  }
  world.changes.touch(`notices:${as}`, `ephemerals:${as}`);
}

/** Answers one request to /control/…. */
export async function handleControl(
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (request.method === 'GET' && url.pathname === R.events) {
    streamChanges(control.deps.world, response);
    return;
  }
  const found = findHandler(request.method ?? 'GET', url.pathname);
  if (!found) {
    sendJson(response, 404, { error: 'not_found', message: `${request.method} ${url.pathname} is no control route` });
    return;
  }
  try {
    const list = await readJson(request);
    const body = isObject(list) ? list : {};
    const answer = await found.handler(control, { body, list, query: url.searchParams, id: found.id });
    sendJson(response, 200, answer as Json);
  } catch (error) {
    if (!(error instanceof BadRequestError || error instanceof ActRefusal)) throw error;
    const code = error instanceof ActRefusal ? error.code : 'bad_request';
    sendJson(response, 400, { error: code, message: error.message });
  }
}

function findHandler(method: string, path: string): { handler: Handler; id: string } | null {
  const exact = handlers[`${method} ${path}`];
  if (exact && !path.endsWith('/')) return { handler: exact, id: '' };
  const cut = path.lastIndexOf('/') + 1;
  const handler = handlers[`${method} ${path.slice(0, cut)}`];
  const id = decodeURIComponent(path.slice(cut));
  return handler && id !== '' ? { handler, id } : null;
}

/** JSON only, with its content type: a foreign web page cannot send that without asking the server first. */
async function readJson(request: IncomingMessage): Promise<Json> {
  if (request.method === 'GET') return {};
  const text = await readBody(request, BODY_BYTES_MAX);
  if (request.method === 'DELETE') return {};
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new BadRequestError('content-type must be application/json');
  }
  try {
    return JSON.parse(text === '' ? '{}' : text) as Json;
  } catch {
    throw new BadRequestError('the body is no JSON');
  }
}
