// Each event type's version and facts: what is written into the log, and what is only committed to. Data only.

import type { EventType } from './event.ts';
import type { LeafFacts } from './leaf-facts.ts';

type Base<V> = V extends string
  ? 'text'
  : V extends number
    ? 'integer'
    : V extends boolean
      ? 'boolean'
      : V extends Uint8Array
        ? 'canonical'
        : V extends readonly (string | null)[]
          ? 'texts'
          : V extends readonly unknown[]
            ? 'objects'
            : 'object';

/** What a fact is; "or null" behind it where it may be null, "or none" where it may be missing. */
type Plain<V> = undefined extends V
  ? `${Base<NonNullable<V>>} or none`
  : null extends V
    ? `${Base<NonNullable<V>>} or null`
    : Base<V>;

/** A fact that stands in the log, or behind a commitment where it can be erased. */
export type Shape<V> = Plain<V> | `committed ${Plain<V>}`;

export type EventKind<T extends EventType> = {
  /** Rises with each change of what the facts are; what was written under an earlier one keeps it. */
  readonly version: number;
  readonly facts: { readonly [F in keyof LeafFacts<T>]-?: Shape<LeafFacts<T>[F]> };
};

/** Why, and the rule that denies, where one does. */
const REFUSAL = { code: 'text', rule: 'text or none' } as const;

/**
 * Committed are personal data, free text and parameters, which may be long, too. Ids of people stand in the
 * log: they are random, and mean nobody once the person's addresses and accounts are erased.
 */
export const EVENT_KINDS: { readonly [T in EventType]: EventKind<T> } = {
  'approval_request.created': {
    version: 2,
    facts: {
      effect: 'text',
      denial: 'text or null',
      rule: 'text or null',
      policy_id: 'text or null',
      policy_number: 'integer or null',
      action: 'text',
      environment: 'text',
      content: 'committed canonical',
      justification: 'committed text or null',
      on_behalf_of: 'committed text or null',
      on_behalf_of_person_id: 'text or null',
      excluded_people: 'texts',
      members_when_made: 'committed object or null',
      requirement: 'object or null',
      credential: 'object or null',
      presentation: 'committed object or null',
      needs_review: 'boolean',
      expires_at: 'text or null',
    },
  },
  'approval_request.approved': { version: 1, facts: { rule: 'text or null' } },
  'approval_request.denied': { version: 1, facts: { rule: 'text or null' } },
  'approval_request.expired': { version: 1, facts: {} },
  'approval_request.cancelled': { version: 1, facts: {} },
  'approval_request.escalated': { version: 1, facts: { stage: 'integer', groups: 'texts' } },
  'approval_request.undeliverable': { version: 1, facts: { groups: 'texts', errors: 'texts' } },
  'decision.recorded': {
    version: 2,
    facts: {
      decision_id: 'text',
      decision: 'text',
      stage: 'integer',
      approvals: 'integer',
      quorum: 'integer',
      message: 'text or null',
      reason: 'committed text or null',
      via: 'text',
      account: 'committed text',
      group_ids: 'texts or null',
      stands_in_for: 'objects or none',
      evidence: 'committed objects or null',
    },
  },
  'decision.refused': { version: 1, facts: { refusal: 'text', decision: 'text' } },
  'content.viewed': { version: 1, facts: {} },
  'grant.created': {
    version: 1,
    facts: { grant_id: 'text', uses_max: 'integer', claim_expires_at: 'text', ends_at: 'text or null' },
  },
  'grant.claim_refused': { version: 1, facts: REFUSAL },
  'credential.issued': {
    version: 1,
    facts: {
      grant_id: 'text',
      use: 'integer',
      kid: 'text',
      audience: 'text',
      scopes: 'text',
      issued_at: 'text',
      expires_at: 'text',
      idempotency_key: 'committed text or null',
      jkt: 'text or null',
    },
  },
  'credential.repeated': { version: 1, facts: { grant_id: 'text', kid: 'text' } },
  'credential.refused': { version: 1, facts: { code: 'text' } },
  'lease.used': { version: 1, facts: { use: 'integer' } },
  'lease.use_refused': { version: 1, facts: REFUSAL },
  'lease.expired': { version: 1, facts: {} },
  'lease.revoked': { version: 1, facts: {} },
  'approval.revoked': { version: 1, facts: { via: 'text', account: 'committed text or null' } },
  'execution.started': { version: 1, facts: { idempotency_key: 'committed text' } },
  'execution.start_refused': { version: 1, facts: REFUSAL },
  'result.reported': {
    version: 1,
    facts: {
      status: 'text',
      use: 'integer',
      detail: 'committed text or null',
      result_digest: 'committed text or null',
    },
  },
  'notify.sent': { version: 1, facts: { kind: 'text', channel_id: 'text' } },
  'notify.failed': { version: 1, facts: { kind: 'text', code: 'text' } },
  'policy.applied': { version: 1, facts: { policy_id: 'text', number: 'integer', digest: 'text' } },
  'policy.forced': { version: 1, facts: { policy_id: 'text', number: 'integer', widenings: 'integer' } },
  'policy.proposed': { version: 1, facts: { base_number: 'integer', digest: 'text' } },
  'policy.proposal_refused': { version: 1, facts: { code: 'text' } },
  'approver_group.changed': {
    version: 2,
    facts: {
      group: 'text',
      channel: 'text',
      slack_user_group: 'text or null',
      source: 'text or null',
      is_retired: 'boolean',
      added: 'texts',
      removed: 'texts',
      unclaimed: 'integer',
    },
  },
  'source_secret.set': { version: 1, facts: { host: 'text' } },
  'source_secret.removed': { version: 1, facts: { host: 'text' } },
  'slack_account.linked': { version: 1, facts: { account: 'committed text', linked_by: 'text', person_id: 'text' } },
  'slack_account.unlinked': { version: 1, facts: { account: 'committed text', person_id: 'text' } },
  'slack_account.moved': {
    version: 1,
    facts: { account: 'committed text', from_person_id: 'text', person_id: 'text' },
  },
  'person.created': { version: 1, facts: { person_id: 'text', from: 'text' } },
  'person.merged': { version: 1, facts: { person_id: 'text', into_person_id: 'text' } },
  'person_email.added': { version: 1, facts: { person_id: 'text', why: 'text' } },
  'person_email.ended': { version: 1, facts: { person_id: 'text', why: 'text' } },
  'agent.created': {
    version: 1,
    facts: { agent_id: 'text', name: 'text', environment: 'text', owner_person_id: 'text', labels: 'object' },
  },
  'agent.labelled': { version: 1, facts: { agent_id: 'text', labels: 'object' } },
  'agent_key.created': { version: 1, facts: { agent_id: 'text', key_id: 'text', expires_at: 'text' } },
  'agent_key.rotated': { version: 1, facts: { agent_id: 'text', key_id: 'text', old_keys_end_at: 'text' } },
  'agent.revoked': { version: 1, facts: { agent_id: 'text' } },
  'role.given': { version: 1, facts: { role: 'text', person_id: 'text or null', from: 'text' } },
  'role.ended': { version: 1, facts: { role: 'text', person_id: 'text or null', from: 'text' } },
  'admin_token.created': {
    version: 1,
    facts: { admin_token_id: 'text', name: 'text', role: 'text', owner_person_id: 'text', expires_at: 'text' },
  },
  'admin_token.revoked': { version: 1, facts: { admin_token_id: 'text', why: 'text' } },
  'admin_token.refused': { version: 1, facts: { admin_token_id: 'text', permission: 'text' } },
  'signing_key.created': { version: 1, facts: { kid: 'text' } },
};

const COMMITTED = 'committed ';

/** What a type says of its facts, whatever the type is. */
export function factsOf(type: EventType): Readonly<Record<string, string>> {
  return EVENT_KINDS[type].facts as Readonly<Record<string, string>>;
}

/** True for a fact that the log only commits to. */
export function isCommitted(shape: string | undefined): boolean {
  return shape?.startsWith(COMMITTED) === true;
}

/** Actors whose id names somebody elsewhere: the log only commits to it. */
export function isNamedElsewhere(kind: string): boolean {
  return kind === 'slack_account' || kind === 'operator';
}
