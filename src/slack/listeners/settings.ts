// The settings over this door: who acts is asked of Slack and of the record at every view, button and window, and what may be
// done comes from the roles of that moment. Draws nothing itself, and decides nothing.

import { PlacetError } from '../../domain/errors.ts';
import type { Profile } from '../../domain/people/account.ts';
import type { SourceAnswer } from '../../domain/people/membership.ts';
import { type Gate, isPermission } from '../../domain/people/roles.ts';
import type { PolicyStep } from '../../service/admin/change-policy.ts';
import type { PlannedSettings } from '../../service/admin/settings.ts';
import type { HomeView, Message, Modal } from '../draw/block-kit.ts';
import { drawNoticeModal } from '../draw/modals.ts';
import { type Answer, answerSettings } from '../draw/settings-answers.ts';
import { drawSettings, type SettingsPlaces } from '../draw/settings-home.ts';
import { drawStep } from '../draw/settings-step.ts';
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
    const planned = await planOfStep(context, { tenant_id: context.tenant_id, profile, ...wanted });
    if (planned === null) return noticeOfSettings('not_asked');
    return drawStep(wanted.step, planned) ?? noticeOfSettings('too_large');
  } catch (error) {
    context.log.warn('a change of settings was refused', { err: error });
    return noticeOfSettings(error);
  }
}

type About = Omit<Parameters<ListenerContext['deps']['planSettings']>[0], 'answers'>;

/** The plan, with who could decide by what sources say at this moment; null where they cannot be asked. */
async function planOfStep({ deps, log, askSources }: ListenerContext, about: About): Promise<PlannedSettings | null> {
  const first = await deps.planSettings({ ...about, answers: [] });
  if (!('unasked' in first)) return first;
  let answers: readonly SourceAnswer[];
  try {
    answers = await askSources(first.unasked, null);
  } catch (error) {
    log.warn('a source of members did not answer', { err: error });
    return null;
  }
  const planned = await deps.planSettings({ ...about, answers });
  // Others changed the policy meanwhile, so that it rests on a source that nobody asked.
  if ('unasked' in planned) throw new PlacetError('policy_changed');
  return planned;
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
