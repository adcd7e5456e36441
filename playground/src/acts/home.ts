// Opening the app's Home, writing a message, and events in general.
import { randomBytes } from 'node:crypto';
import { nextTs } from '../core/ids.ts';
import { addMessage, openDm } from '../core/messages.ts';
import { wireView } from '../core/views.ts';
import { settingsOf, type World } from '../core/world.ts';
import type { ActResult, JsonObject, Message, OpenHomeRequest, SayRequest } from '../protocol.ts';
import { type ActDeps, ActRefusal, actor, needInstalledTeam, visibleChannel } from './act.ts';
import { VERIFICATION_TOKEN } from './payload.ts';

/** A person opens the app: app_home_opened, and the Home as it is then. */
export async function openHome(deps: ActDeps, request: OpenHomeRequest): Promise<ActResult> {
  const { world } = deps;
  const user = actor(world, request.as);
  needInstalledTeam(world, user);
  if (!settingsOf(world).is_home_enabled) throw new ActRefusal('home_disabled');
  const home = world.store.get('home', user.id);
  const tab = request.tab ?? 'home';
  const result = await sendEvent(deps, {
    type: 'app_home_opened',
    user: user.id,
    channel: openDm(world, user.id).channel.id,
    tab,
    event_ts: nextTs(world),
    ...(home && tab === 'home' ? { view: wireView(home) } : {}),
  });
  return { ...result, view: world.store.get('home', user.id) ?? null };
}

/** A person writes a message. */
export async function say(deps: ActDeps, request: SayRequest): Promise<Message> {
  const { world } = deps;
  const user = actor(world, request.as);
  const channel = visibleChannel(world, user, request.channel);
  if (!channel.members.includes(user.id)) throw new ActRefusal('not_in_channel');
  const place = { channel: channel.id, ...(request.thread_ts ? { thread_ts: request.thread_ts } : {}) };
  return addMessage(world, place, { text: request.text, blocks: [] }, user.id);
}

/** Delivers an event when the app subscribed to its type. */
export async function sendSubscribed(deps: ActDeps, event: JsonObject): Promise<void> {
  if (settingsOf(deps.world).bot_events.includes(String(event['type']))) await sendEvent(deps, event);
}

/** Delivers an event in its wrapper. https://docs.slack.dev/apis/events-api#event-type-structure */
export async function sendEvent({ world, transport }: ActDeps, event: JsonObject): Promise<ActResult> {
  const sent = await transport.deliver('events_api', wrap(world, event));
  const { delivered, acked, ack_ms, delivery_id, error } = sent;
  return { ok: acked, delivered, acked, ack_ms, delivery_id, ...(error ? { error } : {}) };
}

function wrap(world: World, event: JsonObject): JsonObject {
  const { team, appId, botUserId } = world.identity;
  return {
    token: VERIFICATION_TOKEN,
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: appId,
    event: { event_ts: (world.clock.now() / 1000).toFixed(6), ...event },
    type: 'event_callback',
    event_id: `Ev${randomBytes(6).toString('hex').toUpperCase()}`,
    event_time: Math.floor(world.clock.now() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: botUserId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  };
}
