// Open modals and Homes: building, stacking, finding, replacing. Checking a view is the caller's.
import { fillBlocks } from '../blocks/fill.ts';
import type { Json, JsonObject, View } from '../protocol.ts';
import { slackId, viewHash } from './ids.ts';
import type { World } from './world.ts';

/** Modals on top of each other. */
export const STACK_MAX = 3;

/** The person's open modals, bottom first. */
export function stackOf(world: World, user: string): View[] {
  return world.store.get('stack', user) ?? [];
}

/** Replaces the person's stack. */
export function putStack(world: World, user: string, views: View[]): void {
  if (views.length === 0) world.store.remove('stack', user);
  else world.store.put('stack', user, views);
  world.changes.touch(`views:${user}`);
}

/** A new view of the person from checked JSON. */
export function makeView(world: World, user: string, given: JsonObject, under: View | null): View {
  const id = slackId('V');
  const { identity } = world;
  return {
    id,
    user_id: user,
    team_id: world.store.get('user', user)?.team_id ?? identity.team.id,
    root_view_id: under?.root_view_id ?? id,
    previous_view_id: under?.id ?? null,
    app_id: identity.appId,
    bot_id: identity.botId,
    app_installed_team_id: identity.team.id,
    errors: {},
    warning: null,
    state: { values: {} },
    ...contentOf(world, given),
  };
}

/** A view with other content in the same place; kept inputs keep their values. */
export function replaceView(world: World, view: View, given: JsonObject): View {
  return { ...view, errors: {}, warning: null, ...contentOf(world, given) };
}

type ViewContent = Pick<
  View,
  | 'type'
  | 'callback_id'
  | 'external_id'
  | 'private_metadata'
  | 'title'
  | 'submit'
  | 'close'
  | 'blocks'
  | 'hash'
  | 'clear_on_close'
  | 'notify_on_close'
  | 'submit_disabled'
>;

function contentOf(world: World, given: JsonObject): ViewContent {
  return {
    type: given['type'] === 'home' ? 'home' : 'modal',
    callback_id: textOr(given['callback_id']),
    external_id: textOr(given['external_id']),
    private_metadata: textOr(given['private_metadata']),
    title: objectOr(given['title']),
    submit: objectOr(given['submit']),
    close: objectOr(given['close']),
    blocks: fillBlocks(given['blocks'] ?? []),
    hash: viewHash(world.clock.now()),
    clear_on_close: given['clear_on_close'] === true,
    notify_on_close: given['notify_on_close'] === true,
    submit_disabled: given['submit_disabled'] === true,
  };
}

const textOr = (value: Json | undefined) => (typeof value === 'string' ? value : '');
const objectOr = (value: Json | undefined) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;

/** An open view by id or by external_id, with whose it is. */
export function findView(world: World, by: { id?: string; externalId?: string }): View | undefined {
  const open = [...world.store.all('stack').flat(), ...world.store.all('home')];
  return open.find((view) =>
    by.id ? view.id === by.id : view.external_id !== '' && view.external_id === by.externalId,
  );
}

/** Stores a changed view where it is: in its person's stack, or as Home. */
export function keepView(world: World, view: View): void {
  if (view.type === 'home') {
    world.store.put('home', view.user_id, view);
    world.changes.touch(`home:${view.user_id}`);
    return;
  }
  const stack = stackOf(world, view.user_id).map((open) => (open.id === view.id ? view : open));
  putStack(world, view.user_id, stack);
}

/** The view as Slack's API and payloads show it. */
export function wireView(view: View): JsonObject {
  const { user_id: _user, errors: _errors, warning: _warning, submit_disabled, ...wire } = view;
  return view.type === 'modal' ? { ...wire, submit_disabled } : { ...wire };
}
