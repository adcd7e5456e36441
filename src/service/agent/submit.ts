// Ask: judge a request by the newest policy and write it once, with its audit events, in one transaction.

import { numberEvent, recordEvent } from '../../audit/record.ts';
import type { LockedTx, Tx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import * as groups from '../../db/groups.ts';
import { inOrder } from '../../db/in-order.ts';
import type { PolicyVersion } from '../../db/policies.ts';
import * as policies from '../../db/policies.ts';
import { CREATION } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import * as requests from '../../db/requests.ts';
import type { NewGrant, NewRequest } from '../../db/tables.ts';
import type { AuditEvent, Facts } from '../../domain/audit/event.ts';
import { CLAIM_WINDOW_SECONDS, isWithin } from '../../domain/credential/scope.ts';
import { hasCode, PlacetError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/people/address.ts';
import { type AgentPrincipal, POLICY } from '../../domain/people/principal.ts';
import { evaluate, type Judgement, type Rule, TIMEOUT_SECONDS_DEFAULT } from '../../domain/policy/policy.ts';
import {
  type Action,
  type Ask,
  type CredentialSpec,
  type Requirement,
  stateAtCreation,
} from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';
import { ensurePerson } from '../people.ts';
import { type RequestView, viewAtCreation } from './request-view.ts';

export type SubmitDeps = ServiceDeps & {
  /** The domain-prefixed RFC 8785 bytes' digest as `sha256:…`, and the canonical bytes themselves. */
  readonly digestAction: (action: Action) => { readonly digest: string; readonly canonical: Uint8Array };
  /** Whether a card shows all that an approval would be for; else only the window that shows all of it may approve. */
  readonly fitsCard: (input: Action & { readonly credential: CredentialSpec | null }) => boolean;
  /** The last policy seen, by tenant, kept between calls by whoever gives it. */
  readonly known_policies?: Map<string, PolicyVersion>;
};

export type Submission = { readonly idempotency_key: string; readonly body_digest: Uint8Array; readonly ask: Ask };

/** Writes the request and answers it; a repeat of the same key and body gets the same answer, another body a conflict. */
export function submit(deps: SubmitDeps, caller: AgentPrincipal, submission: Submission): Promise<RequestView> {
  return deps.transact(caller.tenant_id, async (tx) => {
    let request: NewRequest;
    try {
      request = await judge(deps, tx, caller, submission);
    } catch (error) {
      // A repeat keeps the answer of its creation, also under a policy that would refuse it today.
      const earlier = isRefusal(error) ? await findEarlier(tx, caller, submission) : null;
      if (earlier === null) throw error;
      return earlier;
    }
    const grant = request.effect === 'allow' ? newGrant(deps, tx, request) : null;
    // The insert itself tells a repeat: asking first would cost every other request a round trip.
    const isNew = await requests.insertRequest(tx, request, effectsOf(deps, caller, { request, grant }));
    if (!isNew) return mustFindEarlier(tx, caller, submission);
    // From the canonical text, as every later answer: its members stand in the same order.
    const { parameters } = JSON.parse(new TextDecoder().decode(request.canonical)) as Action;
    return viewAtCreation({ request: { ...request, parameters }, grant });
  });
}

function isRefusal(error: unknown): boolean {
  return hasCode(error, 'quorum_unreachable') || hasCode(error, 'credential_exceeds_policy');
}

async function judge(
  deps: SubmitDeps,
  tx: Tx,
  caller: AgentPrincipal,
  { idempotency_key, body_digest, ask }: Submission,
): Promise<NewRequest> {
  // Sent together, in this order: no policy is applied meanwhile, so the rule and its groups are of one policy.
  const [, policy] = await inOrder(tx, [(tx) => policies.holdPolicies(tx), (tx) => readPolicy(deps, tx)]);
  const { action: name, resource, parameters, on_behalf_of } = ask;
  const agent = { name: caller.name, environment: caller.environment };
  const input = { agent, action: name, resource, parameters, on_behalf_of, now: tx.now };
  const judgement: Judgement = policy === null ? { effect: 'deny', rule: null } : evaluate(policy.document, input);
  const behind = await humansBehind(deps, tx, caller, ask);
  const requirement =
    judgement.effect === 'require' ? await requirementOf(tx, judgement.rule, behind.excluded_people) : null;
  const { timeout_seconds, credential: wanted, ...kept } = ask;
  const action: Action = { action: name, resource, parameters };
  const credential = judgement.effect === 'deny' ? null : credentialOf(wanted, judgement.rule);
  const state = stateAtCreation(judgement.effect);
  return {
    ...kept,
    ...deps.digestAction(action),
    id: deps.newId('request'),
    agent_id: caller.id,
    environment: caller.environment,
    idempotency_key,
    body_digest,
    ...behind,
    effect: judgement.effect,
    state,
    policy_id: policy?.id ?? null,
    policy_number: policy?.number ?? null,
    rule: judgement.rule?.name ?? null,
    requirement,
    credential,
    needs_review: !deps.fitsCard({ ...action, credential }),
    created_at: tx.now,
    expires_at: requirement === null ? null : expiryOf(tx.now, timeout_seconds, judgement.rule),
    closed_at: state === 'pending' ? null : tx.now,
  };
}

/** The newest policy: asked each time, so that an apply is seen at once, but sent only when it is another one. */
async function readPolicy({ known_policies }: SubmitDeps, tx: Tx): Promise<PolicyVersion | null> {
  const newest = await policies.readNewest(tx, known_policies?.get(tx.tenant_id) ?? null);
  if (newest !== null) known_policies?.set(tx.tenant_id, newest);
  return newest;
}

type Behind = Pick<NewRequest, 'excluded_people' | 'on_behalf_of_person_id'>;

/** The owner of the agent and the human it works for: neither ever counts (INV-2). */
async function humansBehind(deps: SubmitDeps, tx: Tx, caller: AgentPrincipal, ask: Ask): Promise<Behind> {
  const { owner_person_id: owner } = caller;
  if (ask.on_behalf_of === null) return { excluded_people: [owner], on_behalf_of_person_id: null };
  const person_id = await ensurePerson(deps, tx, {
    address: addressOf(ask.on_behalf_of),
    from: 'on_behalf_of',
    by: caller,
  });
  return { excluded_people: [...new Set([owner, person_id])], on_behalf_of_person_id: person_id };
}

/** The rule's groups as one stage; refused at once when nobody could ever reach the quorum. */
async function requirementOf(tx: Tx, rule: Rule | null, excluded: readonly string[]): Promise<Requirement> {
  const quorum = rule?.quorum ?? 1;
  const named = await groups.findGroupsByName(tx, rule?.approvers ?? []);
  // Who is in a Slack user group is only known at the click, so such a group counts as enough.
  const ids = named.map((group) => group.id);
  const reach = await groups.countReach(tx, ids, excluded);
  if (!reach.has_slack_user_group && reach.people < quorum) {
    throw new PlacetError('quorum_unreachable', { quorum, eligible: reach.people });
  }
  return { stages: [{ approvers: named.map(({ id, name }) => ({ group_id: id, name })), quorum }] };
}

/** What may be issued: as asked when the rule allows that much, else as the rule says (INV-5). */
function credentialOf(input: CredentialSpec | null, rule: Rule | null): CredentialSpec | null {
  const allowed = rule?.credential ?? null;
  if (input === null) return allowed;
  if (allowed === null || !isWithin(input, allowed)) throw new PlacetError('credential_exceeds_policy', { allowed });
  return input;
}

function expiryOf(now: Date, asked_seconds: number | null, rule: Rule | null): Date {
  const allowed_seconds = rule?.timeout_seconds ?? TIMEOUT_SECONDS_DEFAULT;
  return new Date(now.getTime() + Math.min(asked_seconds ?? allowed_seconds, allowed_seconds) * 1_000);
}

/** What is written together with the request: its events, and its grant or the start of its workflow. */
function effectsOf(
  deps: SubmitDeps,
  caller: AgentPrincipal,
  { request, grant }: { readonly request: NewRequest; readonly grant: NewGrant | null },
): requests.RequestEffects {
  const { effect, rule, created_at } = request;
  const about = { outcome: 'success', request_id: request.id, digest: request.digest } as const;
  const facts = createdFacts(request);
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

function createdFacts(request: NewRequest): Facts['approval_request.created'] {
  const { effect, rule, policy_id, policy_number, action, environment, canonical: content } = request;
  const { justification, on_behalf_of, on_behalf_of_person_id, excluded_people } = request;
  const { requirement, credential, needs_review } = request;
  const expires_at = request.expires_at?.toISOString() ?? null;
  const judged = { effect, rule, policy_id, policy_number, requirement, credential, needs_review, expires_at };
  return {
    ...judged,
    action,
    environment,
    content,
    justification,
    on_behalf_of,
    on_behalf_of_person_id,
    excluded_people,
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

async function findEarlier(tx: Tx, caller: AgentPrincipal, submission: Submission): Promise<RequestView | null> {
  const earlier = await requests.findByIdempotencyKey(tx, caller.id, submission.idempotency_key);
  if (earlier === null) return null;
  const isSame = Buffer.from(submission.body_digest).equals(earlier.body_digest);
  if (!isSame) throw new PlacetError('idempotency_conflict', { request_id: earlier.id });
  const record = await requestRecords.readRequestRecord(tx, earlier.id, CREATION);
  return record === null ? null : viewAtCreation(record);
}

async function mustFindEarlier(tx: Tx, caller: AgentPrincipal, submission: Submission): Promise<RequestView> {
  const earlier = await findEarlier(tx, caller, submission);
  if (earlier === null)
    throw new PlacetError('internal', {}, new Error('a request with this key is neither new nor there'));
  return earlier;
}
