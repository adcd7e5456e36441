// What a leaf tells beside the facts that its event was recorded with: what stands in the record's own rows, written in the same
// transaction and never changed. It stands there once; the sequencer reads it from there. Data only.

import type { ExecutionResult, Lease, Revocation } from '../credential/lease.ts';
import type { Evidence } from '../people/membership.ts';
import type { Decision } from '../request/decision.ts';
import type { ApprovalRequest } from '../request/request.ts';
import type { Stead } from '../request/stages.ts';
import type { EventType, Facts } from './event.ts';

/** The part of the rows that a leaf tells of; times are texts. */
export type RowFacts = {
  'approval_request.created': Pick<
    ApprovalRequest,
    | 'denial'
    | 'policy_number'
    | 'environment'
    | 'justification'
    | 'on_behalf_of'
    | 'on_behalf_of_person_id'
    | 'excluded_people'
    | 'requirement'
    | 'credential'
    | 'presentation'
    | 'needs_review'
  > & {
    readonly expires_at: string | null;
    /** The canonical form that was digested: version, action, resource, parameters, commitments to masked ones. */
    readonly content: Uint8Array;
    readonly members_when_made: Readonly<Record<string, readonly string[]>> | null;
  };
  'decision.recorded': Pick<Decision, 'reason' | 'via' | 'account' | 'group_ids'> & {
    readonly decision_id: string;
    /** Missing where its person decided by a right of its own. */
    readonly stands_in_for?: readonly Omit<Stead, 'name'>[];
    readonly evidence: readonly Evidence[] | null;
  };
  'credential.issued': Pick<Lease, 'idempotency_key' | 'jkt'> & { readonly issued_at: string };
  'approval.revoked': Pick<Revocation, 'account'>;
  'execution.started': { readonly idempotency_key: string };
  'result.reported': Pick<ExecutionResult, 'detail' | 'result_digest'> & { readonly use: number };
};

/** All that the leaf of a type tells. */
export type LeafFacts<T extends EventType> = T extends keyof RowFacts
  ? Facts[T] extends Record<string, never>
    ? RowFacts[T]
    : Facts[T] & RowFacts[T]
  : Facts[T];
