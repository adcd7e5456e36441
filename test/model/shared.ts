// The model's operator and Slack's own facts: policy files, keys, accounts and user groups.

import type { AgentName, Policy, SharedCall } from './calls.ts';
import { sorted } from './clicks.ts';
import type { Answered } from './doors.ts';
import { emailPerson, LISTED_DBA, nowOf, peopleIn, rulesOf, type State } from './world.ts';

/** What the call answers and changes. */
export function sharedCall(state: State, call: SharedCall): Answered {
  switch (call.kind) {
    case 'apply':
      return apply(state, call.policy);
    case 'rotate':
      return rotate(state, call);
    case 'revoke':
      return revoke(state, call);
    case 'account': {
      const others = state.off.filter((account) => account !== call.who);
      return { state: { ...state, off: call.is_off ? [...others, call.who].sort() : others }, answer: 'done' };
    }
    case 'rename': {
      const others = state.renamed.filter((account) => account !== call.who);
      return { state: { ...state, renamed: call.is_new ? [...others, call.who].sort() : others }, answer: 'done' };
    }
    case 'second_address': {
      const answer = state.has_second_address ? 'unchanged' : 'changed';
      return { state: { ...state, has_second_address: true }, answer };
    }
    case 'merge':
      return merge(state);
    case 'move':
      return moveAccount(state);
    case 'members':
      return {
        state: { ...state, user_groups: { ...state.user_groups, [call.group]: call.accounts } },
        answer: 'done',
      };
  }
}

/** Ben means cyd from then on, wherever he stands; what he was shown was shown to ben. */
function merge(state: State): Answered {
  if (state.is_merged) return { state, answer: 'same_person' };
  if (!state.people.includes('ben') || !state.people.includes('cyd')) return { state, answer: 'not_found' };
  const merged = { ...state, is_merged: true };
  const { request, dba } = state;
  const members = dba.slack === null ? dba.members : [...peopleIn(merged, ['dba'])].sort();
  const decisions = request?.decisions.map((made) => ({ ...made, person: nowOf(merged, made.person) })) ?? [];
  const seen = request?.seen.filter((person) => person !== 'ben') ?? [];
  const after = { ...merged, dba: { ...dba, members }, request: request && { ...request, decisions, seen } };
  return { state: after, answer: 'changed' };
}

/** Ann2 is cyd's from then on; what it decided as ann's counts no more. */
function moveAccount(state: State): Answered {
  if (!state.people.includes('cyd') || !state.had_link.includes('ann2')) return { state, answer: 'not_found' };
  if (state.is_moved) return { state, answer: 'unchanged' };
  const { request } = state;
  const decisions = request?.decisions.map((made) => (made.account === 'ann2' ? { ...made, has_moved: true } : made));
  const links = sorted({ ...state.links, ann2: 'operator' as const });
  const after = request && { ...request, decisions: decisions ?? [] };
  return { state: { ...state, is_moved: true, links, request: after }, answer: 'changed' };
}

/** A new version, or none when the file is the same or cannot be: a group must be large enough for its quorum. */
function apply(state: State, policy: Policy): Answered {
  if (!isPossible(policy)) return { state, answer: 'policy_invalid' };
  if (JSON.stringify(policy) === JSON.stringify(state.policy)) {
    return { state, answer: `unchanged ${state.policy_number}` };
  }
  // The file never moves an account: one that says ann2 is ann's is against the record.
  if (state.is_moved && policy.accounts.includes('ann2')) return { state, answer: 'policy_invalid' };
  const policy_number = state.policy_number + 1;
  const withAccount = policy.accounts.flatMap((account) => emailPerson(account) ?? []);
  const people = [...new Set([...state.people, ...withAccount])].sort();
  const links = linksUnder(state, policy);
  const had_link = [...new Set([...state.had_link, ...policy.accounts])].sort();
  return {
    state: { ...state, had_link, policy, policy_number, people, links, pay: policy.pay, dba: dbaUnder(state, policy) },
    answer: `applied ${policy_number}`,
  };
}

function isPossible(policy: Policy): boolean {
  return rulesOf(policy).every(({ effect, groups, quorum }) => {
    if (effect !== 'require') return true;
    if (groups.includes('dba') && policy.dba !== 'listed') return true;
    const people = groups.flatMap((group) => (group === 'pay' ? policy.pay : LISTED_DBA));
    return new Set(people).size >= quorum;
  });
}

/** Accounts that an earlier file named and this one does not lose their link; those that it names have it by the file. */
function linksUnder({ links }: State, { accounts }: Policy): State['links'] {
  const kept = Object.entries(links).filter(([, by]) => by !== 'policy');
  const named = accounts.filter((account) => emailPerson(account) !== null).map((account) => [account, 'policy']);
  return sorted(Object.fromEntries([...kept, ...named]) as State['links']);
}

/** A group out of the file keeps its members for what is pending; another Slack user group begins with nobody known. */
function dbaUnder({ dba }: State, policy: Policy): State['dba'] {
  if (policy.dba === 'gone') return dba;
  if (policy.dba === 'listed') return { slack: null, members: LISTED_DBA };
  return policy.dba === dba.slack ? dba : { slack: policy.dba, members: [] };
}

function rotate(state: State, { agent, overlap_seconds }: Extract<SharedCall, { kind: 'rotate' }>): Answered {
  const known = state.agents[agent];
  if (known.is_revoked) return { state, answer: 'conflict' };
  const keys = [...known.keys.map((isLive) => isLive && overlap_seconds > 0), true];
  return { state: { ...state, agents: { ...state.agents, [agent]: { ...known, keys } } }, answer: 'rotated' };
}

/** The overlap of a rotation is over: the keys from before it work no longer. */
export function endKeys(state: State, agent: AgentName, count: number): State {
  const known = state.agents[agent];
  const keys = known.keys.map((isLive, index) => isLive && index >= count);
  return { ...state, agents: { ...state.agents, [agent]: { ...known, keys } } };
}

function revoke(state: State, { agent }: Extract<SharedCall, { kind: 'revoke' }>): Answered {
  const known = state.agents[agent];
  if (known.is_revoked) return { state, answer: 'unchanged' };
  const revoked = { keys: known.keys.map(() => false), is_revoked: true };
  return { state: { ...state, agents: { ...state.agents, [agent]: revoked } }, answer: 'revoked' };
}
