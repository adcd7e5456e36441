// The smallest request records for drawing: a request of two approvals, and what may happen to it.

import { isId, makeId } from '../../../src/domain/ids.ts';
import type { NamedDecision, Person, RequestRecord } from '../../../src/domain/request/record.ts';
import type { ApprovalRequest, Choice } from '../../../src/domain/request/request.ts';
import type { KnownMessage } from '../../../src/domain/work/message.ts';
import { fitsCard } from '../../../src/slack/draw/card-limits.ts';

export const CREATED_AT = new Date('2026-11-21T14:00:00Z');
export const NOW = new Date('2026-11-21T14:05:00Z');
export const EXPIRES_AT = new Date('2026-11-21T14:30:00Z');
export const DIGEST = `sha256:${'ab'.repeat(32)}`;

const FINANCE: Person = { id: personId(1), email: 'finance-lead@example.com', name: 'Finance Lead' };
const TREASURER: Person = { id: personId(2), email: 'treasurer@example.com', name: 'Treasurer' };
export const OWNER: Person = { id: personId(3), email: 'support@example.com', name: 'Support' };

let serial = 0;

/** An id of a request that no other test has. */
function requestId(): string {
  serial += 1;
  return makeId('request', CREATED_AT.getTime(), bytes(serial));
}

function personId(n: number): string {
  const id = makeId('person', 0, bytes(n));
  if (!isId('person', id)) throw new Error('not an id');
  return id;
}

function bytes(n: number): Uint8Array {
  const random = new Uint8Array(16);
  random[14] = n >> 8;
  random[15] = n & 255;
  return random;
}

/** A pending request for two of payments; `needs_review` follows from the content unless it is given. */
function makeRequest(patch: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const request: ApprovalRequest = {
    id: requestId(),
    tenant_id: 'main',
    agent_id: 'agt_1',
    environment: 'production',
    action: 'orders.refund',
    resource: 'order/A-1001',
    parameters: { amount: 120, currency: 'EUR' },
    digest: DIGEST,
    justification: 'The parcel never arrived.',
    on_behalf_of: null,
    on_behalf_of_person_id: null,
    excluded_people: [OWNER.id],
    effect: 'require',
    state: 'pending',
    policy_id: null,
    policy_number: 1,
    rule: 'refunds need two people',
    denial: null,
    requirement: { stages: [{ approvers: [{ group_id: 'grp_1', name: 'payments' }], quorum: 2 }] },
    credential: { type: 'jwt', audience: 'https://orders.example', scopes: ['orders:refund'], lifetime_seconds: 300 },
    presentation: null,
    salts_sealed: null,
    needs_review: false,
    revision: 1,
    created_at: CREATED_AT,
    expires_at: EXPIRES_AT,
    closed_at: null,
    ...patch,
  };
  return patch.needs_review === undefined ? { ...request, needs_review: !fitsCard(request) } : request;
}

/** The request with nothing said about it yet. */
export function makeRecord(patch: Partial<ApprovalRequest> = {}, more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    request: makeRequest(patch),
    agent: { id: 'agt_1', name: 'orders-agent', owner: OWNER },
    groups: [{ id: 'grp_1', name: 'payments', channel: 'C0PAYMENTS', slack_user_group: null }],
    parts: [],
    decisions: [],
    grant: null,
    lease: null,
    execution: null,
    revocation: null,
    result: null,
    cards: [{ channel: 'C0PAYMENTS', state: 'posted', error: null, posted_at: CREATED_AT, undelivered_at: null }],
    undeliverable_at: null,
    same_pending: 0,
    ...more,
  };
}

/** A decision by `person` from the Slack account `user_id`. */
function makeDecision(
  person: Person,
  user_id: string,
  decision: Choice,
  patch: Partial<NamedDecision> = {},
): NamedDecision {
  return {
    id: `dec_${person.id.slice(4)}`,
    request_id: 'apr_1',
    stage: 0,
    person_id: person.id,
    decision,
    reason: null,
    digest: DIGEST,
    decided_at: new Date('2026-11-21T14:01:00Z'),
    person,
    via: 'slack',
    account: `T0ACME/${user_id}`,
    account_moved_at: null,
    group_ids: null,
    ...patch,
  };
}

export const APPROVAL = makeDecision(FINANCE, 'U0FINLEAD', 'approve');
export const SECOND_APPROVAL = makeDecision(TREASURER, 'U0TREASURER', 'approve');
export const DENIAL = makeDecision(TREASURER, 'U0TREASURER', 'deny', { reason: 'Paid back already.' });

/** The request record once two people have approved. */
export function approvedRecord(more: Partial<RequestRecord> = {}): RequestRecord {
  return makeRecord(
    { state: 'approved', closed_at: new Date('2026-11-21T14:02:00Z'), revision: 3 },
    { decisions: [APPROVAL, SECOND_APPROVAL], ...more },
  );
}

/** The request record once the Treasurer has denied. */
export function deniedRecord(): RequestRecord {
  return makeRecord(
    { state: 'denied', closed_at: new Date('2026-11-21T14:01:00Z'), revision: 2 },
    { decisions: [DENIAL] },
  );
}

/** So many minutes after the request was made. */
export const at = (minutes: number) => new Date(CREATED_AT.getTime() + minutes * 60_000);

/** A card that stands as it was first drawn. */
export const message = (changes: Partial<KnownMessage> = {}): KnownMessage => ({
  kind: 'card',
  destination: 'C0PAYMENTS',
  state: 'posted',
  revision: 1,
  drawn_at: CREATED_AT,
  error: null,
  attempts: 0,
  next_attempt_at: null,
  undelivered_at: null,
  posted_at: CREATED_AT,
  ...changes,
});
