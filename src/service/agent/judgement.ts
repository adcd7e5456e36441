// Judges what is asked by the newest policy: what is required, what may be issued, and until when. Writes no request.

import * as agents from '../../db/agents.ts';
import type { Tx } from '../../db/database.ts';
import { inOrder } from '../../db/in-order.ts';
import type { PolicyVersion } from '../../db/policies.ts';
import * as policies from '../../db/policies.ts';
import type { NewRequest } from '../../db/tables.ts';
import { isWithin, onTermsOf } from '../../domain/credential/scope.ts';
import { hasCode, PlacetError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/people/address.ts';
import type { SourceAnswer } from '../../domain/people/membership.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import { entryOf, presentationOf } from '../../domain/policy/actions.ts';
import { evaluate, type Judgement, type Rule } from '../../domain/policy/policy.ts';
import type { Content } from '../../domain/request/display.ts';
import { type Action, type Ask, type CredentialSpec, stateAtCreation } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';
import type { AskSources } from '../memberships.ts';
import { ensurePerson } from '../people.ts';
import { type CheckDeps, checkJustified, checkParametersOf } from './check-ask.ts';
import type { Keyed } from './earlier.ts';
import type { FallbackInput, OpenSources } from './fallback.ts';
import { type KnownPolicyDeps, readPolicy } from './known-policy.ts';
import type { Masks, Salts } from './masks.ts';
import { clockOf, expiryOf, type RequirementResult, requirementOf, withHours } from './requirement.ts';

export type JudgementDeps = ServiceDeps &
  CheckDeps &
  KnownPolicyDeps & {
    readonly masks: Masks;
    /** The domain-prefixed RFC 8785 bytes' digest as `sha256:…`, and the canonical bytes themselves. */
    readonly digestAction: (action: Action) => { readonly digest: string; readonly canonical: Uint8Array };
    /** Whether a card shows all that an approval would be for; else only the window that shows all of it may approve. */
    readonly fitsCard: (input: Content & Pick<NewRequest, 'presentation' | 'credential'>) => boolean;
    readonly askSources: AskSources;
  };

export type Submission = Keyed & { readonly ask: Ask };
export type AgentSubmission = {
  readonly caller: AgentPrincipal;
  readonly submission: Submission;
  /** What the sources of its groups answered to this very ask; nothing where none was asked. */
  readonly answers: readonly SourceAnswer[];
};

/** What a policy refuses before anything is written. */
const REFUSALS = [
  'credential_exceeds_policy',
  'justification_missing',
  'outside_hours',
  'parameters_invalid',
  'quorum_unreachable',
] as const;

export function isRefusal(error: unknown): boolean {
  return REFUSALS.some((code) => hasCode(error, code));
}

/** What is read once for all that are judged together. */
export type PolicyFacts = {
  readonly policy: PolicyVersion | null;
  readonly facts: ReadonlyMap<string, agents.LabelledAgent>;
  /** What was found to be required, by rule and excluded people. */
  readonly requirements: Map<string, RequirementResult>;
};

/** Reads it once, however many are judged by it. */
export async function readPolicyFacts(
  deps: JudgementDeps,
  tx: Tx,
  all: readonly AgentSubmission[],
): Promise<PolicyFacts> {
  const agent_ids = [...new Set(all.map(({ caller }) => caller.id))];
  // Sent together, in this order: no policy is applied meanwhile, so the rule and its groups are of one policy.
  const [, facts, policy] = await inOrder(tx, [
    (tx) => policies.holdPolicies(tx),
    (tx) => agents.readAgentFacts(tx, agent_ids),
    (tx) => readPolicy(deps, tx),
  ]);
  return { policy, facts, requirements: new Map() };
}

export type Judged = { readonly request: NewRequest; readonly salts: Salts };

/**
 * The request as the policy of now makes it, or the sources to ask first; throws what refuses it, and writes nothing but a person
 * it works for.
 */
export async function judge(
  deps: JudgementDeps,
  tx: Tx,
  known: PolicyFacts,
  { caller, submission: { idempotency_key, body_digest, ask }, answers }: AgentSubmission,
): Promise<Judged | OpenSources> {
  const { policy } = known;
  const facts = known.facts.get(caller.id) ?? { labels: {}, owner: '' };
  const { action: name, resource, parameters, on_behalf_of } = ask;
  const agent = { name: caller.name, environment: caller.environment, ...facts };
  const input = { agent, action: name, resource, parameters, on_behalf_of, now: tx.now };
  const entry = policy === null ? null : entryOf(policy.document, name);
  checkParametersOf(deps, entry, parameters);
  const judgement: Judgement = policy === null ? { effect: 'deny', rule: null } : evaluate(policy.document, input);
  checkJustified(ask, judgement.rule);
  const behind = await humansBehind(deps, tx, caller, ask);
  const clock = clockOf(policy?.document.calendars, judgement.rule, tx.now);
  const id = deps.newId('request');
  const { excluded_people } = behind;
  const isToWait = judgement.effect === 'require' && judgement.rule !== null;
  const required = isToWait ? await findRequirement(tx, known, judgement.rule, { excluded_people, answers }) : null;
  if (required !== null && 'unasked' in required) return required;
  const requirement = required === null ? null : withHours(required.requirement, clock);
  const { timeout_seconds, credential: wanted, ...kept } = ask;
  // Judged by its values, and from here on without those that are masked.
  const hidden = deps.masks.hide({ tenant_id: caller.tenant_id, request_id: id }, parameters, entry?.mask ?? []);
  const { parameters: open, masked, salts } = hidden ?? { parameters, salts: {} };
  const action: Action = { action: name, resource, parameters: open, masked };
  const credential = judgement.effect === 'deny' ? null : credentialOf(wanted, judgement.rule);
  const state = stateAtCreation(judgement.effect);
  const presentation = presentationOf(entry, { ...ask, parameters: open }, agent);
  const request = {
    ...kept,
    ...deps.digestAction(action),
    parameters: open,
    id,
    agent_id: caller.id,
    environment: caller.environment,
    idempotency_key,
    body_digest: hidden === null ? body_digest : deps.masks.digestUnder(salts, body_digest),
    salts_sealed: hidden?.salts_sealed ?? null,
    members_when_made: required?.members_when_made ?? null,
    ...behind,
    effect: judgement.effect,
    state,
    policy_id: policy?.id ?? null,
    policy_number: policy?.number ?? null,
    rule: judgement.rule?.name ?? null,
    denial: judgement.denial ?? null,
    requirement,
    credential,
    presentation,
    needs_review: !deps.fitsCard({ ...action, presentation, credential }),
    created_at: tx.now,
    expires_at: requirement === null ? null : expiryOf({ id, now: tx.now, clock }, timeout_seconds, judgement.rule),
    closed_at: state === 'pending' ? null : tx.now,
  };
  return { request, salts };
}

async function findRequirement(
  tx: Tx,
  { requirements, policy }: PolicyFacts,
  rule: Rule,
  of: Omit<FallbackInput, 'fallback'>,
): Promise<RequirementResult | OpenSources> {
  const key = JSON.stringify([rule.name, of.excluded_people]);
  const known = of.answers.length === 0 ? requirements.get(key) : undefined;
  if (known !== undefined) return known;
  const found = await requirementOf(tx, rule, { ...of, fallback: policy?.document.fallback ?? [] });
  // What a source answered to one ask is of no use to another.
  if (of.answers.length === 0 && !('unasked' in found)) requirements.set(key, found);
  return found;
}

type Behind = Pick<NewRequest, 'excluded_people' | 'on_behalf_of_person_id'>;

/** The agent's owner, whoever else made its keys, and the human it works for: none ever counts (INV-2). */
async function humansBehind(deps: JudgementDeps, tx: Tx, caller: AgentPrincipal, ask: Ask): Promise<Behind> {
  const behind = [caller.owner_person_id, ...caller.behind_people];
  if (ask.on_behalf_of === null) return { excluded_people: [...new Set(behind)], on_behalf_of_person_id: null };
  const person_id = await ensurePerson(deps, tx, {
    address: addressOf(ask.on_behalf_of),
    from: 'on_behalf_of',
    by: caller,
  });
  return { excluded_people: [...new Set([...behind, person_id])], on_behalf_of_person_id: person_id };
}

/** What may be issued: as asked when the rule allows that much, else as the rule says (INV-5). */
function credentialOf(input: CredentialSpec | null, rule: Rule | null): CredentialSpec | null {
  const allowed = rule?.credential ?? null;
  if (input === null) return allowed;
  if (allowed === null || !isWithin(input, allowed)) throw new PlacetError('credential_exceeds_policy', { allowed });
  return onTermsOf(input, allowed);
}
