// What --json prints: each member by name, so that nothing is public because something of ours came to have it.

import { saidOf } from '../domain/credential/terms.ts';
import type { AnswerOf } from './operations.ts';

type Agent = AnswerOf<'listAgents'>[number];
type Event = AnswerOf<'listAuditEvents'>[number];
type Group = AnswerOf<'listGroups'>[number];
type Issued = AnswerOf<'createAgent'>;
type Person = AnswerOf<'showPerson'>;
type Shown = AnswerOf<'showRequest'>;

export function agentJson({ id, name, owner_email, environment, labels, created_at, revoked_at, keys }: Agent) {
  const hints = keys.map((key) => ({ id: key.id, hint: key.hint, expires_at: key.expires_at }));
  return { id, name, owner_email, environment, labels: { ...labels }, created_at, revoked_at, keys: hints };
}

export function issuedJson({ agent_id, name, environment, key, expires_at }: Issued) {
  return { agent_id, name, environment, key, expires_at };
}

export function groupJson({ id, name, slack_user_group, source, channel, is_retired, member_count }: Group) {
  return { id, name, slack_user_group, source, channel, is_retired, member_count };
}

export function membersJson({ members }: AnswerOf<'showGroup'>) {
  return members.map(({ id, email, name, is_active }) => ({ id, email, name, is_active }));
}

export function personJson({ id, email, name, is_active, merged, addresses, accounts }: Person) {
  return {
    ...{ id, email, name, is_active, merged },
    addresses: addresses.map(({ address, from_at, until_at }) => ({ address, from_at, until_at })),
    accounts: accounts.map(({ account, linked_by, from_at, until_at }) => ({ account, linked_by, from_at, until_at })),
  };
}

export function correctedJson(corrected: AnswerOf<'mergePeople'>) {
  const { kind, person_id, recounted, executed_without_approval } = corrected;
  return { kind, person_id, recounted, executed_without_approval };
}

export function appliedJson({ kind, id, number, digest }: AnswerOf<'applyPolicy'>) {
  return { kind, id, number, digest };
}

export function holderJson({ role, person_id, email, name }: AnswerOf<'listRoleHolders'>[number]) {
  return { role, person_id, email, name };
}

export function tokenJson(token: AnswerOf<'listTokens'>[number]) {
  const { id, name, role, owner_email, hint, created_at, expires_at, last_used_at, revoked_at } = token;
  return { id, name, role, owner_email, hint, created_at, expires_at, last_used_at, revoked_at };
}

export function versionJson(version: AnswerOf<'listPolicyVersions'>['items'][number]) {
  const { id, number, digest, applied_by, applied_at, via, request_id } = version;
  return { id, number, digest, applied_by, applied_at, via, request_id };
}

export function changedJson(changed: AnswerOf<'rollbackPolicy'>) {
  const { plan } = changed;
  if (changed.kind !== 'proposed') return { ...appliedJson(changed), plan };
  const { kind, request_id, expires_at } = changed;
  return { kind, request_id, expires_at, plan };
}

export function eventJson(event: Event) {
  const { id, type, outcome, actor_kind, actor_id, request_id, lease_id, digest, facts, occurred_at } = event;
  return { id, type, outcome, actor_kind, actor_id, request_id, lease_id, digest, facts, occurred_at };
}

export function requestJson(record: Shown) {
  const { request, agent, groups, decisions, grant, lease, execution, revocation, result, cards } = record;
  return {
    request: fieldsOf(request),
    agent: { id: agent.id, name: agent.name, owner: nameOf(agent.owner) },
    groups: groups.map(({ id, name, slack_user_group, channel }) => ({ id, name, slack_user_group, channel })),
    decisions: decisions.map(decisionJson),
    grant: grant === null ? null : grantJson(grant),
    lease: lease === null ? null : leaseJson(lease),
    execution: execution === null ? null : { started_at: execution.started_at },
    revocation: revocation === null ? null : revocationJson(revocation),
    result: result === null ? null : resultJson(result),
    cards: cards.map(cardJson),
    undeliverable_at: record.undeliverable_at,
  };
}

function fieldsOf(request: Shown['request']) {
  const { id, tenant_id, agent_id, environment, action, resource, parameters, digest } = request;
  const masked = request.masked === undefined ? null : maskedJson(request.masked);
  const { justification, on_behalf_of, excluded_people, effect, state, policy_id, policy_number, rule, denial } =
    request;
  const { needs_review, revision, created_at, expires_at, closed_at } = request;
  const requirement = request.requirement === null ? null : requirementJson(request.requirement);
  const credential = request.credential === null ? null : credentialJson(request.credential);
  const presentation = request.presentation === null ? null : presentationJson(request.presentation);
  return {
    ...{ id, tenant_id, agent_id, environment, action, resource, parameters, masked, digest },
    ...{ justification, on_behalf_of, excluded_people, effect, state, policy_id, policy_number, rule, denial },
    ...{ requirement, credential, presentation, needs_review, revision, created_at, expires_at, closed_at },
  };
}

function maskedJson(masked: NonNullable<Shown['request']['masked']>) {
  const values = Object.entries(masked).map(([name, { commitment, type, length }]) => [
    name,
    { commitment, type, length },
  ]);
  return Object.fromEntries(values) as typeof masked;
}

function presentationJson({ title, risk, show }: NonNullable<Shown['request']['presentation']>) {
  return { title, risk, show };
}

function requirementJson({ stages, reason, confirm }: NonNullable<Shown['request']['requirement']>) {
  return {
    stages: stages.map(({ approvers, quorum }) => ({
      approvers: approvers.map(({ group_id, name }) => ({ group_id, name })),
      quorum,
    })),
    reason: reason ?? 'optional',
    confirm: confirm ?? false,
  };
}

function credentialJson(credential: NonNullable<Shown['request']['credential']>) {
  switch (credential.type) {
    case 'jwt': {
      const { type, audience, scopes, lifetime_seconds } = credential;
      return { type, audience, scopes, lifetime_seconds, ...saidOf(credential) };
    }
  }
}

function nameOf({ id, email, name }: Shown['agent']['owner']) {
  return { id, email, name };
}

function decisionJson(made: Shown['decisions'][number]) {
  const { id, request_id, stage, group_ids, person_id, decision, reason, digest } = made;
  const { via, account, decided_at, account_moved_at } = made;
  return {
    ...{ id, request_id, stage, group_ids, person_id, decision, reason, digest },
    ...{ via, account, decided_at, account_moved_at },
    person: nameOf(made.person),
  };
}

function grantJson(grant: NonNullable<Shown['grant']>) {
  const { id, request_id, digest, claim_expires_at, ends_at, uses_max, redeemed_at, redemptions, uses } = grant;
  const credential = credentialJson(grant.credential);
  const counts = { uses_max, redeemed_at, redemptions, uses };
  return { id, request_id, digest, credential, claim_expires_at, ends_at, ...counts };
}

function leaseJson(lease: NonNullable<Shown['lease']>) {
  const { id, grant_id, request_id, digest, use, state, issued_at, expires_at, used_at } = lease;
  return { id, grant_id, request_id, digest, use, state, issued_at, expires_at, used_at };
}

function revocationJson({ by_kind, by_id, name, revoked_at }: NonNullable<Shown['revocation']>) {
  return { by_kind, by_id, name, revoked_at };
}

function resultJson({ status, detail, result_digest, reported_at }: NonNullable<Shown['result']>) {
  return { status, detail, result_digest, reported_at };
}

function cardJson({ channel, state, error, posted_at, undelivered_at }: Shown['cards'][number]) {
  return { channel, state, error, posted_at, undelivered_at };
}
