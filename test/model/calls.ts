// What can be done at the doors, in the model's own small words: who, which request, with what. Data, and how it reads.

/** People by the accounts they click with: ann2 and ben2 are second accounts of ann and ben. */
export const ACCOUNTS = ['ann', 'ann2', 'ben', 'ben2', 'cyd', 'own', 'beh', 'mel', 'gus', 'oly', 'gon'] as const;
export type Account = (typeof ACCOUNTS)[number];
export type Person = Exclude<Account, 'ann2' | 'ben2' | 'oly'>;

/** Accounts whose address changes in Slack: both are ann's, and both show her former address or her new one. */
export type Renamed = Extract<Account, 'ann' | 'ann2'>;

export type AgentName = 'one' | 'two';
export type UserGroup = 'S1' | 'S2';

/** What varies between policy files; the rest of the file is the same in all. */
export type Policy = {
  readonly pay: readonly Person[];
  /** Who the group dba is: a Slack user group, a list of people, or no longer in the file. */
  readonly dba: UserGroup | 'listed' | 'gone';
  /** Of the rule for `two`. */
  readonly quorum: number;
  /** Of the rule for `vary`. */
  readonly vary: 'allow' | 'deny' | 'require';
  /** Accounts that the file names under people. */
  readonly accounts: readonly Account[];
};

export const ACTIONS = ['one', 'two', 'dba', 'both', 'plain', 'vary', 'none'] as const;

export type Body = {
  readonly action: (typeof ACTIONS)[number];
  /** Content that does not fit a card. */
  readonly is_long: boolean;
  /** Asked for beh, who is in `pay`. */
  readonly is_for_beh: boolean;
  readonly seconds: number | null;
  /** Less of the rule's credential, more than it, or what it says. */
  readonly credential: 'less' | 'more' | null;
};

/** A request by the agent that asked and the key of its creation. */
export type Slot = { readonly agent: AgentName; readonly slot: number };
/** The agent that calls and its key, counted from 0 as they were issued. */
type By = { readonly by: AgentName; readonly key: number };

export type Result = { readonly status: 'succeeded' | 'failed'; readonly detail: string | null };

export type AgentCall =
  | (Slot & By & { readonly kind: 'create'; readonly body: Body })
  | (Slot & By & { readonly kind: 'get' | 'list' | 'cancel' | 'claim' })
  | (Slot & By & { readonly kind: 'report'; readonly result: Result });

/** What was approved is taken back by its agent. */
export type GiveBack = Slot & By & { readonly kind: 'give_back' };

/** Calls with the credential alone; one of another request where `is_own` is false. */
export type ToolCall =
  | (Slot & { readonly kind: 'use'; readonly is_right_digest: boolean; readonly is_own: boolean })
  | (Slot & { readonly kind: 'tool_report'; readonly result: Result; readonly is_own: boolean });

export type Click =
  | (Slot & { readonly kind: 'approve'; readonly who: Account })
  | (Slot & { readonly kind: 'open'; readonly who: Account; readonly modal: 'review' | 'deny' })
  | (Slot & {
      readonly kind: 'submit';
      readonly who: Account;
      readonly modal: 'review' | 'deny';
      readonly reason: string;
      /** The modal was altered on the way: it names another content than the one that would run. */
      readonly is_altered: boolean;
    });

/** How long the old keys still work: not at all, for a moment, or longer than any program. */
export type OverlapSeconds = 0 | 1 | 3_600;

export type SharedCall =
  | { readonly kind: 'apply'; readonly policy: Policy }
  | { readonly kind: 'rotate'; readonly agent: AgentName; readonly overlap_seconds: OverlapSeconds }
  | { readonly kind: 'revoke'; readonly agent: AgentName }
  | { readonly kind: 'account'; readonly who: Account; readonly is_off: boolean }
  | { readonly kind: 'rename'; readonly who: Renamed; readonly is_new: boolean }
  /** An operator says that the new address is ann's, too. */
  | { readonly kind: 'second_address' }
  /** An operator says that ben is cyd. */
  | { readonly kind: 'merge' }
  /** An operator says that ann2 is cyd's account. */
  | { readonly kind: 'move' }
  | { readonly kind: 'members'; readonly group: UserGroup; readonly accounts: readonly Account[] };

/** The end of a time that is longer than a program: it is over now, as if it had been shorter. */
export type TimeCall = Slot & { readonly kind: 'end_claim_window' | 'end_lease' };

/** What happens by itself, and the look at the rows when all is over. */
export type OwnCall =
  | (Slot & { readonly kind: 'time_over' | 'expire' | 'lease_over' | 'rows' })
  /** The worker, before it posts a card, links ann, who owns an agent, to an account. */
  | { readonly kind: 'tie' }
  /** After a decision the Home of whoever made it is drawn anew, which identifies the account once more, a moment later. */
  | { readonly kind: 'home'; readonly who: Account }
  | { readonly kind: 'keys_over'; readonly agent: AgentName; readonly keys: number };

export type Call = AgentCall | GiveBack | ToolCall | Click | SharedCall | TimeCall | OwnCall;

/** One call of the history: its interval in milliseconds, and what was heard. */
export type Event = {
  readonly lane: string;
  readonly call: Call;
  readonly begin: number;
  readonly end: number;
  readonly answer: string;
};

/** The call in one line, for people. */
export function describe(call: Call): string {
  const { kind, ...rest } = call;
  const parts = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${kind} ${parts.join(' ').replaceAll('"', '')}`;
}
