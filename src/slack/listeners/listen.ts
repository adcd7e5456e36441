// Which listener hears what. Every action and view that is not ours is acknowledged, so that Slack shows no warning for it.

import type { App } from '@slack/bolt';
import { answerClickError, type ClickError } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { ACTIONS, CALLBACKS } from '../draw/buttons.ts';
import { SETTINGS_ACTIONS } from '../draw/settings-home.ts';
import { SETTINGS_CALLBACKS } from '../draw/settings-modals.ts';
import type { Respond } from '../receive/answer.ts';
import { runClick, runSubmission } from '../receive/flow.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import { type Click, readClick, readSubmission, type Submission, textAt } from '../receive/payload.ts';
import { approveClick } from './approve-click.ts';
import { approveSubmit } from './approve-submit.ts';
import { runCommand } from './command.ts';
import { denyClick } from './deny-click.ts';
import { denySubmit } from './deny-submit.ts';
import type { Home } from './home.ts';
import type { ModalAnswer } from './modal.ts';
import { reviewClick } from './review-click.ts';
import { reviewMore, reviewPage, reviewSubmit } from './review-submit.ts';
import { revokeClick } from './revoke-click.ts';
import { settingsClick } from './settings-clicks.ts';
import { settingsSubmit } from './settings-submits.ts';

type BoltApp = App<Record<string, never>>;
type Hearing = {
  readonly context: ListenerContext;
  readonly home: Home;
  /** Keeps the work in sight until it is done, for an orderly stop. */
  readonly track: (work: Promise<void>) => Promise<void>;
};

const COMMAND = '/placet';

type OnClick = (context: ListenerContext, click: Click) => Promise<Message | null>;

type OnSubmission = {
  readonly handle: (context: ListenerContext, submission: Submission) => Promise<ModalAnswer>;
  /** What the modal says where the work takes longer than Slack waits. */
  readonly early: ClickError;
};

/** Who hears each button, and each modal: one that nobody hears is an error of the compiler. */
const CLICKS: Readonly<Record<keyof typeof ACTIONS, OnClick>> = {
  approve: approveClick,
  deny: denyClick,
  review: reviewClick,
  revoke: revokeClick,
};
const SUBMISSIONS: Readonly<Record<keyof typeof CALLBACKS, OnSubmission>> = {
  approve: { handle: approveSubmit, early: 'being_recorded' },
  deny: { handle: denySubmit, early: 'being_recorded' },
  review: { handle: reviewSubmit, early: 'being_recorded' },
  reviewPage: { handle: reviewPage, early: 'being_read' },
  reviewMore: { handle: reviewMore, early: 'being_read' },
};

/** Registers every listener. */
export function listen(app: BoltApp, hearing: Hearing): void {
  for (const name of keysOf(CLICKS)) onAction(app, hearing, ACTIONS[name], CLICKS[name]);
  for (const name of keysOf(SETTINGS_ACTIONS)) onAction(app, hearing, SETTINGS_ACTIONS[name], settingsClick(name));
  onAction(app, hearing, othersThan([...Object.values(ACTIONS), ...Object.values(SETTINGS_ACTIONS)]), async () =>
    answerClickError('unknown_action'),
  );
  for (const name of keysOf(SUBMISSIONS)) onSubmission(app, hearing, CALLBACKS[name], SUBMISSIONS[name]);
  for (const name of keysOf(SETTINGS_CALLBACKS))
    onSubmission(app, hearing, SETTINGS_CALLBACKS[name], {
      handle: settingsSubmit(name),
      early: name === 'step' ? 'being_recorded' : 'being_read',
    });
  app.view(othersThan([...Object.values(CALLBACKS), ...Object.values(SETTINGS_CALLBACKS)]), ({ ack }) => ack());
  onCommand(app, hearing);
  onHomeOpened(app, hearing);
}

function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(record) as K[];
}

function othersThan(ids: readonly string[]): RegExp {
  return new RegExp(`^(?!(?:${ids.join('|')})$)`);
}

function onAction(app: BoltApp, { context, track }: Hearing, id: string | RegExp, handle: OnClick): void {
  app.action(id, ({ ack, body, action, respond }) => {
    const click = readClick(body, action);
    const to = {
      user_id: click.actor.user_id,
      channel_id: click.place?.channel_id ?? null,
      respond: respondOf(body, respond),
    };
    return track(runClick(context, { ack: () => ack(), to, error: 'not_recorded' }, () => handle(context, click)));
  });
}

function onSubmission(
  app: BoltApp,
  { context, track }: Hearing,
  callback_id: string,
  { handle, early }: OnSubmission,
): void {
  app.view({ callback_id, type: 'view_submission' }, ({ ack, body }) => {
    const submission = readSubmission(body);
    return track(runSubmission(context, { ack, submission, early }, () => handle(context, submission)));
  });
}

function onCommand(app: BoltApp, { context, track }: Hearing): void {
  app.command(COMMAND, ({ ack, body, respond }) => {
    // Slack Connect: `team_id` of a command is the workspace it was typed in, so the actor's own is asked of Slack.
    const actor = { user_id: body.user_id, payload_team_id: null };
    const to = { user_id: body.user_id, channel_id: body.channel_id, respond: respondOf(body, respond) };
    const input = { actor, text: body.text ?? '', trigger_id: body.trigger_id };
    return track(runClick(context, { ack: () => ack(), to, error: 'not_listed' }, () => runCommand(context, input)));
  });
}

function onHomeOpened(app: BoltApp, { home, track }: Hearing): void {
  app.event('app_home_opened', ({ event }) => {
    if (event.tab !== 'home') return Promise.resolve();
    return track(home.publish(event.user, textAt(event, 'view', 'hash')));
  });
}

/** Bolt's respond is there only where the payload has an address. */
function respondOf(body: unknown, respond: Respond | undefined): Respond | null {
  return textAt(body, 'response_url') === null ? null : (respond ?? null);
}
