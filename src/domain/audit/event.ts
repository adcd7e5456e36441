// The audit events: each type with the facts that it may carry and nothing else (INV-8). Data only.

import type { Principal } from '../people/principal.ts';
import type { Choice, CredentialSpec, Effect, Requirement } from '../request/request.ts';

/** Whoever acted, as the log keeps it. */
export type Actor = {
  readonly kind: 'agent' | 'person' | 'slack_account' | 'token' | 'operator' | 'system';
  readonly id: string;
};

/**
 * The allow-list: what each event type may say beside actor, request, lease and digest. Which of it is only committed to, and
 * so can be erased, stands in event-kinds.ts.
 */
export type Facts = {
  'approval_request.created': {
    effect: Effect;
    rule: string | null;
    policy_id: string | null;
    policy_number: number | null;
    action: string;
    environment: string;
    /** The canonical form that was digested: version, action, resource and parameters. */
    content: Uint8Array;
    justification: string | null;
    on_behalf_of: string | null;
    on_behalf_of_person_id: string | null;
    excluded_people: readonly string[];
    requirement: Requirement | null;
    credential: CredentialSpec | null;
    needs_review: boolean;
    expires_at: string | null;
  };
  'approval_request.approved': { rule: string | null };
  'approval_request.denied': { rule: string | null };
  'approval_request.expired': Record<string, never>;
  'approval_request.cancelled': Record<string, never>;
  'approval_request.undeliverable': { groups: readonly string[]; errors: readonly (string | null)[] };
  'decision.recorded': {
    decision_id: string;
    decision: Choice;
    stage: number;
    approvals: number;
    quorum: number;
    message: string | null;
    reason: string | null;
    via: string;
    account: string;
  };
  'decision.refused': { refusal: string; decision: string };
  'content.viewed': Record<string, never>;
  'grant.created': { grant_id: string; claim_expires_at: string };
  'grant.claim_refused': { code: string };
  'credential.issued': {
    grant_id: string;
    kid: string;
    audience: string;
    scopes: string;
    issued_at: string;
    expires_at: string;
  };
  'credential.refused': { code: string };
  'lease.used': Record<string, never>;
  'lease.use_refused': { code: string };
  'lease.expired': Record<string, never>;
  'execution.started': { idempotency_key: string };
  'execution.start_refused': { code: string };
  'result.reported': { status: 'succeeded' | 'failed'; detail: string | null; result_digest: string | null };
  'notify.sent': { kind: string; channel_id: string };
  'notify.failed': { kind: string; code: string };
  'policy.applied': { policy_id: string; number: number; digest: string };
  'approver_group.changed': {
    group: string;
    channel: string;
    slack_user_group: string | null;
    is_retired: boolean;
    /** Ids of people; members whom the policy names by an address that nobody has yet are only counted. */
    added: readonly string[];
    removed: readonly string[];
    unclaimed: number;
  };
  'slack_account.linked': { account: string; linked_by: string; person_id: string };
  'slack_account.unlinked': { account: string; person_id: string };
  'slack_account.moved': { account: string; from_person_id: string; person_id: string };
  'person.created': { person_id: string; from: 'click' | 'policy' | 'owner' | 'on_behalf_of' | 'operator' };
  'person.merged': { person_id: string; into_person_id: string };
  'person_email.added': { person_id: string; why: 'rename' | 'operator' };
  'person_email.ended': { person_id: string; why: 'rename' | 'operator' };
  'agent.created': { agent_id: string; name: string; environment: string; owner_person_id: string };
  'agent_key.created': { agent_id: string; key_id: string; expires_at: string };
  'agent_key.rotated': { agent_id: string; key_id: string; old_keys_end_at: string };
  'agent.revoked': { agent_id: string };
  'signing_key.created': { kid: string };
};

export type EventType = keyof Facts;

type EventOf<T extends EventType> = {
  readonly type: T;
  readonly outcome: 'success' | 'failure';
  readonly actor: Principal;
  readonly request_id?: string;
  readonly lease_id?: string;
  readonly digest?: string;
  readonly facts: Facts[T];
};

/** One event to record: facts are checked against its type by the compiler. */
export type AuditEvent = { [T in EventType]: EventOf<T> }[EventType];

export type RecordedEvent = {
  readonly id: string;
  readonly type: EventType;
  readonly outcome: 'success' | 'failure';
  readonly actor_kind: Actor['kind'];
  /** Null once it is erased: names of accounts and operators are. */
  readonly actor_id: string | null;
  readonly request_id: string | null;
  readonly lease_id: string | null;
  readonly digest: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly occurred_at: Date;
};

/** The one way from whoever acts to what the log keeps of it. */
export function actorOf({ kind, id }: Principal): Actor {
  switch (kind) {
    case 'account':
      return { kind: 'slack_account', id };
    case 'agent':
    case 'person':
    case 'token':
    case 'operator':
    case 'system':
      return { kind, id };
  }
}
