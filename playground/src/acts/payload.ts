// The parts that interaction payloads have in common. https://docs.slack.dev/reference/interaction-payloads
import { randomBytes } from 'node:crypto';
import type { ChannelRecord, ResponseUrl } from '../core/store.ts';
import type { World } from '../core/world.ts';
import type { FormValue, JsonObject, User } from '../protocol.ts';
import { enteredState, type Found } from './elements.ts';

/** Uses and life of a response_url. https://docs.slack.dev/interactivity/handling-user-interaction */
export const RESPONSE_URL_USES_MAX = 5;
const RESPONSE_URL_MS_MAX = 30 * 60_000;

/** The verification token, which no one may rely on any more. */
export const VERIFICATION_TOKEN = 'playground';

/** The fields that every interaction payload of this person has. */
export function payloadHead(world: World, user: User): JsonObject {
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: user.team_id },
    api_app_id: world.identity.appId,
    token: VERIFICATION_TOKEN,
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** The team of the installation, as in block_actions: also when an outsider clicks. */
export function appTeam(world: World): JsonObject {
  const { team } = world.identity;
  return { id: team.id, domain: team.domain };
}

/** The team of the person, as in view_submission. */
export function userTeam(world: World, user: User): JsonObject {
  const { team } = world.identity;
  return user.team_id === team.id ? appTeam(world) : { id: user.team_id, domain: user.team_id.toLowerCase() };
}

/** The channel's name in payloads: Slack hides those of DMs and private channels. */
export function payloadChannelName(channel: ChannelRecord): string {
  if (channel.is_im) return 'directmessage';
  return channel.is_private ? 'privategroup' : channel.name;
}

/** A new response_url for this place. */
export function makeResponseUrl(world: World, place: Omit<ResponseUrl, 'key' | 'used' | 'expires_at_ms'>): string {
  const key = randomBytes(18).toString('base64url');
  const now = world.clock.now();
  for (const [oldKey, old] of pairs(world)) if (old.expires_at_ms <= now) world.store.remove('response_url', oldKey);
  world.store.put('response_url', key, { ...place, used: 0, expires_at_ms: now + RESPONSE_URL_MS_MAX, key });
  return `${world.url}/actions/${world.identity.team.id}/${key}`;
}

function pairs(world: World): [string, ResponseUrl][] {
  return world.store.all('response_url').map((entry) => [entry.key, entry]);
}

/** The entry of `actions` for a click on this element. */
export function actionOf(found: Found, value: FormValue | undefined, now: number): JsonObject {
  const { element } = found;
  const base = {
    action_id: found.actionId,
    block_id: found.blockId,
    type: String(element['type']),
    action_ts: (now / 1000).toFixed(6),
  };
  if (element['type'] === 'button') {
    const { text, value: fixed, style, url } = element;
    return {
      ...base,
      text: text ?? null,
      ...(fixed === undefined ? {} : { value: fixed }),
      ...(style === undefined ? {} : { style }),
      ...(url === undefined ? {} : { url }),
    };
  }
  if (element['type'] === 'overflow') {
    return {
      ...base,
      selected_option: enteredState({ ...element, type: 'static_select' }, value ?? null)['selected_option'] ?? null,
    };
  }
  return { ...base, ...enteredState(element, value ?? null) };
}
