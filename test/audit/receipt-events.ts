// Events of one request, as a log tells them from its beginning to its end. Expects nothing itself.

import { sha256Digest } from '@placet/sdk';
import { actionBytes } from '@placet/sdk/canonical';
import type { ForgedEvent } from '../support/forged-log.ts';

export const ACTION = { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } };
export const CONTENT = { v: 1, ...ACTION };
export const DIGEST = sha256Digest(actionBytes(ACTION));
export const LEASE_ID = 'lse_1';
const PERSON = { kind: 'person', id: 'prs_1' };

export const created: ForgedEvent = {
  type: 'approval_request.created',
  facts: { action: ACTION.action, environment: 'production' },
  values: { content: CONTENT, digest: DIGEST, justification: 'broken parcel' },
};
export const decided: ForgedEvent = {
  type: 'decision.recorded',
  actor: PERSON,
  facts: { decision: 'approve', stage: 0 },
  values: { digest: DIGEST, reason: 'as asked' },
};
export const approved: ForgedEvent = { type: 'approval_request.approved', values: { digest: DIGEST } };
export const granted: ForgedEvent = { type: 'grant.created', facts: { uses_max: 1 }, values: { digest: DIGEST } };
export const issuedAs = (use: number, lease_id = LEASE_ID): ForgedEvent => ({
  type: 'credential.issued',
  lease_id,
  facts: { use, kid: 'k', audience: 'https://orders.example', scopes: 'orders:refund', expires_at: '2026-01-15' },
});
export const usedAs = (use: number, lease_id = LEASE_ID): ForgedEvent => ({
  type: 'lease.used',
  lease_id,
  facts: { use },
});
const reported: ForgedEvent = { type: 'result.reported', facts: { use: 1, status: 'succeeded' } };
export const leaseEnd = (end: 'expired' | 'revoked', lease_id = LEASE_ID): ForgedEvent => ({
  type: `lease.${end}`,
  lease_id,
});
export const revoked: ForgedEvent = { type: 'approval.revoked', actor: PERSON, facts: { via: 'slack' } };
export const STORY = [created, decided, approved, granted, issuedAs(1), usedAs(1), reported];
