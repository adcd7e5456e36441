// What the model remembers: the facts that all requests share, and one request. Plain data, never changed in place.

import type { Account, AgentName, Body, Person, Policy, Result, UserGroup } from './calls.ts';

export type Choice = 'approve' | 'deny';
export type Group = 'pay' | 'dba';

export type Decision = {
  readonly person: Person;
  readonly account: Account;
  readonly choice: Choice;
  readonly reason: string | null;
  /** The account became another person's since: the decision stands, and counts no more. */
  readonly has_moved: boolean;
};

export type Request = {
  readonly body: Body;
  readonly state: 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled';
  readonly effect: 'allow' | 'deny' | 'require';
  readonly rule: string | null;
  readonly policy_number: number;
  readonly groups: readonly Group[];
  readonly quorum: number;
  readonly seconds: number | null;
  readonly excluded: readonly Person[];
  readonly credential: 'whole' | 'less' | null;
  readonly decisions: readonly Decision[];
  /** Since it was made, ann2 was the account of somebody behind it. */
  readonly was_ann2_behind: boolean;
  /** Who was shown all of the content. */
  readonly seen: readonly Person[];
  readonly lease: 'active' | 'used' | 'expired' | 'revoked' | null;
  readonly is_revoked: boolean;
  /** The times of the claim and of the lease, by the clock, whatever the rows say. */
  readonly is_claim_window_over: boolean;
  readonly is_lease_over: boolean;
  readonly result: Result | null;
};

export type State = {
  readonly policy: Policy;
  readonly policy_number: number;
  /** Everyone who had an account so far; others are known only while the policy file names them. */
  readonly people: readonly Person[];
  readonly links: Readonly<Partial<Record<Account, 'policy' | 'email' | 'operator'>>>;
  /** Accounts that were linked at any time. */
  readonly had_link: readonly Account[];
  /** Accounts that show ann's new address in Slack, and whether the record knows it for hers. */
  readonly renamed: readonly Account[];
  readonly has_second_address: boolean;
  /** Ben turned out to be cyd. */
  readonly is_merged: boolean;
  /** Ann2 is cyd's account, by an operator's word. */
  readonly is_moved: boolean;
  readonly pay: readonly Person[];
  /** As the record has it: which Slack user group it is now, and who was in it when last looked at. */
  readonly dba: { readonly slack: UserGroup | null; readonly members: readonly Person[] };
  /** What Slack knows: deactivated accounts, and members of user groups. */
  readonly off: readonly Account[];
  readonly user_groups: Readonly<Record<UserGroup, readonly Account[]>>;
  readonly agents: Readonly<Record<AgentName, { readonly keys: readonly boolean[]; readonly is_revoked: boolean }>>;
  /** The time of the one request is over, whatever its row says. */
  readonly is_time_over: boolean;
  readonly request: Request | null;
  /** How many audit events of each type the one request has. */
  readonly events: Readonly<Record<string, number>>;
};

/** The people of dba while the policy file lists them. */
export const LISTED_DBA: readonly Person[] = ['cyd', 'mel'];
/** Named in every policy file, whatever else varies. */
const ALWAYS_NAMED: readonly Person[] = ['ann', 'ben', 'cyd', 'own', 'beh'];

export const FIRST_POLICY: Policy = {
  pay: ['ann', 'ben', 'own', 'beh', 'gon'],
  dba: 'S1',
  quorum: 2,
  vary: 'require',
  accounts: ['ann'],
};

/** The world as a program finds it: the first policy applied, nobody has clicked yet. */
export const START: State = {
  policy: FIRST_POLICY,
  policy_number: 1,
  people: ['ann'],
  links: { ann: 'policy' },
  had_link: ['ann'],
  renamed: [],
  has_second_address: false,
  is_merged: false,
  is_moved: false,
  pay: FIRST_POLICY.pay,
  dba: { slack: 'S1', members: [] },
  off: ['gon'],
  user_groups: { S1: ['cyd', 'ben'], S2: ['mel'] },
  agents: { one: { keys: [true], is_revoked: false }, two: { keys: [true], is_revoked: false } },
  is_time_over: false,
  request: null,
  events: {},
};

/** Who owns an agent, and so is behind all that it asks for. */
export function ownerOf(agent: AgentName): Person {
  return agent === 'one' ? 'own' : 'ann';
}

/** Whose e-mail an account shows, in Slack; nobody's of ours where it shows another. */
export function emailPerson(account: Account): Person | null {
  if (account === 'ann2') return 'ann';
  if (account === 'ben2') return 'ben';
  return account === 'oly' ? null : account;
}

/** Who that person is by now. */
export function nowOf({ is_merged }: Pick<State, 'is_merged'>, person: Person): Person {
  return is_merged && person === 'ben' ? 'cyd' : person;
}

/** Whose the account is while it has a link. */
export function linkedPerson(state: Pick<State, 'is_merged' | 'is_moved'>, account: Account): Person | null {
  const own = account === 'ann2' && state.is_moved ? 'cyd' : emailPerson(account);
  return own === null ? null : nowOf(state, own);
}

/** The state in which the request knows that ann2 is the account of somebody behind it, should it be. */
export function noteBehind(state: State): State {
  const { request } = state;
  const isAnns = state.links.ann2 !== undefined && !state.is_moved;
  if (request === null || request.was_ann2_behind || !isAnns || !request.excluded.includes('ann')) return state;
  return { ...state, request: { ...request, was_ann2_behind: true } };
}

/** The people of a group, each once, as they are by now. */
export function peopleIn(state: State, groups: readonly Group[]): readonly Person[] {
  const members = groups.flatMap((group) => (group === 'pay' ? state.pay : state.dba.members));
  return [...new Set(members.map((person) => nowOf(state, person)))];
}

/** Which rule judges an action under a policy file; null when none matches. */
export type Rule = {
  readonly name: Body['action'];
  readonly effect: 'allow' | 'deny' | 'require';
  readonly groups: readonly Group[];
  readonly quorum: number;
  readonly has_credential: boolean;
};

/** The rules of a policy file. */
export function rulesOf({ dba, quorum, vary }: Policy): readonly Rule[] {
  const rule = (name: Rule['name'], groups: readonly Group[], more: Partial<Rule> = {}): Rule => ({
    name,
    effect: 'require',
    groups,
    quorum: 1,
    has_credential: true,
    ...more,
  });
  const withDba: readonly Group[] = dba === 'gone' ? ['pay'] : ['dba', 'pay'];
  return [
    rule('one', ['pay']),
    rule('two', ['pay'], { quorum }),
    ...(dba === 'gone' ? [] : [rule('dba', ['dba'])]),
    rule('both', withDba, { quorum: 2 }),
    rule('plain', ['pay'], { has_credential: false }),
    rule('vary', vary === 'require' ? ['pay'] : [], { effect: vary, has_credential: vary !== 'deny' }),
  ];
}

/** What beats every approval: its agent is gone, or a rule denies by now. */
export function barred({ agents, policy }: State, { body }: Request, agent: AgentName): string | null {
  if (agents[agent].is_revoked) return 'agent_revoked';
  const denies = rulesOf(policy).some(({ name, effect }) => name === body.action && effect === 'deny');
  return denies ? 'denied_by_policy' : null;
}

/** Everyone whom a policy file names. */
export function namedBy(policy: Policy): readonly Person[] {
  const listed = policy.accounts.flatMap((account) => emailPerson(account) ?? []);
  return [...ALWAYS_NAMED, ...policy.pay, ...(policy.dba === 'listed' ? LISTED_DBA : []), ...listed];
}
