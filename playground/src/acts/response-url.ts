// What an app posts to a response_url: five times within half an hour, without a token.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, sendJson, sendText } from '../core/http.ts';
import { addEphemeral, addMessage, changeMessage, dropMessage, findMessage, messageKey } from '../core/messages.ts';
import type { ResponseUrl } from '../core/store.ts';
import type { World } from '../core/world.ts';
import { type Args, flag, optionalText, parseArgs } from '../web-api/args.ts';
import { readContent } from '../web-api/content.ts';
import { SlackApiError } from '../web-api/errors.ts';
import { RESPONSE_URL_USES_MAX } from './payload.ts';

const BODY_BYTES_MAX = 1_000_000;

/** Handles one request to a response_url. */
export async function handleResponseUrl(
  world: World,
  key: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, BODY_BYTES_MAX);
  const place = world.store.get('response_url', key);
  if (!place || place.expires_at_ms <= world.clock.now()) return sendJson(response, 404, fail('expired_url'));
  if (place.used >= RESPONSE_URL_USES_MAX) return sendJson(response, 404, fail('used_url'));
  const fault = world.faults.take(['http_error'], ({ method }) => method === 'response_url');
  if (fault) return sendJson(response, fault.status ?? 500, fail('internal_error'));
  let error: string | undefined;
  try {
    const args = parseArgs(request.headers['content-type'] ?? 'application/json', body);
    respond(world, place, args);
    world.store.put('response_url', key, { ...place, used: place.used + 1 });
  } catch (caught) {
    if (!(caught instanceof SlackApiError)) throw caught;
    error = caught.code;
  }
  world.calls.add({
    at_ms: world.clock.now(),
    method: 'response_url',
    args: JSON.parse(body.startsWith('{') ? body : '{}'),
    token_kind: 'none',
    ok: error === undefined,
    status: error ? 400 : 200,
    ...(error ? { error } : {}),
  });
  world.changes.touch('calls');
  if (error) sendJson(response, 400, fail(error));
  else sendText(response, 200, 'ok');
}

function fail(error: string): { ok: false; error: string } {
  return { ok: false, error };
}

function respond(world: World, place: ResponseUrl, args: Args): void {
  if (flag(args, 'delete_original')) {
    removeOriginal(world, place);
    return;
  }
  const content = readContent(args);
  const channel = world.store.get('channel', place.channel);
  if (!channel) throw new SlackApiError('channel_not_found');
  if (channel.is_archived) throw new SlackApiError('is_archived');
  if (flag(args, 'replace_original') && place.ts) {
    replaceOriginal(world, place, content);
    return;
  }
  const threadTs = optionalText(args, 'thread_ts');
  const target = { channel: place.channel, ...(threadTs ? { thread_ts: threadTs } : {}) };
  if (args['response_type'] === 'in_channel') addMessage(world, target, content);
  else addEphemeral(world, target, content, place.user);
}

function removeOriginal(world: World, place: ResponseUrl): void {
  if (!place.ts) throw new SlackApiError('message_not_found');
  if (place.is_ephemeral) {
    world.store.remove('ephemeral', messageKey(place.channel, place.ts));
    world.changes.touch(`ephemerals:${place.user}`);
    return;
  }
  dropMessage(world, place.channel, place.ts);
}

function replaceOriginal(world: World, place: ResponseUrl, content: ReturnType<typeof readContent>): void {
  const ts = place.ts ?? '';
  if (place.is_ephemeral) {
    const key = messageKey(place.channel, ts);
    const old = world.store.get('ephemeral', key);
    if (!old) throw new SlackApiError('message_not_found');
    world.store.put('ephemeral', key, { ...old, ...content, revision: old.revision + 1 });
    world.changes.touch(`ephemerals:${place.user}`);
    return;
  }
  const message = findMessage(world, place.channel, ts);
  if (!message) throw new SlackApiError('message_not_found');
  changeMessage(world, message, content);
}
