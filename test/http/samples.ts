// The smallest valid things to say to the API and to hear from it.
import { makeId } from '../../src/domain/ids.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';

export const AT = new Date('2026-01-15T14:03:00.000Z');
/** The same id every time. */
export const idOf = (kind: 'request' | 'lease' | 'agent' | 'person' | 'agentKey' | 'adminToken' | 'event' | 'policy') =>
  makeId(kind, AT.getTime(), new Uint8Array(16).fill(7));

export const REQUEST_ID = idOf('request');
export const LEASE_ID = idOf('lease');
export const DIGEST = `sha256:${'ab'.repeat(32)}`;
export const KEY = 'plk_one';
export const ADMIN_TOKEN = 'plt_owner';
export const OTHER_KEY = 'plk_two';
export const CREDENTIAL = 'eyJhbGciOiJFZDI1NTE5In0.e30.c2ln';

export const ASK = { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } } as const;

export function aView(change: Partial<RequestView> = {}): RequestView {
  return {
    id: REQUEST_ID,
    state: 'pending',
    action: 'orders.refund',
    resource: 'order/A-1001',
    parameters: { amount: 120, currency: 'EUR' },
    masked: null,
    justification: null,
    on_behalf_of: null,
    digest: DIGEST,
    created_at: AT,
    expires_at: new Date(AT.getTime() + 600_000),
    requirement: {
      stages: [{ approvers: ['payments'], quorum: 2, each: false, added: [], approvals: 0, state: 'now' }],
      distinct_stages: true,
      reason: 'optional',
      confirm: false,
    },
    policy: { version: 'pol_1', number: 1, rule: 'refunds need two people', effect: 'require' },
    credential: { type: 'jwt', audience: 'https://orders.example', scopes: ['orders:refund'], lifetime_seconds: 300 },
    presentation: null,
    decisions: [],
    outcome: null,
    undeliverable: null,
    ...change,
  };
}

/** A request that went all the way, so that every member of the answer is filled. */
export function aFinishedView(): RequestView {
  const result = { status: 'succeeded', detail: 'done', result_digest: DIGEST, reported_at: AT } as const;
  return aView({
    state: 'approved',
    justification: 'broken parcel',
    on_behalf_of: 'support@example.com',
    presentation: { title: 'Refund 120 EUR for order/A-1001', risk: 'high', show: ['amount'] },
    decisions: [
      {
        person: { id: idOf('person'), name: 'Ada', email: 'ada@example.com' },
        decision: 'approve',
        reason: 'ok',
        stage: 0,
        at: AT,
      },
    ],
    outcome: {
      state: 'approved',
      at: AT,
      by: ['Ada'],
      reason: null,
      claim_expires_at: AT,
      grant: { uses_max: 3, redemptions: 1, uses: 1, ends_at: AT },
      lease: { id: LEASE_ID, state: 'used', expires_at: AT, used_at: AT },
      execution: null,
      revocation: null,
      result,
    },
  });
}
