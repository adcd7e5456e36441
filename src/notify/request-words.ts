// What we call the parts of an approval request: its title, who asks, what it needs, what it grants. Pure.

import { currentStage } from '../domain/decision.ts';
import type { Dossier } from '../domain/dossier.ts';
import type { ApprovalRequest, Stage } from '../domain/request.ts';
import { type Mrkdwn, type PlainText, plain } from './block-kit.ts';
import { dateToken, listed, oneLine, short, spokenDuration } from './text.ts';

/** Long enough for a full name, short enough that twenty of them leave room. */
export const NAME_LENGTH_MAX = 60;
const GROUPS_LENGTH_MAX = 200;
const RULE_LENGTH_MAX = 100;
/** Whole credentials are shown in the modal, over several blocks; a field holds 2,000 characters. */
const FIELD_LENGTH_MAX = 1_900;

/** Verb and object in our words, whole, on one line: "orders.refund on order/A-1001". */
export function titleOf(request: Pick<ApprovalRequest, 'action' | 'resource'>): string {
  return `${oneLine(request.action)} on ${oneLine(request.resource)}`;
}

/** "orders-agent, run by Support". */
export function agentText(dossier: Dossier): string {
  const { agent } = dossier;
  return `${short(agent.name, NAME_LENGTH_MAX)}, run by ${short(agent.owner.name, NAME_LENGTH_MAX)}`;
}

/** "2 of payments": the distinct people needed in the stage that is waiting, or the last one. */
export function needsText(dossier: Dossier): string {
  const stage = openStage(dossier);
  return stage === undefined ? 'nobody' : `${stage.quorum} of ${groupsText(stage)}`;
}

/** "payments or dba". */
export function groupsText(stage: Stage): string {
  return short(
    listed(
      stage.approvers.map((group) => group.name),
      'or',
    ),
    GROUPS_LENGTH_MAX,
  );
}

/** The stage that is waiting, or the last one. */
export function openStage(dossier: Dossier): Stage | undefined {
  const stages = dossier.request.requirement?.stages ?? [];
  return stages[Math.min(currentStage(dossier.request.requirement, dossier.decisions), stages.length - 1)];
}

/** "orders:refund for https://orders.example, 5 minutes", or "none". */
export function credentialText(request: ApprovalRequest): string {
  const { credential } = request;
  if (credential === null) return 'none';
  const scopes = credential.scopes.map(oneLine).join(' ');
  return `${scopes} for ${oneLine(credential.audience)}, ${spokenDuration(credential.lifetime_seconds)}`;
}

/** The rule's name, or what stood in its place. */
export function ruleText(request: ApprovalRequest): string {
  return request.rule === null ? 'no rule' : `rule ${short(request.rule, RULE_LENGTH_MAX)}`;
}

/** The two columns of facts, label over value; `length_max` bounds the credential's field. */
export function factFields(dossier: Dossier, length_max: number = FIELD_LENGTH_MAX): (PlainText | Mrkdwn)[] {
  const { request } = dossier;
  const fields: (PlainText | Mrkdwn)[] = [
    plain(`Agent\n${agentText(dossier)}`),
    plain(`Environment\n${short(request.environment, NAME_LENGTH_MAX)}`),
    plain(`Needs\n${needsText(dossier)}`),
    plain(`Credential\n${short(credentialText(request), length_max)}`),
  ];
  if (request.expires_at !== null) {
    const label = request.state === 'pending' ? 'Expires' : 'Was to expire';
    fields.push({ type: 'mrkdwn', text: `${label}\n${dateToken(request.expires_at)}`, verbatim: true });
  }
  if (request.on_behalf_of !== null)
    fields.push(plain(`On behalf of\n${short(request.on_behalf_of, NAME_LENGTH_MAX)}`));
  return fields;
}
