// The windows of Settings as they are handed in: a form becomes the change that it says, shown before it is made; the last window
// makes it. Everything is checked again here, however old the window is.

import type { Profile } from '../../domain/people/account.ts';
import type { JsonObject } from '../../domain/request/request.ts';
import type { PolicyStep } from '../../service/admin/change-policy.ts';
import { answerClickError } from '../draw/answers.ts';
import { drawNoticeModal } from '../draw/modals.ts';
import { FIRST_PLACES } from '../draw/settings-home.ts';
import {
  chosenUserGroup,
  FIELDS,
  type FormMemory,
  type SETTINGS_CALLBACKS,
  stageFields,
} from '../draw/settings-modals.ts';
import type { StepMemory } from '../draw/settings-step.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import { member, type Submission, textAt } from '../receive/payload.ts';
import { SETTINGS_VIEW_DOORS } from './doors.ts';
import type { ModalAnswer } from './modal.ts';
import { addressesOf } from './picked-people.ts';
import { admit, noticeOfSettings, viewOfStep } from './settings.ts';

type Submitted = { readonly context: ListenerContext; readonly submission: Submission; readonly profile: Profile };
type ViewName = keyof typeof SETTINGS_CALLBACKS;

const HANDLERS: Readonly<Record<ViewName, (submitted: Submitted) => Promise<ModalAnswer>>> = {
  group: groupSubmit,
  rule: ruleSubmit,
  step: stepSubmit,
};

/** What hears a window of Settings. */
export function settingsSubmit(
  name: ViewName,
): (context: ListenerContext, submission: Submission) => Promise<ModalAnswer> {
  return async (context, submission) => {
    try {
      const profile = await admit(context, submission.actor, SETTINGS_VIEW_DOORS[name]);
      if (profile === null) return view(drawNoticeModal('Nothing was changed', answerClickError('not_verified')));
      return await HANDLERS[name]({ context, submission, profile });
    } catch (error) {
      context.log.warn('a change of settings was refused', { slack_user_id: submission.actor.user_id, err: error });
      return view(noticeOfSettings(error));
    }
  };
}

async function groupSubmit({ context, submission, profile }: Submitted): Promise<ModalAnswer> {
  const { values } = submission;
  const memory = remembered<FormMemory>(submission, ['base', 'name']);
  if (memory === null) return view(noticeOfSettings('out_of_date'));
  const name = memory.name ?? (textAt(values, FIELDS.name, FIELDS.name, 'value') ?? '').trim();
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name))
    return errors({ [FIELDS.name]: 'A group is named in a-z, 0-9, dot, dash and underscore.' });
  const people = await addressesOf(context, texts(member(values, FIELDS.people, FIELDS.people, 'selected_users')));
  if (people.fault !== null) return errors({ [FIELDS.people]: people.fault });
  const remove = optionsIn(values, FIELDS.remove);
  const chosen = chosenUserGroup(textAt(values, FIELDS.user_group, FIELDS.user_group, 'selected_option', 'value'));
  const channel = textAt(values, FIELDS.channel, FIELDS.channel, 'selected_conversation');
  if (channel === null) return errors({ [FIELDS.channel]: 'Pick the channel where its cards are posted.' });
  if (chosen !== null && people.addresses.length > 0)
    return errors({ [FIELDS.people]: 'A group is people or a Slack user group, not both.' });
  if (memory.name === null && chosen === null && people.addresses.length === 0)
    return errors({ [FIELDS.people]: 'Pick people, or a Slack user group below.' });
  const step: PolicyStep =
    memory.name === null
      ? { kind: 'set_group', name, entry: entryOf(people.addresses, chosen, channel) }
      : {
          kind: 'change_group',
          ...{ name, add: people.addresses, remove },
          options: { channel, ...(has(values, FIELDS.user_group) ? { slack_user_group: chosen } : {}) },
        };
  return view(await viewOfStep(context, profile, { step, base: memory.base }));
}

function entryOf(members: readonly string[], slack_user_group: string | null, channel: string): JsonObject {
  return slack_user_group === null ? { members: [...members], channel } : { slack_user_group, channel };
}

async function ruleSubmit({ context, submission, profile }: Submitted): Promise<ModalAnswer> {
  const { values } = submission;
  const memory = remembered<FormMemory>(submission, ['base', 'name']);
  if (memory === null || memory.name === null) return view(noticeOfSettings('out_of_date'));
  const stages = [];
  for (let at = 0; has(values, stageFields(at).groups); at += 1) {
    const ids = stageFields(at);
    const quorum = Number(textAt(values, ids.quorum, ids.quorum, 'value'));
    if (!Number.isSafeInteger(quorum) || quorum < 1) return errors({ [ids.quorum]: 'Write a whole number from 1 on.' });
    stages.push({ approvers: optionsIn(values, ids.groups), quorum });
  }
  const timeout = (textAt(values, FIELDS.timeout, FIELDS.timeout, 'value') ?? '').trim();
  const step: PolicyStep = { kind: 'change_rule', name: memory.name, stages, timeout };
  return view(await viewOfStep(context, profile, { step, base: memory.base }));
}

/** Makes the change that was shown, and nothing else. */
async function stepSubmit({ context, submission, profile }: Submitted): Promise<ModalAnswer> {
  const memory = remembered<StepMemory>(submission, ['base', 'step', 'digest', 'is_alone']);
  if (memory === null) return view(noticeOfSettings('out_of_date'));
  const { base, step, digest: shown_digest, is_alone: is_alone_confirmed } = memory;
  const { tenant_id } = context;
  const changed = await context.deps.changeSettings({
    ...{ tenant_id, profile, step, base, shown_digest, is_alone_confirmed },
  });
  context.log.info('settings changed', { slack_user_id: submission.actor.user_id, kind: changed.kind });
  context.showSettings(submission.actor.user_id, FIRST_PLACES);
  return view(noticeOfSettings(changed));
}

/** What one of our windows keeps; null for what is none of ours. */
function remembered<M>({ memory }: Submission, members: readonly (keyof M)[]): M | null {
  try {
    const value: unknown = JSON.parse(memory);
    const isOurs = members.every((name) => member(value, String(name)) !== undefined);
    return isOurs ? (value as M) : null;
  } catch {
    return null;
  }
}

function has(values: unknown, id: string): boolean {
  return member(values, id) !== undefined;
}

function optionsIn(values: unknown, id: string): readonly string[] {
  const chosen = member(values, id, id, 'selected_options');
  return Array.isArray(chosen) ? chosen.flatMap((each) => textAt(each, 'value') ?? []) : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function view(of: Extract<ModalAnswer, { kind: 'view' }>['view']): ModalAnswer {
  return { kind: 'view', view: of };
}

function errors(of: Record<string, string>): ModalAnswer {
  return { kind: 'errors', errors: of };
}
