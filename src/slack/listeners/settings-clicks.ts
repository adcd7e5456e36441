// The buttons of Settings: each opens a window, or another part of the tab. What they change is said in a window first.

import type { Profile } from '../../domain/people/account.ts';
import type { PolicyStep } from '../../service/admin/change-policy.ts';
import type { Settings } from '../../service/admin/settings.ts';
import { answerClickError } from '../draw/answers.ts';
import type { Message, Modal, Option } from '../draw/block-kit.ts';
import { readPlaces, type SETTINGS_ACTIONS } from '../draw/settings-home.ts';
import { drawGroupForm, drawRuleForm, option } from '../draw/settings-modals.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';
import { failureOf } from '../send/failures.ts';
import { SETTINGS_DOORS } from './doors.ts';
import { admit, tellSettings, viewOfStep } from './settings.ts';

type Clicked = { readonly context: ListenerContext; readonly click: Click; readonly profile: Profile };
type OnSettingsClick = (clicked: Clicked) => Promise<Message | null>;
type ActionName = keyof typeof SETTINGS_ACTIONS;

const HANDLERS: Readonly<Record<ActionName, OnSettingsClick>> = {
  showSettings: async ({ context, click }) => {
    context.showSettings(click.actor.user_id, readPlaces(click.value));
    return null;
  },
  showWaiting: async ({ context, click }) => {
    context.refreshHome(click.actor.user_id);
    return null;
  },
  newGroup: async (clicked) => {
    const [settings, user_groups] = await Promise.all([settingsOf(clicked), listUserGroups(clicked.context)]);
    return open(clicked, drawGroupForm({ base: settings.number, name: null, group: null }, user_groups));
  },
  changeGroup: async (clicked) => {
    const [settings, user_groups] = await Promise.all([settingsOf(clicked), listUserGroups(clicked.context)]);
    const name = clicked.click.value;
    const { approver_groups } = settings.document;
    const group = Object.hasOwn(approver_groups, name) ? approver_groups[name] : undefined;
    if (group === undefined) return tellSettings('out_of_date');
    return open(clicked, drawGroupForm({ base: settings.number, name, group }, user_groups));
  },
  deleteGroup: (clicked) => openStep(clicked, () => ({ kind: 'delete_group', name: clicked.click.value })),
  changeRule: async (clicked) => {
    const { number, document } = await settingsOf(clicked);
    const rule = document.rules.find(({ name }) => name === clicked.click.value);
    if (rule?.effect !== 'require') return tellSettings('out_of_date');
    return open(clicked, drawRuleForm(number, rule, { names: Object.keys(document.approver_groups) }));
  },
  switchRule: (clicked) =>
    openStep(clicked, ({ document }) => {
      const rule = document.rules.find(({ name }) => name === clicked.click.value);
      return { kind: 'switch_rule', name: clicked.click.value, is_on: rule?.off === true };
    }),
  rollBack: (clicked) => openStep(clicked, () => ({ kind: 'rollback', number: Number(clicked.click.value) })),
};

/** What hears a button of Settings: who acts is looked at first, by what the button's door asks. */
export function settingsClick(name: ActionName): (context: ListenerContext, click: Click) => Promise<Message | null> {
  return async (context, click) => {
    try {
      const profile = await admit(context, click.actor, SETTINGS_DOORS[name]);
      if (profile === null) return answerClickError('not_verified');
      return await HANDLERS[name]({ context, click, profile });
    } catch (error) {
      context.log.warn('a change of settings was refused', { slack_user_id: click.actor.user_id, err: error });
      return tellSettings(error);
    }
  };
}

function settingsOf({ context, profile }: Clicked): Promise<Settings> {
  return context.deps.readSettings({ tenant_id: context.tenant_id, profile });
}

/** The window of a change that needs no form. */
async function openStep(clicked: Clicked, stepIn: (settings: Settings) => PolicyStep): Promise<Message | null> {
  const settings = await settingsOf(clicked);
  const { context, profile } = clicked;
  return open(clicked, await viewOfStep(context, profile, { step: stepIn(settings), base: settings.number }));
}

async function open({ context, click }: Clicked, view: Modal): Promise<Message | null> {
  return openWindow(context, { user_id: click.actor.user_id, trigger_id: click.trigger_id }, view);
}

/** Opens a window; says so where Slack does not, such as when the trigger's three seconds are over. */
export async function openWindow(
  { client, log }: Pick<ListenerContext, 'client' | 'log'>,
  { user_id, trigger_id }: { readonly user_id: string; readonly trigger_id: string },
  view: Modal,
): Promise<Message | null> {
  try {
    await client.views.open({ trigger_id, view });
    return null;
  } catch (error) {
    log.warn('a window of settings was not opened', {
      slack_user_id: user_id,
      code: failureOf(error, 'views.open').code,
    });
    return tellSettings('not_open');
  }
}

/** The user groups of the workspace, for a choice; none where it has none, or Slack does not say. */
async function listUserGroups({ client, log }: ListenerContext): Promise<readonly Option[]> {
  try {
    const { usergroups = [] } = await client.usergroups.list({});
    return usergroups.flatMap(({ id, handle, name }) =>
      id === undefined ? [] : [option(id, `@${handle ?? id} (${name ?? ''})`)],
    );
  } catch (error) {
    log.warn('slack did not list its user groups', { code: failureOf(error, 'usergroups.list').code });
    return [];
  }
}
