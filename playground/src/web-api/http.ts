// The HTTP side of the Web API: reads a call, plays faults on it, logs it, answers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyTooLargeError, readBody, sendJson } from '../core/http.ts';
import type { World } from '../core/world.ts';
import type { ApiCall, Fault, JsonObject } from '../protocol.ts';
import { type Args, optionalText, parseArgs } from './args.ts';
import { type Answer, dispatch, rateLimited, tokenKind } from './dispatch.ts';
import { SlackApiError } from './errors.ts';
import type { Methods } from './method.ts';

/** Body of one call: a view of 250 kB doubles when form-encoded. */
const CALL_BYTES_MAX = 2_000_000;

/** Handles one request to /api/<method>. */
export async function handleApiCall(
  world: World,
  methods: Methods,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', world.url);
  const { args, error } = await readArgs(request, url);
  const header = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const { token: given, ...clean } = args;
  const token = tokenKind(world, header ?? (typeof given === 'string' ? given : undefined));
  const fault = takeFault(world, name, clean);
  const answer =
    (fault && answerBefore(fault)) ?? (error ? refuse(error) : dispatch(world, methods, { name, args: clean, token }));
  logCall(world, { name, args: clean, token, answer, fault });
  if (fault?.kind === 'slow') await new Promise<void>((resolve) => world.clock.after(fault.ms, resolve));
  if (fault?.kind === 'lost_answer') {
    request.socket.destroy();
    return;
  }
  sendJson(response, answer.status, answer.body, answer.headers);
}

async function readArgs(request: IncomingMessage, url: URL): Promise<{ args: Args; error?: string }> {
  const query = Object.fromEntries(url.searchParams);
  if (request.method === 'GET') return { args: query };
  try {
    const body = await readBody(request, CALL_BYTES_MAX);
    return { args: { ...query, ...parseArgs(request.headers['content-type'] ?? '', body) } };
  } catch (error) {
    if (error instanceof SlackApiError) return { args: query, error: error.code };
    if (error instanceof BodyTooLargeError) return { args: query, error: 'request_too_large' };
    throw error;
  }
}

function refuse(error: string): Answer {
  return { status: 200, headers: {}, body: { ok: false, error } };
}

const API_FAULTS = ['http_error', 'lost_answer', 'api_error', 'rate_limited', 'slow'] as const;
type ApiFault = Fault & { kind: (typeof API_FAULTS)[number] };

function takeFault(world: World, name: string, args: Args): ApiFault | null {
  return world.faults.take([...API_FAULTS], (fault) => {
    if (fault.method !== '*' && fault.method !== name) return false;
    const channel = fault.kind === 'rate_limited' || fault.kind === 'api_error' ? fault.channel : undefined;
    return channel === undefined || channel === optionalText(args, 'channel');
  });
}

/** The answer of a fault that stops the call before its effect; null: the call goes on. */
function answerBefore(fault: ApiFault): Answer | null {
  switch (fault.kind) {
    case 'http_error':
      return { status: fault.status ?? 500, headers: {}, body: { ok: false, error: 'internal_error' } };
    case 'api_error':
      return refuse(fault.error);
    case 'rate_limited':
      return rateLimited(fault.retry_after ?? 1);
    case 'lost_answer':
    case 'slow':
      return null;
  }
}

type Handled = { name: string; args: Args; token: ApiCall['token_kind']; answer: Answer; fault: ApiFault | null };

function logCall(world: World, { name, args, token, answer, fault }: Handled): void {
  const error = answer.body['error'];
  world.calls.add({
    at_ms: world.clock.now(),
    method: name,
    args: readable(args),
    token_kind: token,
    ok: answer.body['ok'] === true,
    status: fault?.kind === 'lost_answer' ? 0 : answer.status,
    response: answer.body,
    ...(typeof error === 'string' ? { error } : {}),
    ...(fault ? { fault: fault.kind } : {}),
  });
  world.changes.touch('calls');
}

const JSON_ARGS = new Set(['blocks', 'view', 'attachments', 'metadata']);

/** JSON that a form carried as strings is logged as JSON. */
function readable(args: Args): JsonObject {
  const entries = Object.entries(args).map(([name, value]) => {
    if (typeof value !== 'string' || !JSON_ARGS.has(name)) return [name, value] as const;
    try {
      return [name, JSON.parse(value)] as const;
    } catch {
      return [name, value] as const;
    }
  });
  return Object.fromEntries(entries) as JsonObject;
}
