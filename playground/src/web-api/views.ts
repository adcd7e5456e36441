// views.open, views.push, views.update, views.publish.

import { isObject } from '../blocks/schema.ts';
import { findViewFault } from '../blocks/view.ts';
import { findTrigger, spendTrigger } from '../core/triggers.ts';
import { findView, keepView, makeView, putStack, replaceView, STACK_MAX, stackOf, wireView } from '../core/views.ts';
import { settingsOf, type World } from '../core/world.ts';
import type { JsonObject, View } from '../protocol.ts';
import { type Args, json, optionalText, text } from './args.ts';
import { invalidArguments, SlackApiError, withMessages } from './errors.ts';
import type { Methods } from './method.ts';

export const viewMethods: Methods = {
  'views.open': { token: 'bot', scopes: [], tier: 4, run: open },
  'views.push': { token: 'bot', scopes: [], tier: 4, run: push },
  'views.update': { token: 'bot', scopes: [], tier: 4, run: update },
  'views.publish': { token: 'bot', scopes: [], tier: 4, run: publish },
};

function readView(args: Args, type: 'modal' | 'home'): JsonObject {
  const view = json(args, 'view', 'invalid_arguments');
  if (!isObject(view)) throw invalidArguments('[ERROR] missing required field: view');
  const fault = findViewFault(view, type);
  if (fault) throw withMessages(fault.code, fault.messages);
  return view;
}

/** The person of a live trigger_id; throws why there is none. */
function personOf(world: World, args: Args): { trigger: string; user: string } {
  const trigger = optionalText(args, 'trigger_id') ?? optionalText(args, 'interactivity_pointer');
  if (!trigger) throw invalidArguments('[ERROR] missing required field: trigger_id');
  const found = findTrigger(world, trigger);
  if ('error' in found) throw new SlackApiError(found.error);
  return { trigger, user: found.user };
}

function refuseKnownExternalId(world: World, view: JsonObject, own?: View): void {
  const externalId = view['external_id'];
  if (typeof externalId !== 'string' || externalId === '') return;
  const holder = findView(world, { externalId });
  if (holder && holder.id !== own?.id) throw new SlackApiError('duplicate_external_id');
}

function open(world: World, args: Args): JsonObject {
  const { trigger, user } = personOf(world, args);
  const given = readView(args, 'modal');
  refuseKnownExternalId(world, given);
  spendTrigger(world, trigger);
  const view = makeView(world, user, given, null);
  putStack(world, user, [view]);
  return { view: wireView(view) };
}

function push(world: World, args: Args): JsonObject {
  const { trigger, user } = personOf(world, args);
  const given = readView(args, 'modal');
  const stack = stackOf(world, user);
  const top = stack.at(-1);
  if (!top) throw new SlackApiError('not_found');
  if (stack.length >= STACK_MAX) throw new SlackApiError('push_limit_reached');
  refuseKnownExternalId(world, given);
  spendTrigger(world, trigger);
  const view = makeView(world, user, given, top);
  putStack(world, user, [...stack, view]);
  return { view: wireView(view) };
}

function update(world: World, args: Args): JsonObject {
  const id = optionalText(args, 'view_id');
  const externalId = optionalText(args, 'external_id');
  if (!id && !externalId) throw invalidArguments('[ERROR] missing required field: view_id or external_id');
  const view = findView(world, { ...(id ? { id } : {}), ...(externalId ? { externalId } : {}) });
  if (!view) throw new SlackApiError('not_found');
  const given = readView(args, view.type);
  refuseStaleHash(args, view);
  refuseKnownExternalId(world, given, view);
  const changed = replaceView(world, view, given);
  keepView(world, changed);
  return { view: wireView(changed) };
}

function refuseStaleHash(args: Args, view: View | undefined): void {
  const hash = optionalText(args, 'hash');
  if (hash && view && hash !== view.hash) throw new SlackApiError('hash_conflict');
}

function publish(world: World, args: Args): JsonObject {
  const userId = text(args, 'user_id');
  if (!settingsOf(world).is_home_enabled) throw new SlackApiError('not_enabled');
  const user = world.store.get('user', userId);
  if (!user || user.deleted) throw invalidArguments('[ERROR] user not found [json-pointer:/user_id]');
  const given = readView(args, 'home');
  const old = world.store.get('home', userId);
  refuseStaleHash(args, old);
  const view = old ? replaceView(world, old, given) : makeView(world, userId, given, null);
  keepView(world, view);
  return { view: wireView(view) };
}
