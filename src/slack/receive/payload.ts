// Reads Slack's payloads into what we need of them, once, at the door. Trusts no field to be there.
// Shapes: https://docs.slack.dev/reference/interaction-payloads

import { shownDigest, shownStage } from '../draw/buttons.ts';
import { type ModalOrigin, readOrigin } from '../draw/modals.ts';
import type { Place } from '../send/web-api.ts';

/** The account that acts; `payload_team_id` is its own workspace where the payload says so. */
export type Actor = { readonly user_id: string; readonly payload_team_id: string | null };

/** A click on one of our buttons. `place` is null in the Home tab. */
export type Click = {
  readonly actor: Actor;
  readonly request_id: string;
  /** As the button has it; the id of a request on those of cards. */
  readonly value: string;
  readonly shown_digest: string;
  readonly shown_stage: number;
  readonly place: Place | null;
  readonly trigger_id: string;
};

/** The submission of one of our modals; `origin` is null when its memory is not one of ours. */
export type Submission = {
  readonly actor: Actor;
  readonly view_id: string;
  readonly origin: ModalOrigin | null;
  /** What the view keeps, as it stands there. */
  readonly memory: string;
  readonly values: unknown;
};

/** The member of that name, or undefined when there is none. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, name)
        ? (at as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

/** The text at that path, or null. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = member(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

/** A block_actions payload. In it, `team` is the app's workspace, so the actor's own is only in `user`. */
export function readClick(body: unknown, action: unknown): Click {
  const channel_id = textAt(body, 'container', 'channel_id') ?? textAt(body, 'channel', 'id');
  const ts = textAt(body, 'container', 'message_ts') ?? textAt(body, 'message', 'ts');
  return {
    actor: { user_id: textAt(body, 'user', 'id') ?? '', payload_team_id: textAt(body, 'user', 'team_id') },
    request_id: textAt(action, 'value') ?? '',
    value: textAt(action, 'value') ?? '',
    shown_digest: shownDigest(textAt(action, 'block_id') ?? ''),
    shown_stage: shownStage(textAt(action, 'block_id') ?? ''),
    place: channel_id === null || ts === null ? null : { channel_id, ts },
    trigger_id: textAt(body, 'trigger_id') ?? '',
  };
}

/** A view_submission payload. In it, `team` is the actor's workspace and the app's is in the view. */
export function readSubmission(body: unknown): Submission {
  return {
    actor: {
      user_id: textAt(body, 'user', 'id') ?? '',
      payload_team_id: textAt(body, 'user', 'team_id') ?? textAt(body, 'team', 'id'),
    },
    view_id: textAt(body, 'view', 'id') ?? '',
    origin: readOrigin(textAt(body, 'view', 'private_metadata') ?? ''),
    memory: textAt(body, 'view', 'private_metadata') ?? '',
    values: member(body, 'view', 'state', 'values'),
  };
}

/** The workspace that the app is installed in, as this payload has it, or null. */
export function installedTeam(body: unknown): string | null {
  const event = member(body, 'event');
  if (event !== undefined) return eventTeam(body);
  if (textAt(body, 'command') !== null) return textAt(body, 'team_id');
  const type = textAt(body, 'type');
  if (type === 'view_submission' || type === 'view_closed') {
    return textAt(body, 'view', 'app_installed_team_id') ?? textAt(body, 'team', 'id');
  }
  return textAt(body, 'team', 'id');
}

function eventTeam(body: unknown): string | null {
  const authorizations = member(body, 'authorizations');
  const first: unknown = Array.isArray(authorizations) ? authorizations[0] : undefined;
  return textAt(first, 'team_id') ?? textAt(body, 'team_id');
}
