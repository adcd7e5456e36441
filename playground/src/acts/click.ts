// A click on a message, an ephemeral message, a modal or Home: block_actions.
import { findMessage, messageKey } from '../core/messages.ts';
import { makeTrigger } from '../core/triggers.ts';
import { findView, keepView, stackOf, wireView } from '../core/views.ts';
import { wireMessage } from '../core/wire-message.ts';
import type { World } from '../core/world.ts';
import type {
  ActResult,
  ClickInViewRequest,
  ClickRequest,
  FormValue,
  JsonObject,
  Message,
  User,
  View,
} from '../protocol.ts';
import { type ActDeps, ActRefusal, actor, resultOf, visibleChannel } from './act.ts';
import { type Found, findElement, type StateValues, stateOf } from './elements.ts';
import { actionOf, appTeam, makeResponseUrl, payloadChannelName, payloadHead } from './payload.ts';

/** A person clicks in a message. */
export async function click({ world, transport }: ActDeps, request: ClickRequest): Promise<ActResult> {
  const isStale = request.stale === true;
  const user = actor(world, request.as, isStale);
  const channel = visibleChannel(world, user, request.channel, isStale);
  if (channel.is_archived && !isStale) throw new ActRefusal('is_archived');
  const message = messageFor(world, user, request);
  const { found, blocks } = elementIn(message, request);
  const { action, state } = entered(found, blocks, request, world.clock.now());
  const trigger = makeTrigger(world, user.id);
  const isEphemeral = message.is_ephemeral === true;
  const thread = message.thread_ts ? { thread_ts: message.thread_ts } : {};
  const payload: JsonObject = {
    type: 'block_actions',
    ...payloadHead(world, user),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...thread,
    },
    trigger_id: trigger,
    team: appTeam(world),
    channel: { id: channel.id, name: payloadChannelName(channel) },
    ...(isEphemeral ? {} : { message: { ...wireMessage(world, message), blocks } }),
    state: { values: state },
    response_url: makeResponseUrl(world, {
      channel: channel.id,
      user: user.id,
      ts: message.ts,
      thread_ts: message.thread_ts ?? null,
      is_ephemeral: isEphemeral,
    }),
    actions: [action],
  };
  const sent = await transport.deliver('interactive', payload);
  return resultOf(world, sent, { user: user.id, trigger, where: { channel: channel.id, ts: message.ts } });
}

function messageFor(
  world: World,
  user: User,
  { channel, ts }: ClickRequest,
): Message & { past?: { blocks: JsonObject[] }[] } {
  const ephemeral = world.store.get('ephemeral', messageKey(channel, ts));
  const message = findMessage(world, channel, ts) ?? (ephemeral?.ephemeral_to === user.id ? ephemeral : undefined);
  if (!message) throw new ActRefusal('message_not_found');
  return message;
}

/** The button in the message as it is; for a stale click, in the newest earlier revision that has it. */
function elementIn(
  message: Message & { past?: { blocks: JsonObject[] }[] },
  request: ClickRequest,
): { found: Found; blocks: JsonObject[] } {
  const earlier = request.stale ? (message.past ?? []).map(({ blocks }) => blocks).reverse() : [];
  for (const blocks of [message.blocks, ...earlier]) {
    const found = findElement(blocks, request.action_id, request.block_id);
    if (found) return { found, blocks };
  }
  throw new ActRefusal('action_not_found');
}

type Entered = { value?: FormValue; values?: ClickRequest['values'] };

function entered(
  found: Found,
  blocks: JsonObject[],
  request: Entered,
  now: number,
  before: StateValues = {},
): { action: JsonObject; state: StateValues } {
  const own = request.value === undefined ? {} : { [found.blockId]: { [found.actionId]: request.value } };
  const state = stateOf(blocks, { ...request.values, ...own }, before);
  return { action: actionOf(found, request.value, now), state };
}

/** A person clicks in a modal or on Home. */
export async function clickInView({ world, transport }: ActDeps, request: ClickInViewRequest): Promise<ActResult> {
  const user = actor(world, request.as);
  const view = usableView(world, user, request.view_id);
  const found = findElement(view.blocks, request.action_id, request.block_id);
  if (!found) throw new ActRefusal('action_not_found');
  const { action, state } = entered(found, view.blocks, request, world.clock.now(), view.state.values);
  const shown: View = { ...view, state: { values: state } };
  keepView(world, shown);
  const trigger = makeTrigger(world, user.id);
  const payload: JsonObject = {
    type: 'block_actions',
    ...payloadHead(world, user),
    container: { type: 'view', view_id: view.id },
    trigger_id: trigger,
    team: appTeam(world),
    view: wireView(shown),
    actions: [action],
  };
  const sent = await transport.deliver('interactive', payload);
  return resultOf(world, sent, { user: user.id, trigger, where: { view_id: view.id } });
}

/** The person's Home or top modal with this id. */
export function usableView(world: World, user: User, id: string): View {
  const view = findView(world, { id });
  if (!view || view.user_id !== user.id) throw new ActRefusal('view_not_found');
  if (view.type === 'modal' && stackOf(world, user.id).at(-1)?.id !== id) throw new ActRefusal('view_not_on_top');
  return view;
}
