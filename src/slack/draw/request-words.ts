// What we call the parts of an approval request: its title, who asks, why, what it needs, what it grants. Pure.

import { claimSecondsOf, isOnce, usesOf } from '../../domain/credential/terms.ts';
import { accountParts } from '../../domain/people/principal.ts';
import type { Decision } from '../../domain/request/decision.ts';
import { oneLine } from '../../domain/request/display.ts';
import { type CardRecord, SAME_PENDING_MAX, type WaitingRecord } from '../../domain/request/record.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import { hasQuestion, questionText } from '../../domain/request/shown.ts';
import { type Block, richText } from './block-kit.ts';
import { excerpt } from './content.ts';
import { ladderLines, stageNow, stageText } from './stage-words.ts';
import { fact, type Part, type Phrase, quote, section, short, spokenDuration } from './text.ts';

/** Long enough for a full name, short enough that twenty of them fit. */
export const NAME_LENGTH_MAX = 60;
/** Eight of base 32 are forty random bits. */
const SHORT_ID_CHARACTERS = 8;
const RULE_LENGTH_MAX = 100;
export const JUSTIFICATION_LABEL = 'Why (the agent’s words)';
/** The agent's words are an argument, not a fact: a glance at them is enough, and the Review modal has them all. */
const JUSTIFICATION_LIMITS = { characters: 300, lines: 6 };
/** Two facts share a line, so that what would run comes into view. */
const BETWEEN = '  ·  ';

/** Verb and object in our words, whole, on one line: "orders.refund on order/A-1001". */
export function titleOf(request: Pick<ApprovalRequest, 'action' | 'resource'>): string {
  return `${oneLine(request.action)} on ${oneLine(request.resource)}`;
}

type Titled = Pick<ApprovalRequest, 'action' | 'resource' | 'presentation'>;

/** "Refund 120 EUR for order/A-1001": the policy's words for it where there are some, else ours. */
export function headingOf(request: Titled): string {
  return request.presentation?.title ?? titleOf(request);
}

/** The heading, with action and resource behind it where they do not make it. */
export function wholeTitleOf(request: Titled): string {
  const heading = headingOf(request);
  return request.presentation?.title == null ? heading : `${heading} (${titleOf(request)})`;
}

/** What the heading stands for, in a line of its own; nothing where it says so itself. */
export function actionLines({ action, resource, presentation }: Titled): Phrase[] {
  if (presentation?.title == null) return [];
  return [[...fact('Action', oneLine(action)), BETWEEN, ...fact('Resource', oneLine(resource))]];
}

/** "orders-agent, run by Support". */
export function agentText({ agent }: Pick<WaitingRecord, 'agent'>): string {
  return `${short(agent.name, NAME_LENGTH_MAX)}, run by ${short(agent.owner.name, NAME_LENGTH_MAX)}`;
}

/** A request with who has decided on it. */
export type Deciding = Pick<WaitingRecord, 'request' | 'decisions'>;

/** "2 people of payments": the distinct people needed in the stage that is waiting, or the last one. */
export function needsText(record: Deciding): string {
  const stage = stageNow(record);
  return stage === undefined ? 'nobody' : stageText(stage);
}

/** "apr_…y1g1rfbn": the end of the id, which is enough to tell requests apart and to find one in a list. */
export function shortId(request: Pick<ApprovalRequest, 'id'>): string {
  return `apr_…${request.id.slice(-SHORT_ID_CHARACTERS)}`;
}

/** "orders:refund for https://orders.example, 5 minutes, bearer", or "none". */
export function credentialText(request: ApprovalRequest): string {
  const { credential } = request;
  if (credential === null) return 'none';
  const scopes = credential.scopes.map(oneLine).join(' ');
  const sender = credential.sender === 'dpop' ? 'bound to a key of the agent' : 'bearer';
  return `${scopes} for ${oneLine(credential.audience)}, ${spokenDuration(credential.lifetime_seconds)}, ${sender}`;
}

/** "this exact action up to 3 times until 14:00", once its end is known; before that, how long after the approval. */
function termsLines({ request: { credential }, grant }: CardRecord): Phrase[] {
  if (credential === null || isOnce(credential)) return [];
  const uses = usesOf(credential);
  const often = `this exact action ${uses === 1 ? 'once' : `up to ${uses} times`}`;
  const seconds = claimSecondsOf(credential);
  const until: Part[] =
    grant === null
      ? [` within ${spokenDuration(seconds)} of the approval`]
      : [' until ', { due: grant.ends_at ?? grant.claim_expires_at }];
  return [[...fact('May run', often), ...until]];
}

/**
 * Two equal actions are two: only a person can say whether both are meant. A card is not drawn again for each other request that
 * comes or goes, which for fifty of them were a thousand calls; it says of when its number is, and that Review counts anew.
 */
export function sameNotice({ same_pending }: Pick<CardRecord, 'same_pending'>, on: 'card' | 'review'): string | null {
  if (same_pending === 0) return null;
  const count = same_pending < SAME_PENDING_MAX ? `${same_pending}` : `${SAME_PENDING_MAX} or more`;
  const others = same_pending === 1 ? 'other request' : 'other requests';
  if (on === 'review') {
    const wait = same_pending === 1 ? 'waits' : 'wait';
    return `The same is asked for in ${count} ${others} of this agent, which ${wait} too.`;
  }
  return `When this card was drawn, the same was asked for in ${count} ${others} of this agent. Review counts anew.`;
}

/** That it was made outside the hours of its rule, and is not to wait for them. */
export function urgentNotice({ request }: Pick<CardRecord, 'request'>): string | null {
  return request.requirement?.urgent === true
    ? 'Urgent: asked outside the hours of its rule, and waits for nothing but you.'
    : null;
}

/** The rule's name, or what stood in its place. */
export function ruleText(request: ApprovalRequest): string {
  return request.rule === null ? 'no rule' : `rule ${short(request.rule, RULE_LENGTH_MAX)}`;
}

/** The facts as one block of few lines, a bold label before each value; `length_max` bounds the credential. */
export function factsBlock(record: CardRecord, length_max: number): Block {
  const lines = factLines(record, length_max);
  return richText(...lines.map(section));
}

function factLines(record: CardRecord, length_max: number): Phrase[] {
  const { request } = record;
  const behalf = request.on_behalf_of;
  return [
    [
      ...fact('Agent', agentText(record)),
      ...[BETWEEN, ...fact('Environment', short(request.environment, NAME_LENGTH_MAX))],
      ...(request.presentation?.risk ? [BETWEEN, ...fact('Risk', request.presentation.risk)] : []),
    ],
    ...(behalf === null ? [] : [fact('On behalf of', short(behalf, NAME_LENGTH_MAX))]),
    [...fact('Needs', needsText(record)), ...expiry(request)],
    ...(hasQuestion(request) ? [fact('To approve', questionText(request))] : []),
    ...ladderLines(record),
    fact('Credential', short(credentialText(request), length_max)),
    ...termsLines(record),
  ];
}

/** The agent's own words, cut; nothing when it gave none. */
export function justificationBlocks({ justification }: Pick<ApprovalRequest, 'justification'>): Block[] {
  const words = justification?.trim() ?? '';
  return words === ''
    ? []
    : [richText(section([{ bold: JUSTIFICATION_LABEL }]), quote([excerpt(words, JUSTIFICATION_LIMITS)]))];
}

/** When, and how long that is after the request: what is left can be told from the time of the card, at any moment. */
function expiry({ state, created_at, expires_at, requirement }: ApprovalRequest): Part[] {
  if (expires_at === null) return [];
  const seconds = Math.round((expires_at.getTime() - created_at.getTime()) / 1_000);
  const label = state === 'pending' ? 'Expires' : 'Was to expire';
  // By working hours the moment alone says it: how long it is by the clock is not what the rule gives.
  const after =
    requirement?.calendar === undefined ? `, ${spokenDuration(seconds)} after the request` : ', by working hours';
  return [BETWEEN, ...fact(label, { due: expires_at }), after];
}

/** The account of Slack that made the decision, for a mention. */
export function userOf({ account }: Pick<Decision, 'account'>): string {
  return accountParts(account).user_id;
}
