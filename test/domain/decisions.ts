// One request, its approvers, attempts and decisions, each in the least that the rule of the decision needs.

import type { Approver, Attempt, canDecide, Decision } from '../../src/domain/request/decision.ts';
import type { Requirement } from '../../src/domain/request/request.ts';

export const DIGEST = 'sha256:right';
export const NOW = new Date('2030-01-01T00:00:00Z');
export const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);

/** One stage per quorum; stage n asks group gn. */
export const requirement = (...quorums: number[]): Requirement => ({
  stages: quorums.map((quorum, place) => ({ approvers: [{ group_id: `g${place}`, name: `group ${place}` }], quorum })),
});

/** The part of a request that the rule looks at. */
export type Subject = Parameters<typeof canDecide>[0];

/** A pending request that ends ten minutes from now and excludes the owner. */
export const subject = (changes: Partial<Subject> = {}): Subject => ({
  state: 'pending',
  digest: DIGEST,
  excluded_people: ['owner'],
  requirement: requirement(1),
  needs_review: false,
  expires_at: later(600),
  ...changes,
});

/** An active member of g0. */
export const approver = (person_id: string, changes: Partial<Approver> = {}): Approver => ({
  person_id,
  via: 'slack',
  account: `T1/${person_id}`,
  is_active: true,
  was_behind: false,
  group_ids: ['g0'],
  ...changes,
});

/** Ann approves what she was shown. */
export const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  approver: approver('ann'),
  decision: 'approve',
  reason: null,
  shown_digest: DIGEST,
  shown_stage: 0,
  shown: 'card',
  ...changes,
});

/** An approval in the record. */
export const decision = (person_id: string, changes: Partial<Decision> = {}): Decision => ({
  id: `dec_${person_id}`,
  request_id: 'apr_1',
  stage: 0,
  person_id,
  decision: 'approve',
  reason: null,
  digest: DIGEST,
  group_ids: [`g${changes.stage ?? 0}`],
  via: 'slack',
  account: `T1/${person_id}`,
  decided_at: NOW,
  account_moved_at: null,
  ...changes,
});
