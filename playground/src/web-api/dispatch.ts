// One Web API call from arguments to answer: method, token, scope, rate, then the method itself. HTTP and faults are elsewhere.
import { settingsOf, type World } from '../core/world.ts';
import type { ApiCall, JsonObject } from '../protocol.ts';
import { type Args, optionalText } from './args.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { SlackApiError } from './errors.ts';
import type { Method, Methods } from './method.ts';
import { retryAfter } from './rate-limits.ts';
import { teamMethods } from './team.ts';
import { userGroupMethods } from './user-groups.ts';
import { userMethods } from './users.ts';
import { viewMethods } from './views.ts';

export type Answer = { status: number; headers: Record<string, string>; body: JsonObject };
export type TokenKind = ApiCall['token_kind'];

/** All methods that the playground plays, with those that the transport adds. */
export function allMethods(added: Methods): Methods {
  return {
    ...teamMethods,
    ...chatMethods,
    ...viewMethods,
    ...userMethods,
    ...userGroupMethods,
    ...conversationMethods,
    ...added,
  };
}

/** Which of the app's tokens this is. */
export function tokenKind(world: World, token: string | undefined): TokenKind {
  if (!token) return 'none';
  if (token === world.identity.botToken) return 'bot';
  return token === world.identity.appToken ? 'app' : 'unknown';
}

/** Runs the call; every refusal is an answer with `ok: false`, as in Slack. */
export function dispatch(world: World, methods: Methods, call: { name: string; args: Args; token: TokenKind }): Answer {
  try {
    const method = Object.hasOwn(methods, call.name) ? methods[call.name] : undefined;
    if (!method) throw new SlackApiError('unknown_method', { req_method: call.name });
    checkToken(method, call.token);
    checkScope(world, method, call.token);
    const wait =
      settingsOf(world).rate_limits === 'strict'
        ? retryAfter(world, call.name, method, optionalText(call.args, 'channel') ?? '')
        : 0;
    if (wait > 0) return rateLimited(wait);
    const body = method.run(world, call.args);
    return { status: 200, headers: scopeHeaders(world, method, call.token), body: { ok: true, ...body } };
  } catch (error) {
    if (!(error instanceof SlackApiError)) throw error;
    return { status: 200, headers: {}, body: { ok: false, error: error.code, ...error.extra } };
  }
}

/** Slack's answer to too many calls. */
export function rateLimited(seconds: number): Answer {
  return { status: 429, headers: { 'retry-after': String(seconds) }, body: { ok: false, error: 'ratelimited' } };
}

function checkToken(method: Method, token: TokenKind): void {
  if (method.token === 'none') return;
  if (token === 'none') throw new SlackApiError('not_authed');
  if (token === 'unknown') throw new SlackApiError('invalid_auth');
  if (method.token !== 'any' && method.token !== token) throw new SlackApiError('not_allowed_token_type');
}

function checkScope(world: World, method: Method, token: TokenKind): void {
  const { scopes } = settingsOf(world);
  if (token !== 'bot' || method.scopes.length === 0) return;
  if (method.scopes.some((scope) => scopes.includes(scope))) return;
  throw new SlackApiError('missing_scope', { needed: method.scopes.join(','), provided: scopes.join(',') });
}

function scopeHeaders(world: World, method: Method, token: TokenKind): Record<string, string> {
  if (token !== 'bot') return {};
  return { 'x-oauth-scopes': settingsOf(world).scopes.join(','), 'x-accepted-oauth-scopes': method.scopes.join(',') };
}
