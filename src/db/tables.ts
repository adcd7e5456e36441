// The column list of each table that is both written and read as rows: the one place that names its columns. Data only.

import type { AuditEvent, RecordedEvent } from '../domain/audit/event.ts';
import type { Execution, ExecutionResult, Grant, Lease, Revocation } from '../domain/credential/lease.ts';
import type { Evidence } from '../domain/people/membership.ts';
import type { Decision } from '../domain/request/decision.ts';
import type { StageGroup } from '../domain/request/record.ts';
import type { Action, ApprovalRequest } from '../domain/request/request.ts';
import type { Stead } from '../domain/request/stages.ts';
import type { KnownMessage } from '../domain/work/message.ts';
import { tableOf } from './columns.ts';

/** A request as it is written: what the database fills in is left out. */
export type NewRequest = Omit<ApprovalRequest, 'revision' | 'tenant_id' | 'masked'> & {
  readonly idempotency_key: string;
  readonly body_digest: Uint8Array;
  readonly canonical: Uint8Array;
  /** By the ids of groups whose members could join to decide: the accounts that are members now. Null for none. */
  readonly members_when_made: Readonly<Record<string, readonly string[]>> | null;
};

/** A request as it is read: the action from its digested bytes, and whom it is for and excludes as people are now. */
export type StoredRequest = Omit<ApprovalRequest, keyof Action | 'excluded_people' | 'on_behalf_of_person_id'> & {
  readonly canonical: Uint8Array;
};

export const APPROVAL_REQUESTS = tableOf<NewRequest, StoredRequest>('approval_requests', {
  tenant_id: 'text read',
  id: 'text',
  agent_id: 'text',
  environment: 'text',
  idempotency_key: 'text written',
  body_digest: 'bytea written',
  action: 'text written',
  resource: 'text written',
  canonical: 'bytea',
  parameters: 'jsonb written',
  digest: 'text',
  justification: 'text',
  on_behalf_of: 'text',
  on_behalf_of_person_id: 'text written',
  excluded_people: 'text[] written',
  effect: 'text',
  state: 'text',
  policy_id: 'text',
  policy_number: 'integer',
  rule: 'text',
  denial: 'text',
  requirement: 'jsonb',
  credential: 'jsonb',
  presentation: 'jsonb',
  salts_sealed: 'bytea',
  members_when_made: 'jsonb written',
  needs_review: 'boolean',
  revision: 'integer read',
  created_at: 'timestamptz',
  expires_at: 'timestamptz',
  closed_at: 'timestamptz',
});

/** A decision as it is written: with what was known of its person's groups. */
export type NewDecision = Omit<Decision, 'account_moved_at' | 'stands_in_for'> & {
  readonly evidence: readonly Evidence[];
  /** Without names: those are read as they are then. */
  readonly stands_in_for: readonly Omit<Stead, 'name'>[] | null;
};

export const DECISIONS = tableOf<NewDecision, Decision>('decisions', {
  id: 'text',
  request_id: 'text',
  stage: 'integer',
  person_id: 'text',
  decision: 'text',
  reason: 'text',
  digest: 'text',
  group_ids: 'text[]',
  evidence: 'jsonb written',
  stands_in_for: 'jsonb',
  via: 'text',
  account: 'text',
  decided_at: 'timestamptz',
  account_moved_at: 'timestamptz read',
});

export type NewGrant = Omit<Grant, 'redeemed_at' | 'redemptions' | 'uses'> & { readonly created_at: Date };

export const GRANTS = tableOf<NewGrant, Grant>('grants', {
  id: 'text',
  request_id: 'text',
  digest: 'text',
  credential: 'jsonb',
  created_at: 'timestamptz written',
  claim_expires_at: 'timestamptz',
  ends_at: 'timestamptz',
  uses_max: 'integer',
  redeemed_at: 'timestamptz read',
  redemptions: 'integer read',
  uses: 'integer read',
});

export type NewLease = Omit<Lease, 'used_at'> & { readonly kid: string };

export const LEASES = tableOf<NewLease, Lease>('leases', {
  id: 'text',
  grant_id: 'text',
  request_id: 'text',
  digest: 'text',
  use: 'integer',
  idempotency_key: 'text',
  jkt: 'text',
  kid: 'text written',
  state: 'text',
  issued_at: 'timestamptz',
  expires_at: 'timestamptz',
  used_at: 'timestamptz read',
});

export const EXECUTIONS = tableOf<Execution & { readonly request_id: string }, Execution>('executions', {
  request_id: 'text written',
  idempotency_key: 'text',
  digest: 'text',
  started_at: 'timestamptz',
});

export const REVOCATIONS = tableOf<Revocation & { readonly request_id: string }, Revocation>('revocations', {
  request_id: 'text written',
  by_kind: 'text',
  by_id: 'text',
  account: 'text',
  revoked_at: 'timestamptz',
});

/** A result is of one use of its request. */
type NewResult = ExecutionResult & { readonly request_id: string; readonly use: number };

export const RESULTS = tableOf<NewResult, ExecutionResult>('results', {
  request_id: 'text written',
  use: 'integer written',
  status: 'text',
  detail: 'text',
  result_digest: 'text',
  reported_at: 'timestamptz',
});

/** An audit event as it is written; the facts are typed per event type, so nothing else can slip in (INV-8). */
export type EventRow = Omit<RecordedEvent, 'facts'> & { readonly facts: AuditEvent['facts'] };

declare const NUMBERED: unique symbol;

/** An event of the audit writer. Only it makes one: what writes events asks for one. */
export type NumberedEvent = EventRow & { readonly [NUMBERED]: true };

export const AUDIT_EVENTS = tableOf<EventRow, RecordedEvent>('audit_events', {
  id: 'text',
  type: 'text',
  outcome: 'text',
  actor_kind: 'text',
  actor_id: 'text',
  request_id: 'text',
  lease_id: 'text',
  digest: 'text',
  facts: 'jsonb',
  occurred_at: 'timestamptz',
});

export type OutboxKind = 'start' | 'nudge';

export type OutboxRow = {
  readonly id: string;
  readonly request_id: string;
  readonly kind: OutboxKind;
  readonly attempts: number;
};

export type NewOutboxRow = Pick<OutboxRow, 'request_id' | 'kind'> & {
  readonly created_at: Date;
  readonly next_attempt_at: Date;
};

export const OUTBOX = tableOf<NewOutboxRow, OutboxRow>('outbox', {
  id: 'text read',
  request_id: 'text',
  kind: 'text',
  attempts: 'integer read',
  created_at: 'timestamptz written',
  next_attempt_at: 'timestamptz written',
});

/** A message as it is kept; the moment that it shows is `updated_at`. */
export type StoredMessage = Omit<KnownMessage, 'drawn_at'> & {
  readonly id: string;
  readonly request_id: string;
  readonly team_id: string | null;
  readonly channel_id: string | null;
  readonly ts: string | null;
  /** Since when a post may stand in Slack whose answer never came; null while every answer is known. */
  readonly tried_at: Date | null;
};

export type NewMessage = Pick<StoredMessage, 'id' | 'request_id' | 'kind' | 'destination' | 'state' | Placed> & {
  readonly created_at: Date;
  readonly updated_at: Date;
};
type Placed = 'team_id' | 'channel_id' | 'ts' | 'revision' | 'posted_at' | 'tried_at';

export const SLACK_MESSAGES = tableOf<NewMessage, StoredMessage>('slack_messages', {
  id: 'text',
  request_id: 'text',
  kind: 'text',
  destination: 'text',
  state: 'text',
  team_id: 'text',
  channel_id: 'text',
  ts: 'text',
  revision: 'integer',
  error: 'text read',
  attempts: 'integer read',
  next_attempt_at: 'timestamptz read',
  undelivered_at: 'timestamptz read',
  posted_at: 'timestamptz',
  tried_at: 'timestamptz',
  created_at: 'timestamptz written',
  updated_at: 'timestamptz written',
});

export const APPROVER_GROUPS = tableOf<StageGroup, StageGroup>('approver_groups', {
  id: 'text',
  name: 'text',
  slack_user_group: 'text',
  channel: 'text',
});

export type SigningKeyRow = {
  readonly kid: string;
  readonly public_jwk: Readonly<Record<string, unknown>>;
  readonly private_sealed: Buffer;
  readonly retired_at: Date | null;
};

export const SIGNING_KEYS = tableOf<Omit<SigningKeyRow, 'retired_at'>, SigningKeyRow>('signing_keys', {
  kid: 'text',
  public_jwk: 'jsonb',
  private_sealed: 'bytea',
  retired_at: 'timestamptz read',
});
