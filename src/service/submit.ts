// Ask: judge a request by the newest policy and write it once, with its audit events, in one transaction.

import type { Tx } from '../db/database.ts';
import { fitsCard } from '../domain/display.ts';
import { PlacetError } from '../domain/errors.ts';
import { evaluate, type Judgement, type Rule, TIMEOUT_SECONDS_DEFAULT } from '../domain/policy.ts';
import type { Action, CredentialSpec, JsonObject, Requirement } from '../domain/request.ts';
import { CLAIM_WINDOW_SECONDS, isWithin } from '../domain/scope.ts';
import { type Caller, type Records, record } from './records.ts';
import { type RequestView, viewAtCreation } from './view.ts';

export type SubmitDeps = Records & {
  /** The domain-prefixed RFC 8785 bytes' digest as `sha256:…`, and the canonical bytes themselves. */
  readonly digestAction: (action: Action) => { readonly digest: string; readonly canonical: Uint8Array };
};

export type Ask = {
  readonly action: string;
  readonly resource: string;
  readonly parameters: JsonObject;
  readonly justification: string | null;
  readonly on_behalf_of: string | null;
  readonly timeout_seconds: number | null;
  readonly credential: CredentialSpec | null;
};

export type Submission = { readonly idempotency_key: string; readonly body_digest: Uint8Array; readonly ask: Ask };

/** Writes the request and answers it; a repeat of the same key and body gets the same answer, another body a conflict. */
export function submit(deps: SubmitDeps, caller: Caller, submission: Submission): Promise<RequestView> {
  return deps.transact(caller.tenant_id, async (tx) => {
    const earlier = await findEarlier(deps, tx, caller, submission);
    if (earlier !== null) return earlier;
    const request = await judge(deps, tx, caller, submission);
    const isNew = await deps.store.requests.insertRequest(tx, request);
    if (!isNew) return mustFindEarlier(deps, tx, caller, submission);
    await writeConsequences(deps, tx, caller, request);
    return answer(deps, tx, request.id);
  });
}

type NewRequest = Parameters<Records['store']['requests']['insertRequest']>[1];

async function judge(
  deps: SubmitDeps,
  tx: Tx,
  caller: Caller,
  { idempotency_key, body_digest, ask }: Submission,
): Promise<NewRequest> {
  const policy = await deps.store.policies.readNewest(tx);
  const asked = { action: ask.action, resource: ask.resource, agent: caller.name, environment: caller.environment };
  const judgement: Judgement = policy === null ? { effect: 'deny', rule: null } : evaluate(policy.document, asked);
  const excluded_people = await humansBehind(deps, tx, caller, ask);
  const requirement =
    judgement.effect === 'require' ? await requirementOf(deps, tx, judgement.rule, excluded_people) : null;
  const action: Action = { action: ask.action, resource: ask.resource, parameters: ask.parameters };
  const credential = judgement.effect === 'deny' ? null : credentialOf(ask.credential, judgement.rule);
  return {
    ...action,
    ...deps.digestAction(action),
    id: deps.newId('request'),
    agent_id: caller.agent_id,
    environment: caller.environment,
    idempotency_key,
    body_digest,
    justification: ask.justification,
    on_behalf_of: ask.on_behalf_of,
    excluded_people,
    effect: judgement.effect,
    state: judgement.effect === 'require' ? 'pending' : judgement.effect === 'allow' ? 'approved' : 'denied',
    policy_id: policy?.id ?? null,
    policy_number: policy?.number ?? null,
    rule: judgement.rule?.name ?? null,
    requirement,
    credential,
    needs_review: !fitsCard({ ...action, credential }),
    created_at: tx.now,
    expires_at: requirement === null ? null : expiryOf(tx.now, ask.timeout_seconds, judgement.rule),
  };
}

/** The owner of the agent and the human it works for: neither ever counts (INV-2). */
async function humansBehind(deps: SubmitDeps, tx: Tx, caller: Caller, ask: Ask): Promise<string[]> {
  if (ask.on_behalf_of === null) return [caller.owner_person_id];
  const person_id = await deps.store.people.ensurePerson(tx, {
    id: deps.newId('person'),
    email: ask.on_behalf_of,
    name: null,
  });
  return [...new Set([caller.owner_person_id, person_id])];
}

/** The rule's groups as one stage; refused at once when nobody could ever reach the quorum. */
async function requirementOf(
  deps: SubmitDeps,
  tx: Tx,
  rule: Rule | null,
  excluded: readonly string[],
): Promise<Requirement> {
  const quorum = rule?.quorum ?? 1;
  const groups = await deps.store.groups.findGroupsByName(tx, rule?.approvers ?? []);
  // Who is in a Slack user group is only known at the click, so such a group counts as enough.
  const ids = groups.map((group) => group.id);
  const reach = await deps.store.groups.countReach(tx, ids, excluded);
  if (!reach.has_slack_user_group && reach.people < quorum) {
    throw new PlacetError('quorum_unreachable', { quorum, eligible: reach.people });
  }
  return { stages: [{ approvers: groups.map(({ id, name }) => ({ group_id: id, name })), quorum }] };
}

/** What may be issued: as asked when the rule allows that much, else as the rule says (INV-5). */
function credentialOf(asked: CredentialSpec | null, rule: Rule | null): CredentialSpec | null {
  const allowed = rule?.credential ?? null;
  if (asked === null) return allowed;
  if (allowed === null || !isWithin(asked, allowed)) throw new PlacetError('credential_exceeds_policy', { allowed });
  return asked;
}

function expiryOf(now: Date, asked_seconds: number | null, rule: Rule | null): Date {
  const allowed_seconds = rule?.timeout_seconds ?? TIMEOUT_SECONDS_DEFAULT;
  return new Date(now.getTime() + Math.min(asked_seconds ?? allowed_seconds, allowed_seconds) * 1_000);
}

async function writeConsequences(deps: SubmitDeps, tx: Tx, caller: Caller, request: NewRequest): Promise<void> {
  const { id: request_id, digest } = request;
  const actor = { kind: 'agent', id: caller.agent_id } as const;
  const { effect, rule, policy_id, action } = request;
  await record(deps, tx, {
    type: 'approval_request.created',
    outcome: 'success',
    actor,
    request_id,
    digest,
    facts: { effect, rule, policy_id, action },
  });
  if (effect === 'require') return deps.store.outbox.enqueue(tx, request_id, 'start');
  const type = effect === 'allow' ? 'approval_request.approved' : 'approval_request.denied';
  await record(deps, tx, {
    type,
    outcome: 'success',
    actor: { kind: 'system', id: 'policy' },
    request_id,
    digest,
    facts: { rule },
  });
  if (effect === 'allow') await makeGrant(deps, tx, request);
}

/** The grant of an approved request, when its rule grants a credential at all. */
export async function makeGrant(
  records: Records,
  tx: Tx,
  request: { readonly id: string; readonly digest: string; readonly credential: CredentialSpec | null },
): Promise<void> {
  if (request.credential === null) return;
  const grant_id = records.newId('grant');
  const claim_expires_at = new Date(tx.now.getTime() + CLAIM_WINDOW_SECONDS * 1_000);
  const { id: request_id, digest, credential } = request;
  await records.store.grants.insertGrant(tx, { id: grant_id, request_id, digest, credential, claim_expires_at });
  await record(records, tx, {
    type: 'grant.created',
    outcome: 'success',
    actor: { kind: 'system', id: 'policy' },
    request_id,
    digest,
    facts: { grant_id, claim_expires_at: claim_expires_at.toISOString() },
  });
}

async function findEarlier(
  deps: SubmitDeps,
  tx: Tx,
  caller: Caller,
  submission: Submission,
): Promise<RequestView | null> {
  const earlier = await deps.store.requests.findByIdempotencyKey(tx, caller.agent_id, submission.idempotency_key);
  if (earlier === null) return null;
  const isSame = Buffer.from(submission.body_digest).equals(earlier.body_digest);
  if (!isSame) throw new PlacetError('idempotency_conflict', { request_id: earlier.id });
  return answer(deps, tx, earlier.id);
}

async function mustFindEarlier(deps: SubmitDeps, tx: Tx, caller: Caller, submission: Submission): Promise<RequestView> {
  const earlier = await findEarlier(deps, tx, caller, submission);
  if (earlier === null)
    throw new PlacetError('internal', {}, new Error('a request with this key is neither new nor there'));
  return earlier;
}

async function answer(deps: SubmitDeps, tx: Tx, request_id: string): Promise<RequestView> {
  const dossier = await deps.store.dossiers.readDossier(tx, request_id);
  if (dossier === null) throw new PlacetError('internal', {}, new Error('the request just written is not there'));
  return viewAtCreation(dossier);
}
