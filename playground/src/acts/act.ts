// What every act of a person shares: who may act where, the results, and Slack's warnings.
import { canSee } from '../core/messages.ts';
import type { ChannelRecord } from '../core/store.ts';
import { stackOf } from '../core/views.ts';
import type { World } from '../core/world.ts';
import type { Sent, Transport } from '../delivery/transport.ts';
import type { ActErrorCode, ActResult, Notice, User } from '../protocol.ts';
import { ValueError } from './elements.ts';

export type ActDeps = { world: World; transport: Transport };

/** Warnings kept per person. */
const NOTICES_MAX = 20;

/** Above a modal whose submission the app did not take, and for an answer that is none. */
export const TROUBLE = 'We had some trouble connecting. Try again?';

/** Slack's words, about. */
const WORDS: Partial<Record<ActErrorCode, string>> = {
  no_listener: 'This app is not responding right now. Please try again later.',
  operation_timed_out: 'This app did not respond in time (operation_timed_out).',
  http_error: 'This app responded with an error.',
  bad_response: TROUBLE,
  field_errors: 'Please correct the marked fields.',
  user_not_found: 'There is no such person.',
  user_deactivated: 'This account is deactivated.',
  user_is_bot: 'A bot cannot do this.',
  channel_not_found: 'There is no such channel, or it is private.',
  not_in_channel: 'This person is not in the channel.',
  is_archived: 'This channel is archived.',
  message_not_found: 'This message is gone.',
  action_not_found: 'There is no such button any more.',
  view_not_found: 'This window is closed.',
  view_not_on_top: 'Another window lies over this one.',
  no_submit_button: 'This window has no submit button.',
  submit_disabled: 'The submit button is disabled.',
  option_not_found: 'There is no such option.',
  invalid_values: 'These values do not fit the fields.',
  unknown_command: 'Not a valid command.',
  app_not_visible: 'This app is not installed in the team of this person.',
  home_disabled: 'This app has no Home tab.',
};

/** Thrown when the client itself does not let the person do it. */
export class ActRefusal extends Error {
  readonly code: ActErrorCode;

  constructor(code: ActErrorCode, message = WORDS[code] ?? code) {
    super(message);
    this.name = 'ActRefusal';
    this.code = code;
  }
}

/** Runs the act; a refusal becomes a result that was not delivered. */
export async function perform(act: () => Promise<ActResult>): Promise<ActResult> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ActRefusal || error instanceof ValueError) return refused(error.code, error.message);
    throw error;
  }
}

/** A result for what never left the client. */
export function refused(code: ActErrorCode, message = WORDS[code] ?? code): ActResult {
  return { ok: false, delivered: false, acked: false, ack_ms: null, error: code, message };
}

/** The person who acts. `isStale` lets one act whose account ended a moment ago. */
export function actor(world: World, id: string, isStale = false): User {
  const user = world.store.get('user', id);
  if (!user) throw new ActRefusal('user_not_found');
  if (user.is_bot) throw new ActRefusal('user_is_bot');
  if (user.deleted && !isStale) throw new ActRefusal('user_deactivated');
  return user;
}

/** The channel, when the person can open it. */
export function visibleChannel(world: World, user: User, id: string, isStale = false): ChannelRecord {
  const channel = world.store.get('channel', id);
  if (!channel) throw new ActRefusal('channel_not_found');
  if (!isStale && !canSee(world, user.id, channel)) throw new ActRefusal('not_in_channel');
  return channel;
}

/** Slack Connect people only meet the app in shared channels. */
export function needInstalledTeam(world: World, user: User): void {
  if (user.team_id !== world.identity.team.id) throw new ActRefusal('app_not_visible');
}

type About = { user: string; trigger?: string; where?: Pick<Notice, 'channel' | 'ts' | 'view_id'> };

/** The result of what was delivered; a failure leaves Slack's warning with the person. */
export function resultOf(world: World, sent: Sent, about: About): ActResult {
  if (sent.error) addNotice(world, about.user, sent.error, about.where ?? {});
  return {
    ok: sent.acked,
    delivered: sent.delivered,
    acked: sent.acked,
    ack_ms: sent.ack_ms,
    ...(sent.error ? { error: sent.error, message: WORDS[sent.error] ?? sent.error } : {}),
    view: stackOf(world, about.user).at(-1) ?? null,
    ...(about.trigger ? { trigger_id: about.trigger } : {}),
    delivery_id: sent.delivery_id,
  };
}

/** The same result, failed by what the app answered. */
export function badResponse(world: World, result: ActResult, user: string, message: string): ActResult {
  addNotice(world, user, 'bad_response', {});
  return { ...result, ok: false, error: 'bad_response', message };
}

function addNotice(world: World, user: string, code: ActErrorCode, where: NonNullable<About['where']>): void {
  const at = world.clock.now();
  const kept = world.store.get('notices', user) ?? [];
  const notice: Notice = { id: `N${at}-${kept.length}`, user, at_ms: at, code, text: WORDS[code] ?? code, ...where };
  world.store.put('notices', user, [...kept, notice].slice(-NOTICES_MAX));
  world.changes.touch(`notices:${user}`);
}
