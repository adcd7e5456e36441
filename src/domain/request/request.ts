// The approval request as data: states, requirement, what was asked. No rule lives here but where its states begin and end.

import type { Calendar } from '../policy/calendar.ts';

export const REQUEST_STATES = ['pending', 'approved', 'denied', 'expired', 'cancelled'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export type Effect = 'allow' | 'deny' | 'require';
/** Why a rule that requires approval denied instead. */
export type Denial = 'outside_hours';
export type Choice = 'approve' | 'deny';

/** What a JWT credential of this request may be: asked by the requester, bounded by the rule (INV-5). */
export type JwtCredential = {
  readonly type: 'jwt';
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly lifetime_seconds: number;
  /** Bound to a key of the agent, whose proof must come with it (RFC 9449); left out where whoever bears it may use it. */
  readonly sender?: 'dpop';
  /** How often the action may run under one approval, each time with a credential of its own; left out where it is once. */
  readonly uses?: number;
  /** All that is opened under it ends so long after the approval; left out where each lease ends by itself. */
  readonly window_seconds?: number;
  /** It may be claimed so long after the approval; left out: in all of its window, else in five minutes. */
  readonly claim_within_seconds?: number;
};

/** Every kind of credential: whoever must know them all switches over its type, or has an entry for each. */
export type CredentialSpec = JwtCredential;
export type CredentialKind = CredentialSpec['type'];

/** An approver group by id, and by its name when the request was made. */
export type AskedGroup = { readonly group_id: string; readonly name: string };

/** Of whom these groups' people may take the place, in the same stage and for the same number of people. */
export type StandIns = { readonly approvers: readonly AskedGroup[]; readonly for: readonly AskedGroup[] };

/** Approver groups as they stood when the request was made, and the distinct people needed. What is left out does not hold. */
export type Stage = {
  readonly approvers: readonly AskedGroup[];
  readonly quorum: number;
  /** Each of these groups needs a person of its own as well. */
  readonly each?: true;
  /** Reminded so long after the stage has begun; where it is left out, half-way to the expiry. */
  readonly remind_after_seconds?: number;
  /** Asks these groups as well so long after the stage has begun. */
  readonly escalate?: { readonly after_seconds: number; readonly to: readonly AskedGroup[] };
  /** As the record has it by now: groups that were added, which fill the quorum and no share of another group. */
  readonly added?: readonly AskedGroup[];
  /** Groups whose people stand in for some of its own that could not be reached when the request was made. */
  readonly stand_ins?: StandIns | undefined;
  readonly escalated_at?: Date;
};
/** Stages are met in their order. Nobody counts in two of them, unless it says that they are not distinct. */
export type Requirement = {
  readonly stages: readonly Stage[];
  readonly distinct_stages?: false;
  /** Whoever approves says why; left out where only a denial needs its reason. */
  readonly reason?: 'required' | undefined;
  /** Whoever approves is asked once more, after the whole content; left out where the first answer counts. */
  readonly confirm?: true | undefined;
  /** The open hours that its times run on, as they stood when it was made. */
  readonly calendar?: Calendar;
  /** Made outside the hours of a rule that pages. */
  readonly urgent?: true;
};

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };
export type JsonObject = { readonly [name: string]: JsonValue };

/** What stands for a masked parameter: a commitment to its value, and what a person may know of it. */
export type MaskedValue = {
  readonly commitment: string;
  readonly type: 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';
  readonly length: number;
};
export type MaskedValues = { readonly [name: string]: MaskedValue };

/** What is digested: exactly this, as RFC 8785 bytes under the domain prefix. */
export type Action = {
  readonly action: string;
  readonly resource: string;
  readonly parameters: JsonObject;
  /** What stands for parameters whose values are in no record; left out where there are none. */
  readonly masked?: MaskedValues | undefined;
};

export const RISKS = ['low', 'medium', 'high'] as const;
export type Risk = (typeof RISKS)[number];

/** How the policy has a card present an action, as it stood when the request was made. */
export type Presentation = {
  /** The heading in the policy's words, filled in; null where it has none. */
  readonly title: string | null;
  readonly risk: Risk | null;
  /** Parameters that stand first; all others follow. */
  readonly show: readonly string[];
};

/** What the requester says, kept as it was said. */
export type RequesterPart = Action & {
  readonly justification: string | null;
  readonly on_behalf_of: string | null;
};

/** What is asked for: what is said, and what the rule may answer with less. */
export type Ask = Omit<RequesterPart, 'masked'> & {
  readonly timeout_seconds: number | null;
  readonly credential: CredentialSpec | null;
};

/** An ask that says nothing but what is to be done. */
export function plainAsk(action: Action): Ask {
  return {
    ...action,
    justification: null,
    on_behalf_of: null,
    timeout_seconds: null,
    credential: null,
  };
}

export type ApprovalRequest = RequesterPart & {
  readonly id: string;
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly environment: string;
  readonly digest: string;
  /** Who that is: settled when the request was made, whoever has the address later. */
  readonly on_behalf_of_person_id: string | null;
  /** People who never count as approvers here: owner and on_behalf_of of the requester (INV-2). */
  readonly excluded_people: readonly string[];
  readonly effect: Effect;
  readonly state: RequestState;
  readonly policy_id: string | null;
  readonly policy_number: number | null;
  readonly rule: string | null;
  readonly denial: Denial | null;
  readonly requirement: Requirement | null;
  readonly credential: CredentialSpec | null;
  readonly presentation: Presentation | null;
  /** The salts of masked parameters, sealed; null where none is masked. */
  readonly salts_sealed: Uint8Array | null;
  /** True when the content does not fit the card, so that only the modal may approve. */
  readonly needs_review: boolean;
  /** Rises by one with each visible change; a card is stale when it was drawn from a lower one. */
  readonly revision: number;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly closed_at: Date | null;
};

/** The state that a request is made in: only one that needs people waits. */
export function stateAtCreation(effect: Effect): 'pending' | 'approved' | 'denied' {
  switch (effect) {
    case 'require':
      return 'pending';
    case 'allow':
      return 'approved';
    case 'deny':
      return 'denied';
  }
}

/** True for a state that never changes again (INV-4). */
export function isFinal(state: RequestState): boolean {
  return state !== 'pending';
}
