// The approval request as the API answers it: built from the request record alone, the same for every route.

import { type ExecutionResult, type Grant, type LeaseState, revokerText } from '../../domain/credential/lease.ts';
import type { Need } from '../../domain/policy/needs.ts';
import { denialReason } from '../../domain/policy/policy.ts';
import type { ViewRecord } from '../../domain/request/record.ts';
import {
  type Choice,
  type CredentialSpec,
  type Effect,
  type MaskedValue,
  type Presentation,
  type RequesterPart,
  type RequestState,
  stateAtCreation,
} from '../../domain/request/request.ts';
import { progressAt, type StageState, stageState } from '../../domain/request/stages.ts';
import { undeliveredGroups } from '../../domain/request/undeliverable.ts';
import { undeliveredText } from '../undelivered-text.ts';
import type { Salts } from './masks.ts';

export type RequestView = Omit<RequesterPart, 'masked'> & {
  /** What stands for masked parameters; the salts only in the answer to the creation. */
  readonly masked: { readonly [name: string]: MaskedValue & { readonly salt: string | null } } | null;
  readonly id: string;
  readonly state: RequestState;
  readonly digest: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly requirement: {
    readonly stages: readonly StageView[];
    readonly distinct_stages: boolean;
    readonly reason: Need;
    readonly confirm: boolean;
  } | null;
  readonly policy: {
    readonly version: string | null;
    readonly number: number | null;
    readonly rule: string | null;
    readonly effect: Effect;
  };
  readonly credential: CredentialSpec | null;
  /** How the policy has cards present it; null where it says nothing of the action. */
  readonly presentation: Presentation | null;
  readonly decisions: readonly {
    readonly person: { readonly id: string; readonly name: string; readonly email: string };
    readonly decision: Choice;
    readonly reason: string | null;
    readonly stage: number;
    readonly at: Date;
  }[];
  readonly outcome: Outcome | null;
  /** That people cannot be asked, or could not before it expired; null otherwise. */
  readonly undeliverable: {
    readonly since: Date;
    readonly groups: readonly { readonly name: string; readonly channel: string; readonly error: string | null }[];
  } | null;
};

export type StageView = {
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly each: boolean;
  /** Groups that an escalation added. */
  readonly added: readonly string[];
  /** Distinct people so far, and where the stage is. */
  readonly approvals: number;
  readonly state: StageState;
};

export type Outcome = {
  readonly state: Exclude<RequestState, 'pending'>;
  readonly at: Date;
  readonly by: readonly string[];
  readonly reason: string | null;
  readonly claim_expires_at: Date | null;
  /** How often its credential may be had and was, and when all of it ends; null where none is granted. */
  readonly grant: Pick<Grant, 'uses_max' | 'redemptions' | 'uses' | 'ends_at'> | null;
  readonly lease: {
    readonly id: string;
    readonly state: LeaseState;
    readonly expires_at: Date;
    readonly used_at: Date | null;
  } | null;
  /** Begun without a credential. */
  readonly execution: { readonly started_at: Date } | null;
  /** That what it gave was taken back, and by whom: what it was for is not to run any more. */
  readonly revocation: { readonly at: Date; readonly by: Outcome['by'][number] } | null;
  readonly result: ExecutionResult | null;
};

/** The request as it stands now. */
export function toView(record: ViewRecord): RequestView {
  return {
    ...viewAtCreation(record),
    state: record.request.state,
    requirement: requirementOf(record.request, record.decisions),
    decisions: decisionsOf(record),
    outcome: outcomeOf(record),
    undeliverable: undeliverableOf(record),
  };
}

/** While people wait to be asked it is told after a while; of one that expired it is the cause. */
function undeliverableOf(record: ViewRecord): RequestView['undeliverable'] {
  const { request, cards, undeliverable_at } = record;
  const isTold = request.state === 'expired' || (request.state === 'pending' && undeliverable_at !== null);
  const undelivered = isTold ? undeliveredGroups(record, cards) : [];
  if (undelivered.length === 0) return null;
  const since = new Date(Math.min(...undelivered.map((group) => group.since.getTime())));
  return { since, groups: undelivered.map(({ name, channel, error }) => ({ name, channel, error })) };
}

/** All that the answer to a creation is made of: it is told before anyone can have decided. */
export type AtCreation = {
  readonly request: Omit<ViewRecord['request'], 'revision' | 'tenant_id'>;
  readonly grant: Pick<Grant, 'claim_expires_at' | 'uses_max' | 'ends_at'> | null;
};

/** The request as its creation answered it: the same bytes for every repeat of the same Idempotency-Key and body. */
export function viewAtCreation({ request, grant }: AtCreation, salts: Salts = {}): RequestView {
  const state = stateAtCreation(request.effect);
  const claim_expires_at = grant?.claim_expires_at ?? null;
  return {
    id: request.id,
    state,
    action: request.action,
    resource: request.resource,
    parameters: request.parameters,
    masked: maskedOf(request, salts),
    justification: request.justification,
    on_behalf_of: request.on_behalf_of,
    digest: request.digest,
    created_at: request.created_at,
    expires_at: request.expires_at,
    requirement: requirementOf({ ...request, requirement: asMade(request.requirement) }, []),
    policy: { version: request.policy_id, number: request.policy_number, rule: request.rule, effect: request.effect },
    credential: request.credential,
    presentation: request.presentation,
    decisions: [],
    outcome:
      state === 'pending'
        ? null
        : {
            state,
            at: request.created_at,
            by: [],
            reason: reasonOf(request, []),
            claim_expires_at,
            grant: grant === null ? null : grantOf({ ...grant, redemptions: 0, uses: 0 }),
            lease: null,
            execution: null,
            revocation: null,
            result: null,
          },
    undeliverable: null,
  };
}

function maskedOf({ masked }: AtCreation['request'], salts: Salts): RequestView['masked'] {
  if (masked === undefined) return null;
  const values = Object.entries(masked).map(([name, value]) => [name, { ...value, salt: salts[name] ?? null }]);
  return Object.fromEntries(values) as RequestView['masked'];
}

/** Why it was denied: the person's reason, or what in the policy denies. */
function reasonOf(request: AtCreation['request'], denials: ViewRecord['decisions']): string | null {
  if (request.effect === 'deny') return denialReason(request);
  return request.state === 'denied' ? (denials[0]?.reason ?? null) : null;
}

/** Why nobody decided in time, when that was not for want of an answer. */
function causeOf(record: ViewRecord): string | null {
  return undeliveredText(undeliveredGroups(record, record.cards)) || null;
}

/** Without what was added since: a repeat of the creation is answered as the first one was. */
function asMade(requirement: AtCreation['request']['requirement']): AtCreation['request']['requirement'] {
  if (requirement === null) return null;
  const stages = requirement.stages.map(({ added: _added, escalated_at: _at, ...stage }) => stage);
  return { ...requirement, stages };
}

function requirementOf(request: AtCreation['request'], decisions: ViewRecord['decisions']): RequestView['requirement'] {
  const { requirement } = request;
  if (requirement === null) return null;
  return {
    stages: requirement.stages.map((stage, index) => ({
      approvers: stage.approvers.map((group) => group.name),
      quorum: stage.quorum,
      each: stage.each === true,
      added: stage.added?.map((group) => group.name) ?? [],
      approvals: progressAt(request, decisions, index).approvals,
      state: stageState(request, decisions, index),
    })),
    distinct_stages: requirement.distinct_stages !== false,
    reason: requirement.reason ?? 'optional',
    confirm: requirement.confirm ?? false,
  };
}

function decisionsOf({ decisions }: ViewRecord): RequestView['decisions'] {
  return decisions.map(({ person, decision, reason, stage, decided_at: at }) => ({
    person,
    decision,
    reason,
    stage,
    at,
  }));
}

function outcomeOf(record: ViewRecord): Outcome | null {
  const { request, decisions, grant, lease, execution, revocation, result } = record;
  if (request.state === 'pending' || request.closed_at === null) return null;
  const deciding = decisions.filter(({ decision }) => (request.state === 'denied') === (decision === 'deny'));
  const isDecided = request.state === 'approved' || request.state === 'denied';
  return {
    state: request.state,
    at: request.closed_at,
    by: isDecided ? deciding.map(({ person }) => person.name) : [],
    reason: request.state === 'expired' ? causeOf(record) : reasonOf(request, deciding),
    claim_expires_at: grant?.claim_expires_at ?? null,
    grant: grant === null ? null : grantOf(grant),
    lease:
      lease === null
        ? null
        : { id: lease.id, state: lease.state, expires_at: lease.expires_at, used_at: lease.used_at },
    execution: execution === null ? null : { started_at: execution.started_at },
    revocation: revocation === null ? null : { at: revocation.revoked_at, by: revokerText(revocation) },
    result,
  };
}

function grantOf({ uses_max, redemptions, uses, ends_at }: NonNullable<Outcome['grant']>): Outcome['grant'] {
  return { uses_max, redemptions, uses, ends_at };
}
