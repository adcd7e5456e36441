// From a call to its steps: the moments within a call at which the product may look at something or change something.

import type { Account, AgentName, Call, Click } from './calls.ts';
import {
  decide,
  home,
  lookAtAccount,
  lookAtGroup,
  lookAtMembers,
  lookAtShown,
  lookAtUntied,
  openDeny,
  openReview,
  tie,
  touch,
} from './clicks.ts';
import { createAnyhow } from './create.ts';
import { type Answered, agentCall, endLease, endTime, expire, rowsOf, toolCall } from './doors.ts';
import { giveBack } from './give-back.ts';
import type { After, Step } from './linearize.ts';
import type { Looked } from './members.ts';
import { endKeys, sharedCall } from './shared.ts';
import { noteBehind, type State } from './world.ts';

export type Local = Looked & { readonly is_known?: boolean };
type ModelStep = Step<State, Local>;

/** Slack gives a window three seconds to open; on a slow machine the person is told to click again. */
const NOT_SHOWN = 'We could not show this in time. Nothing was recorded; click again.';

/** The steps of a call on the one request that the model follows. */
export function stepsOf(call: Call): readonly ModelStep[] {
  switch (call.kind) {
    case 'create':
      return [authenticate(call.by, call.key), makes(1, call)];
    case 'get':
    case 'list':
    case 'cancel':
    case 'report':
      return [
        authenticate(call.by, call.key),
        then(1, (state, { is_known = false }) =>
          is_known ? agentCall(state, call) : { state, answer: 'agent_key_invalid' },
        ),
      ];
    case 'give_back':
      return [
        authenticate(call.by, call.key),
        then(1, (state, { is_known = false }) =>
          is_known ? giveBack(state, call) : { state, answer: 'agent_key_invalid' },
        ),
      ];
    case 'claim':
      return [
        authenticate(call.by, call.key),
        lookAt(1, lookAtGroup),
        lookAt(2, lookAtMembers),
        then(3, (state, { is_known = false, ...looked }) =>
          is_known ? agentCall(state, call, looked) : { state, answer: 'agent_key_invalid' },
        ),
      ];
    case 'use':
      return [
        lookAt(0, lookAtGroup),
        lookAt(1, lookAtMembers),
        then(2, (state, looked) => toolCall(state, call, looked)),
      ];
    case 'tool_report':
      return [then(0, (state) => toolCall(state, call))];
    case 'approve':
      return [...looks(call.who), then(2, (state, looked) => decide(state, call, looked))];
    case 'submit':
      return [...looks(call.who), then(2, (state, looked) => decide(state, call, looked))];
    case 'open':
      return stepsOfOpen(call);
    case 'apply':
    case 'rotate':
    case 'revoke':
    case 'account':
    case 'members':
    case 'rename':
    case 'second_address':
    case 'merge':
    case 'move':
      return [then(0, (state) => sharedCall(state, call))];
    case 'end_claim_window':
    case 'end_lease':
      return [then(0, (state) => endTime(state, call))];
    case 'time_over':
      return [quietly(0, (state) => ({ ...state, is_time_over: true }))];
    case 'expire':
      return [quietly(0, expire)];
    case 'lease_over':
      return [quietly(0, endLease)];
    case 'tie':
      return [lookAt(0, lookAtUntied), lookAt(1, lookAtShown), quietly(2, tie)];
    case 'home':
      return [quietly(0, (state) => home(state, call.who))];
    case 'keys_over':
      return [quietly(0, (state) => endKeys(state, call.agent, call.keys))];
    case 'rows':
      return [then(0, (state) => ({ state, answer: rowsOf(state) }))];
  }
}

/** The steps of a click on another request, as far as they touch what all requests share. */
export function stepsOfTouch(who: Account, is_about_dba: boolean): readonly ModelStep[] {
  return [...looks(who), quietly(2, (state, looked) => touch(state, who, { ...looked, is_about_dba }))];
}

/** Who calls is found out first, by a look of its own. */
function authenticate(by: AgentName, key: number): ModelStep {
  return {
    phase: 0,
    run: (state, local) => [{ state, local: { ...local, is_known: state.agents[by].keys[key] === true } }],
  };
}

/** The card leads to the request and its groups; Slack is asked about account and members in one go, in any order. */
function looks(who: Account): readonly ModelStep[] {
  return [
    lookAt(0, lookAtGroup),
    lookAt(1, (state, looked) => lookAtAccount(state, looked, who)),
    lookAt(1, lookAtMembers),
  ];
}

function lookAt(phase: number, at: (state: State, looked: Local) => Local): ModelStep {
  return { phase, run: (state, local) => [{ state, local: at(state, local) }] };
}

function stepsOfOpen(call: Extract<Click, { kind: 'open' }>): readonly ModelStep[] {
  const { who, modal } = call;
  const isLate = ({ state, answer }: Answered): readonly Answered[] =>
    answer.startsWith('modal') ? [{ state, answer: NOT_SHOWN }] : [];
  const open = (phase: number, at: (state: State, looked: Looked) => Answered): ModelStep => ({
    phase,
    run: (state, local) => {
      const answered = at(state, local);
      return [answered, ...isLate(answered)].map((each) => ({ ...each, state: noteBehind(each.state), local: {} }));
    },
  });
  if (modal === 'deny') return [open(0, (state) => openDeny(state, who))];
  return [...looks(who), open(2, (state, looked) => openReview(state, who, looked))];
}

/** A create, with each answer that may come of it. */
function makes(phase: number, call: Extract<Call, { kind: 'create' }>): ModelStep {
  return {
    phase,
    run: (state, { is_known = false }) => {
      const all: readonly Answered[] = is_known ? createAnyhow(state, call) : [{ state, answer: 'agent_key_invalid' }];
      return all.map((each) => ({ state: noteBehind(each.state), answer: each.answer, local: {} }));
    },
  };
}

/** A step that answers. What was looked at before it is forgotten, so that equal places are equal texts. */
function then(phase: number, at: (state: State, local: Local) => Answered): ModelStep {
  return {
    phase,
    run: (state, local) => {
      const { state: after, answer } = at(state, local);
      return [{ state: noteBehind(after), answer, local: {} }];
    },
  };
}

/** A step that nobody hears of; null where it cannot happen. */
function quietly(phase: number, at: (state: State, local: Local) => State | null): ModelStep {
  return {
    phase,
    run: (state, local): readonly After<State, Local>[] => {
      const after = at(state, local);
      return after === null ? [] : [{ state: noteBehind(after), local: {} }];
    },
  };
}
