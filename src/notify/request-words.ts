// What we call the parts of an approval request: its title, who asks, what it needs, what it grants. Pure.

import { currentStage } from '../domain/decision.ts';
import { oneLine } from '../domain/display.ts';
import type { Dossier } from '../domain/dossier.ts';
import type { ApprovalRequest, Stage } from '../domain/request.ts';
import { type Block, type RichPart, richText } from './block-kit.ts';
import { inline, listed, type Part, type Phrase, short, spokenDuration } from './text.ts';

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

/** The facts as one block, a bold label before each value; `length_max` bounds the credential. */
export function factsBlock(dossier: Dossier, length_max: number = FIELD_LENGTH_MAX): Block {
  const lines = factLines(dossier, length_max);
  return richText(...lines.map((line): RichPart => ({ type: 'rich_text_section', elements: inline(line) })));
}

function factLines(dossier: Dossier, length_max: number): Phrase[] {
  const { request } = dossier;
  const fact = (label: string, value: Part): Phrase => [{ bold: label }, '  ', value];
  const lines = [
    fact('Agent', agentText(dossier)),
    fact('Environment', short(request.environment, NAME_LENGTH_MAX)),
    fact('Needs', needsText(dossier)),
    fact('Credential', short(credentialText(request), length_max)),
  ];
  if (request.on_behalf_of !== null)
    lines.splice(1, 0, fact('On behalf of', short(request.on_behalf_of, NAME_LENGTH_MAX)));
  if (request.expires_at !== null) {
    lines.push(fact(request.state === 'pending' ? 'Expires' : 'Was to expire', { due: request.expires_at }));
  }
  return lines;
}
