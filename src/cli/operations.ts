// What the commands need done; typed here, built by the process that runs the command.

import type { RecordedEvent } from '../domain/audit/event.ts';
import type { OperatorPrincipal } from '../domain/people/principal.ts';
import type { PolicyDocument } from '../domain/policy/policy.ts';
import type { Person, RequestRecord, StageGroup } from '../domain/request/record.ts';
import type { RequestState } from '../domain/request/request.ts';
import type { Check } from './doctor.ts';

export const ROLES = ['api', 'slack', 'worker', 'all'] as const;
export type Role = (typeof ROLES)[number];

export type AppliedPolicy = {
  readonly kind: 'applied' | 'unchanged';
  readonly id: string;
  readonly number: number;
  readonly digest: string;
};

export type IssuedKey = {
  readonly agent_id: string;
  readonly name: string;
  readonly environment: string;
  readonly key: string;
  readonly expires_at: Date;
};

export type ListedAgent = {
  readonly id: string;
  readonly name: string;
  readonly owner_email: string;
  readonly environment: string;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  readonly keys: readonly { readonly id: string; readonly hint: string; readonly expires_at: string }[];
};

export type ListedGroup = StageGroup & { readonly is_retired: boolean; readonly member_count: number };

export type ShownGroup = ListedGroup & {
  /** Without an id: an address that nobody has yet. */
  readonly members: readonly (Omit<Person, 'id'> & { readonly id: string | null; readonly is_active: boolean })[];
};

export type ShownPerson = Person & {
  readonly is_active: boolean;
  readonly merged: readonly string[];
  readonly addresses: readonly {
    readonly address: string;
    readonly from_at: string;
    readonly until_at: string | null;
  }[];
  readonly accounts: readonly {
    readonly account: string;
    readonly linked_by: string;
    readonly from_at: string;
    readonly until_at: string | null;
  }[];
};

/** What became of a change to people. */
export type CorrectedPerson = {
  readonly kind: 'changed' | 'unchanged';
  readonly person_id: string;
  readonly recounted: number;
  readonly executed_without_approval: number;
};

type Change = { readonly operator: OperatorPrincipal };

/** Everything a command may have done. Each one opens what it needs and closes it again. */
export type Operations = {
  readonly applyPolicy: (input: {
    readonly document: PolicyDocument;
    readonly source: string;
    readonly operator: OperatorPrincipal;
  }) => Promise<AppliedPolicy>;
  readonly createAgent: (input: {
    readonly name: string;
    readonly owner_email: string;
    readonly is_new_owner: boolean;
    readonly environment: string;
    readonly days: number;
    readonly operator: OperatorPrincipal;
  }) => Promise<IssuedKey>;
  readonly rotateAgent: (input: {
    readonly name: string;
    readonly overlap_seconds: number;
    readonly days: number;
    readonly operator: OperatorPrincipal;
  }) => Promise<IssuedKey & { readonly old_keys_end_at: Date }>;
  readonly revokeAgent: (input: {
    readonly name: string;
    readonly operator: OperatorPrincipal;
  }) => Promise<{ readonly agent_id: string; readonly name: string; readonly kind: 'revoked' | 'unchanged' }>;
  readonly listAgents: () => Promise<readonly ListedAgent[]>;
  readonly listGroups: () => Promise<readonly ListedGroup[]>;
  readonly showGroup: (name: string) => Promise<ShownGroup>;
  readonly showPerson: (input: { readonly who: string }) => Promise<ShownPerson>;
  readonly mergePeople: (input: Change & { readonly who: string; readonly into: string }) => Promise<CorrectedPerson>;
  readonly moveAccount: (input: Change & { readonly account: string; readonly to: string }) => Promise<CorrectedPerson>;
  readonly moveAddress: (input: Change & { readonly address: string; readonly to: string }) => Promise<CorrectedPerson>;
  readonly endAddress: (input: Change & { readonly address: string }) => Promise<CorrectedPerson>;
  /** Newest first. */
  readonly listRequests: (filter: {
    readonly state: RequestState | null;
    readonly limit: number;
  }) => Promise<readonly RequestRecord[]>;
  readonly showRequest: (id: string) => Promise<RequestRecord>;
  /** Newest first. */
  readonly listAuditEvents: (filter: {
    readonly request_id: string | null;
    readonly type: string | null;
    readonly limit: number;
  }) => Promise<readonly RecordedEvent[]>;
  /** Names of the migrations that ran now. */
  readonly migrate: () => Promise<readonly string[]>;
  /** Runs until a signal ends it. */
  readonly serve: (role: Role) => Promise<void>;
  readonly doctorChecks: () => Promise<readonly Check[]>;
};
