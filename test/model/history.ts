// A history of calls judged by the model: cut into one history per request, each with the facts that all requests share.

import { ownOperations } from './by-itself.ts';
import { type AgentName, describe, type Event, type Slot } from './calls.ts';
import { linearize, type Operation, type Verdict } from './linearize.ts';
import { type Local, stepsOf, stepsOfTouch } from './steps.ts';
import { START, type State } from './world.ts';

/** What is known of a request beside the answers: when its time is over, and whether dba may decide on it. */
export type Known = Slot & { readonly expires_at_ms: number | null; readonly is_about_dba: boolean };

export type History = { readonly events: readonly Event[]; readonly known: readonly Known[] };

/** In place of an answer that may be an earlier click's. */
export const TOLD_TWICE = 'told in two ways';

/** Answers that promise nothing. The product is whole here, but its machine may be busy with everything else. */
const CLICK_ERRORS = [
  'unavailable',
  'We could not confirm that this was recorded.',
  'We could not check with Slack who you are.',
  TOLD_TWICE,
];

/** What is wrong with a history, readable; null when each request's part fits an order that the model allows. */
export function faultOf(history: History, start: State = START): string | null {
  for (const slot of slotsOf(history)) {
    const operations = partOf(history, slot);
    const verdict = linearize(start, operations);
    if (verdict.kind !== 'fits') return tell(slot, operations, verdict);
  }
  return null;
}

/** Each request that a call is about; one that is not there when none is, so that the shared facts are judged too. */
function slotsOf({ events }: History): readonly Slot[] {
  const slots = new Map<string, Slot>();
  for (const { call } of events) if ('slot' in call) slots.set(nameOf(call), { agent: call.agent, slot: call.slot });
  return slots.size === 0 ? [{ agent: 'one', slot: -1 }] : [...slots.values()];
}

function partOf({ events, known }: History, slot: Slot): Operation<State, Local>[] {
  const operations = events.flatMap((event) => operationOf(event, slot, known) ?? []);
  const { expires_at_ms = null } = known.find((each) => isSame(each, slot)) ?? {};
  return [...operations, ...ownOperations(events, slot, expires_at_ms)];
}

function operationOf(event: Event, slot: Slot, known: readonly Known[]): Operation<State, Local> | null {
  const { call, begin, end, answer } = event;
  const common = isClickError(answer)
    ? { name: line(event), begin, end: Number.POSITIVE_INFINITY, local: {}, is_certain: false, answer: null }
    : { name: line(event), begin, end, local: {}, is_certain: true, answer };
  if (!('slot' in call) || isSame(call, slot)) return { ...common, steps: stepsOf(call) };
  const isTouching =
    call.kind === 'approve' || call.kind === 'submit' || (call.kind === 'open' && call.modal === 'review');
  if (!isTouching) return null;
  const { is_about_dba = false } = known.find((each) => isSame(each, call)) ?? {};
  return { ...common, answer: null, steps: stepsOfTouch(call.who, is_about_dba) };
}

/** Nobody knows whether it happened: a part was too slow, and the answer says so. */
export function isClickError(answer: string): boolean {
  return CLICK_ERRORS.some((error) => answer.startsWith(error));
}

function isSame(a: Slot, b: Slot): boolean {
  return a.agent === b.agent && a.slot === b.slot;
}

function nameOf({ agent, slot }: { readonly agent: AgentName; readonly slot: number }): string {
  return `${agent}/${slot}`;
}

function tell(slot: Slot, operations: readonly Operation<State, Local>[], verdict: Verdict<State>): string {
  const history = [...operations].sort((a, b) => a.begin - b.begin).map(({ name }) => `  ${name}`);
  const head = `No order of these calls is one that the model allows (request ${nameOf(slot)}):\n${history.join('\n')}`;
  if (verdict.kind !== 'refused') return `${head}\nThe search gave up: too many orders.`;
  const stuck = verdict.stuck.map(
    ({ name, answered, allowed }) =>
      `  ${name}\n    heard:   ${answered ?? '(nothing)'}\n    allowed: ${allowed.join(' | ') || '(cannot come now)'}`,
  );
  return [
    head,
    'The order that got furthest:',
    ...verdict.order.map((name) => `  ${name}`),
    'Then one of these had to come:',
    ...stuck,
    `In the state ${JSON.stringify(verdict.state)}`,
  ].join('\n');
}

/** One event in one line, for people. */
export function line({ lane, call, begin, end, answer }: Event): string {
  return `${time(begin)}–${time(end)} ${lane}: ${describe(call)} → ${answer}`;
}

function time(ms: number): string {
  return Number.isFinite(ms) ? (ms / 1_000).toFixed(3).slice(-7) : '∞';
}
