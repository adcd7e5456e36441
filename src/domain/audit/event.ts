// The audit events: each type with the facts that it may carry and nothing else (INV-8). Data only.

import type { ExecutionResult } from '../credential/lease.ts';
import type { Labels } from '../people/labels.ts';
import type { Principal } from '../people/principal.ts';
import type { Choice, Effect } from '../request/request.ts';

/** Whoever acted, as the log keeps it. */
export type Actor = {
  readonly kind: 'agent' | 'person' | 'slack_account' | 'token' | 'admin_token' | 'operator' | 'system';
  readonly id: string;
};

/** Why, and which rule denies where one does. */
type RefusalFacts = { code: string; rule?: string };

/** The allow-list: what each event type may say beside actor, request, lease and digest. */
export type Facts = {
  'approval_request.created': { effect: Effect; rule: string | null; policy_id: string | null; action: string };
  'approval_request.approved': { rule: string | null };
  'approval_request.denied': { rule: string | null };
  'approval_request.expired': Record<string, never>;
  'approval_request.cancelled': Record<string, never>;
  'approval_request.escalated': { stage: number; groups: readonly string[] };
  'approval_request.undeliverable': { groups: readonly string[]; errors: readonly (string | null)[] };
  'decision.recorded': { decision: Choice; stage: number; approvals: number; quorum: number; message: string | null };
  'decision.refused': { refusal: string; decision: string };
  'content.viewed': Record<string, never>;
  'grant.created': { grant_id: string; uses_max: number; claim_expires_at: string; ends_at: string | null };
  'grant.claim_refused': RefusalFacts;
  'credential.issued': {
    grant_id: string;
    use: number;
    kid: string;
    audience: string;
    scopes: string;
    expires_at: string;
  };
  /** The same lease given again, because its claim was repeated. */
  'credential.repeated': { grant_id: string; kid: string };
  'credential.refused': { code: string };
  'lease.used': { use: number };
  'lease.use_refused': RefusalFacts;
  'lease.expired': Record<string, never>;
  'lease.revoked': Record<string, never>;
  /** All that the approval gave, whether or not a lease was live. */
  'approval.revoked': { via: string };
  'execution.started': Record<string, never>;
  'execution.start_refused': RefusalFacts;
  'result.reported': { status: ExecutionResult['status'] };
  'notify.sent': { kind: string; channel_id: string };
  'notify.failed': { kind: string; code: string };
  'policy.applied': { policy_id: string; number: number; digest: string };
  /** A change that widens, applied without a second person: by the operator, or where nobody else ever held a role. */
  'policy.forced': { policy_id: string; number: number; widenings: number };
  'policy.proposed': { base_number: number; digest: string };
  'policy.proposal_refused': { code: string };
  'approver_group.changed': {
    group: string;
    channel: string;
    slack_user_group: string | null;
    /** Where its members come from, of any other kind; in words without an address that could hold a secret. */
    source: string | null;
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
  'agent.created': {
    agent_id: string;
    name: string;
    environment: string;
    owner_person_id: string;
    labels: Labels;
  };
  'agent.labelled': { agent_id: string; labels: Labels };
  'agent_key.created': { agent_id: string; key_id: string; expires_at: string };
  'agent_key.rotated': { agent_id: string; key_id: string; old_keys_end_at: string };
  'agent.revoked': { agent_id: string };
  /** Who got or lost a role; null for an address that nobody has yet. */
  'role.given': { role: string; person_id: string | null; from: 'operator' | 'policy' };
  'role.ended': { role: string; person_id: string | null; from: 'operator' | 'policy' };
  'admin_token.created': {
    admin_token_id: string;
    name: string;
    role: string;
    owner_person_id: string;
    expires_at: string;
  };
  'admin_token.revoked': { admin_token_id: string; why: 'asked' | 'owner_lost_role' };
  'admin_token.refused': { admin_token_id: string; permission: string };
  'signing_key.created': { kid: string };
  'source_secret.set': { host: string };
  'source_secret.removed': { host: string };
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
  readonly actor_id: string;
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
    case 'admin_token':
    case 'operator':
    case 'system':
      return { kind, id };
  }
}
