// The settings over this door: who acts is asked of Slack and of the record at every view, button and window, and what may be
// done comes from the roles of that moment. Draws nothing itself, and decides nothing.

import { PlacetError } from '../../domain/errors.ts';
import type { Profile } from '../../domain/people/account.ts';
import { answerOf, type SourceAnswer, sourceKey } from '../../domain/people/membership.ts';
import { type Gate, isPermission } from '../../domain/people/roles.ts';
import type { PolicyStep } from '../../service/admin/change-policy.ts';
import type { PlannedSettings } from '../../service/admin/settings.ts';
import type { HomeView, Message, Modal } from '../draw/block-kit.ts';
import { drawNoticeModal } from '../draw/modals.ts';
import { type Answer, answerSettings } from '../draw/settings-answers.ts';
import { drawSettings, type SettingsPlaces } from '../draw/settings-home.ts';
import { type CountedReach, drawStep } from '../draw/settings-step.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Actor } from '../receive/payload.ts';
import { readProfile } from '../receive/profile.ts';
import type { WaitingContext } from './waiting.ts';

/** Whoever acts, and whether the gate lets them in now. Throws permission_missing; null where Slack does not say who it is. */
export async function admit(context: WaitingContext, actor: Actor, gate: Gate): Promise<Profile | null> {
  const profile = await readProfile(context, actor);
  if (profile === null || !isPermission(gate)) return profile;
  await context.deps.requirePermission({ tenant_id: context.tenant_id, profile, permission: gate });
  return profile;
}

/** The Settings tab of this account; null for somebody who may not see it, who gets the other tab. */
export async function drawSettingsFor(
  context: WaitingContext,
  user_id: string,
  places: SettingsPlaces,
): Promise<HomeView | null> {
  const { tenant_id } = context;
  try {
    const profile = await admit(context, { user_id, payload_team_id: null }, 'policy.read');
    if (profile === null) return null;
    return drawSettings(await context.deps.readSettings({ tenant_id, profile }), places);
  } catch (error) {
    if (!(error instanceof PlacetError) || error.code !== 'permission_missing') throw error;
    return null;
  }
}

/** The window that says what a step would do, or why it cannot be taken. */
export async function viewOfStep(
  context: ListenerContext,
  profile: Profile,
  wanted: { readonly step: PolicyStep; readonly base: number },
): Promise<Modal> {
  try {
    const planned = await context.deps.planSettings({ tenant_id: context.tenant_id, profile, ...wanted });
    const reach = await countReach(context, planned);
    if (reach === null) return noticeOfSettings('not_asked');
    return drawStep(wanted.step, planned, reach) ?? noticeOfSettings('too_large');
  } catch (error) {
    return noticeOfSettings(error);
  }
}

/** How many could fill each stage, with those whom sources name at this moment; null where the chat cannot be asked. */
async function countReach(
  context: ListenerContext,
  { reach }: PlannedSettings,
): Promise<readonly CountedReach[] | null> {
  const sources = new Map(
    reach.flatMap((stage) => stage.sources.map((source) => [sourceKey(source), source] as const)),
  );
  let answers: readonly SourceAnswer[];
  try {
    answers = await context.askSources([...sources.values()], null);
  } catch (error) {
    context.log.warn('slack did not say who is in a group', { err: error });
    return null;
  }
  return reach.map((stage) => {
    const more = new Set(stage.sources.flatMap((source) => answerOf(source, answers)?.members ?? [])).size;
    return { ...stage, more, is_enough: stage.people + more >= stage.quorum };
  });
}

/** A window that only tells why nothing was changed, or what was. */
export function noticeOfSettings(of: Answer): Modal {
  const { title, message } = answerSettings(of);
  return drawNoticeModal(title, message);
}

/** The same outside of a window. */
export function tellSettings(of: Answer): Message {
  return answerSettings(of).message;
}
