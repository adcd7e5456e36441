// Performs a program in its play: creates the requests, then all lanes at once, each move after the other in its lane.

import { setTimeout as pause } from 'node:timers/promises';
import { callAsAgent, callAsTool, create, list } from './agents.ts';
import type { AgentName, Click, Result, Slot } from './calls.ts';
import { faultOf } from './history.ts';
import type { Move } from './move.ts';
import { approve, cardOf, decideInModal } from './people.ts';
import { changeSlack, clock, endTime, nameOf, operate, type Play } from './play.ts';
import { PLANS_BEFORE, type Plan, type Program } from './program.ts';
import { readRows } from './rows.ts';

const REASON = 'not now';
/** Requests that live longer are left pending. */
const SHORT_MS_MAX = 3_000;

/** What is wrong with what the product answered, or null. */
export async function perform(play: Play, { plans, lanes, is_worker_away }: Program): Promise<string | null> {
  const first = { is_other_agent: false, is_first_key: false };
  const before = plans.slice(0, PLANS_BEFORE).map((_, slot): Move => ({ ...first, kind: 'create', slot, body: 0 }));
  await together(before.map((move, index) => act(play, `start ${index}`, { plans, move })));
  const playLanes = (on: Play) =>
    together(
      lanes.map(async (moves, index) => {
        for (const move of moves) await act(on, `lane ${index}`, { plans, move });
      }),
    );
  await (is_worker_away ? withoutWorker(play, playLanes) : playLanes(play));
  await readRows(play);
  return faultOf({ events: play.events, known: [...play.found.values()] });
}

/** Cards that stand are clicked, and nothing but the clock says that a request's time is over. */
async function withoutWorker(play: Play, work: (away: Play) => Promise<void>): Promise<void> {
  for (const found of play.found.values()) if (found.expires_at_ms !== null) await cardOf(play, found);
  await play.product.stop('worker');
  try {
    await work({ ...play, is_worker_away: true });
  } finally {
    await play.product.start('worker');
  }
}

/** All of them come to their end, also when one has failed: nothing of one program meets the next. */
export async function together(lanes: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

type Acting = { readonly plans: readonly Plan[]; readonly move: Move };

async function act(play: Play, lane: string, { plans, move }: Acting): Promise<void> {
  switch (move.kind) {
    case 'apply':
    case 'rotate':
    case 'revoke':
    case 'second_address':
    case 'merge':
    case 'move':
      return operate(play, lane, move);
    case 'rest_keys':
      return restKeys(play, move.agent);
    case 'account':
    case 'members':
    case 'rename':
      return changeSlack(play, lane, move);
    default:
      return actOn(play, lane, move, plans[move.slot] as Plan);
  }
}

type MoveOn = Extract<Move, { slot: number }>;

async function actOn(play: Play, lane: string, move: MoveOn, plan: Plan): Promise<void> {
  const at: Slot = { agent: plan.agent, slot: move.slot };
  switch (move.kind) {
    case 'approve':
      return approve(play, lane, { kind: 'approve', ...at, who: move.who }, move.times);
    case 'review':
    case 'deny':
      return decideInModal(play, lane, submissionOf(move, at));
    case 'rest':
      return rest(play, at);
    case 'end_claim_window':
    case 'end_lease':
      return endTime(play, lane, { kind: move.kind, ...at });
    case 'use': {
      const { kind, is_right_digest, is_own } = move;
      return callAsTool(play, lane, { kind, ...at, is_right_digest, is_own });
    }
    case 'tool_report': {
      const { kind, is_own, has_worked } = move;
      return callAsTool(play, lane, { kind, ...at, is_own, result: resultOf(has_worked) });
    }
    default:
      return actAsAgent(play, lane, move, plan);
  }
}

/** Waits for the end of a short request's own time. */
async function rest({ found }: Play, at: Slot): Promise<void> {
  const { expires_at_ms = null } = found.get(nameOf(at)) ?? {};
  const left_ms = (expires_at_ms ?? 0) - clock();
  if (left_ms > 0 && left_ms < SHORT_MS_MAX) await pause(left_ms);
}

/** Waits for the end of the overlap of the agent's last rotation, where that is short. */
async function restKeys({ keys_end_ms }: Play, agent: AgentName): Promise<void> {
  const left_ms = (keys_end_ms.get(agent) ?? 0) - clock();
  if (left_ms > 0 && left_ms < SHORT_MS_MAX) await pause(left_ms);
}

async function actAsAgent(
  play: Play,
  lane: string,
  move: Extract<Move, { is_other_agent: boolean }>,
  { agent, bodies }: Plan,
): Promise<void> {
  const at: Slot = { agent, slot: move.slot };
  const by = move.is_other_agent ? (agent === 'one' ? 'two' : 'one') : agent;
  const key = move.is_first_key ? 0 : play.keys[by].length - 1;
  const who = { ...at, by, key };
  switch (move.kind) {
    case 'create':
      return create(play, lane, {
        kind: 'create',
        ...at,
        by: agent,
        key: lastKey(play, agent),
        body: bodies[move.body],
      });
    case 'list':
      return list(play, lane, by, key);
    case 'wait':
      return callAsAgent(play, lane, { kind: 'get', ...who, is_waiting: true });
    case 'report':
      return callAsAgent(play, lane, { kind: 'report', ...who, result: resultOf(move.has_worked) });
    case 'get':
    case 'cancel':
    case 'give_back':
    case 'claim':
      return callAsAgent(play, lane, { kind: move.kind, ...who });
  }
}

function submissionOf(
  { kind: modal, who, is_altered }: Extract<Move, { is_altered: boolean }>,
  at: Slot,
): Extract<Click, { kind: 'submit' }> {
  return { kind: 'submit', ...at, who, modal, reason: REASON, is_altered };
}

function lastKey({ keys }: Play, agent: Plan['agent']): number {
  return keys[agent].length - 1;
}

function resultOf(has_worked: boolean): Result {
  return has_worked ? { status: 'succeeded', detail: null } : { status: 'failed', detail: 'it broke' };
}
