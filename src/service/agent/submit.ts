// Ask: judge a request by the newest policy and write it once, with its audit events, in one transaction.

import { numberEvent, recordEvent } from '../../audit/record.ts';
import * as agents from '../../db/agents.ts';
import type { LockedTx, Tx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import { inOrder } from '../../db/in-order.ts';
import type { PolicyVersion } from '../../db/policies.ts';
import * as policies from '../../db/policies.ts';
import * as requests from '../../db/requests.ts';
import type { NewGrant, NewRequest } from '../../db/tables.ts';
import type { AuditEvent } from '../../domain/audit/event.ts';
import { CLAIM_WINDOW_SECONDS, isWithin } from '../../domain/credential/scope.ts';
import { hasCode, PlacetError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/people/address.ts';
import type { AskedSource, SourceAnswer } from '../../domain/people/membership.ts';
import { type AgentPrincipal, POLICY } from '../../domain/people/principal.ts';
import { entryOf, isReserved, presentationOf } from '../../domain/policy/actions.ts';
import { evaluate, type Judgement, type Rule } from '../../domain/policy/policy.ts';
import type { Content } from '../../domain/request/display.ts';
import { type Action, type Ask, type CredentialSpec, stateAtCreation } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';
import type { AskSources } from '../memberships.ts';
import { ensurePerson } from '../people.ts';
import { type CheckDeps, checkJustified, checkParametersOf } from './check-ask.ts';
import { type EarlierDeps, findEarlier, type Keyed, mustFindEarlier } from './earlier.ts';
import type { Salts } from './masks.ts';
import { type RequestView, viewAtCreation } from './request-view.ts';
import { clockOf, expiryOf, requirementOf, withHours } from './requirement.ts';

export type SubmitDeps = ServiceDeps &
  CheckDeps &
  EarlierDeps & {
    /** The domain-prefixed RFC 8785 bytes' digest as `sha256:…`, and the canonical bytes themselves. */
    readonly digestAction: (action: Action) => { readonly digest: string; readonly canonical: Uint8Array };
    /** Whether a card shows all that an approval would be for; else only the window that shows all of it may approve. */
    readonly fitsCard: (input: Content & Pick<NewRequest, 'presentation' | 'credential'>) => boolean;
    /** The last policy seen, by tenant, kept between calls by whoever gives it. */
    readonly known_policies?: Map<string, PolicyVersion>;
    readonly askSources: AskSources;
  };

export type Submission = Keyed & { readonly ask: Ask };

/** Writes the request and answers it; a repeat of the same key and body gets the same answer, another body a conflict. */
export async function submit(deps: SubmitDeps, caller: AgentPrincipal, submission: Submission): Promise<RequestView> {
  if (isReserved(submission.ask.action)) throw new PlacetError('action_reserved');
  const { tenant_id } = caller;
  let answers: readonly SourceAnswer[] = [];
  // Asked outside of the transaction: no lock of policies waits for it.
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const created = await attempt(deps, caller, submission, answers);
    if (created === null) return deps.transact(tenant_id, (tx) => mustFindEarlier(deps, tx, caller, submission));
    if (!('unasked' in created)) return created;
    answers = await deps.askSources(created.unasked, null);
  }
  throw new PlacetError('unavailable', { dependency: 'sources' });
}

/** Null when a request under this key stands already; the sources of its groups where they have to be asked first. */
function attempt(
  deps: SubmitDeps,
  caller: AgentPrincipal,
  submission: Submission,
  answers: readonly SourceAnswer[],
): Promise<RequestView | OpenSources | null> {
  return deps.transact(caller.tenant_id, async (tx) => {
    let judged: Judged | OpenSources;
    try {
      judged = await judge(deps, tx, { caller, submission, answers });
      if ('unasked' in judged) return (await findEarlier(deps, tx, caller, submission)) ?? judged;
    } catch (error) {
      // A repeat keeps the answer of its creation, also under a policy that would refuse it today.
      const earlier = isRefusal(error) ? await findEarlier(deps, tx, caller, submission) : null;
      if (earlier === null) throw error;
      return earlier;
    }
    const { request, salts } = judged;
    const grant = request.effect === 'allow' ? newGrant(deps, tx, request) : null;
    // The insert itself tells a repeat: asking first would cost every other request a round trip.
    const effects = effectsOf(deps, caller, { request, grant });
    const isNew = await tx.commitWith(() => requests.insertRequest(tx, request, effects));
    if (!isNew) return null;
    // From the canonical text, as every later answer: its members stand in the same order.
    const { parameters, masked } = JSON.parse(new TextDecoder().decode(request.canonical)) as Action;
    return viewAtCreation({ request: { ...request, parameters, masked }, grant }, salts);
  });
}

/** What a policy refuses before anything is written. */
const REFUSALS = [
  'credential_exceeds_policy',
  'justification_missing',
  'outside_hours',
  'parameters_invalid',
  'quorum_unreachable',
] as const;

function isRefusal(error: unknown): boolean {
  return REFUSALS.some((code) => hasCode(error, code));
}

type Judged = { readonly request: NewRequest; readonly salts: Salts };
/** Nothing was written: these are to be asked first. */
type OpenSources = { readonly unasked: readonly AskedSource[] };

/** A policy that names other sources while some are asked is met so many times at most. */
const TRIES_MAX = 5;

type Judging = { readonly caller: AgentPrincipal; readonly submission: Submission; readonly answers: Answers };
type Answers = readonly SourceAnswer[];

async function judge(
  deps: SubmitDeps,
  tx: Tx,
  { caller, submission: { idempotency_key, body_digest, ask }, answers }: Judging,
): Promise<Judged | OpenSources> {
  // Sent together, in this order: no policy is applied meanwhile, so the rule and its groups are of one policy.
  const [, facts, policy] = await inOrder(tx, [
    (tx) => policies.holdPolicies(tx),
    (tx) => agents.readAgentFacts(tx, caller.id),
    (tx) => readPolicy(deps, tx),
  ]);
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
  const required = isToWait
    ? await requirementOf(tx, judgement.rule, { excluded_people, answers, fallback: policy?.document.fallback ?? [] })
    : null;
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

/** The newest policy: asked each time, so that an apply is seen at once, but sent only when it is another one. */
async function readPolicy({ known_policies }: SubmitDeps, tx: Tx): Promise<PolicyVersion | null> {
  const newest = await policies.readNewest(tx, known_policies?.get(tx.tenant_id) ?? null);
  if (newest !== null) known_policies?.set(tx.tenant_id, newest);
  return newest;
}

type Behind = Pick<NewRequest, 'excluded_people' | 'on_behalf_of_person_id'>;

/** The agent's owner, whoever else made its keys, and the human it works for: none ever counts (INV-2). */
async function humansBehind(deps: SubmitDeps, tx: Tx, caller: AgentPrincipal, ask: Ask): Promise<Behind> {
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
  return input;
}

/** What is written together with the request: its events, and its grant or the start of its workflow. */
function effectsOf(
  deps: SubmitDeps,
  caller: AgentPrincipal,
  { request, grant }: { readonly request: NewRequest; readonly grant: NewGrant | null },
): requests.RequestEffects {
  const { effect, rule, policy_id, action, created_at } = request;
  const about = { outcome: 'success', request_id: request.id, digest: request.digest } as const;
  const facts = { effect, rule, policy_id, action };
  const events: AuditEvent[] = [{ ...about, type: 'approval_request.created', actor: caller, facts }];
  if (effect === 'allow') events.push({ ...about, type: 'approval_request.approved', actor: POLICY, facts: { rule } });
  if (effect === 'deny') events.push({ ...about, type: 'approval_request.denied', actor: POLICY, facts: { rule } });
  if (grant !== null) events.push(grantCreated(request, grant));
  return {
    events: events.map((event) => numberEvent(deps, created_at, event)),
    grant,
    is_to_start: effect === 'require',
  };
}

type Granted = { readonly id: string; readonly digest: string; readonly credential: CredentialSpec | null };

/** The grant of an approved request, when its rule grants a credential at all. */
export async function makeGrant(service: ServiceDeps, tx: LockedTx, request: Granted): Promise<void> {
  const grant = newGrant(service, tx, request);
  if (grant === null) return;
  await inOrder(tx, [
    (tx) => grants.insertGrant(tx, grant),
    (tx) => recordEvent(service, tx, grantCreated(request, grant)),
  ]);
}

function newGrant(service: ServiceDeps, tx: Tx, { id: request_id, digest, credential }: Granted): NewGrant | null {
  if (credential === null) return null;
  const claim_expires_at = new Date(tx.now.getTime() + CLAIM_WINDOW_SECONDS * 1_000);
  return { id: service.newId('grant'), request_id, digest, credential, created_at: tx.now, claim_expires_at };
}

function grantCreated({ id: request_id, digest }: Granted, { id: grant_id, claim_expires_at }: NewGrant): AuditEvent {
  const facts = { grant_id, claim_expires_at: claim_expires_at.toISOString() };
  return { type: 'grant.created', outcome: 'success', actor: POLICY, request_id, digest, facts };
}
