// Where a program plays: the real product with a cast of its own, what is known of each request, and the calls so far.

import { hasCode } from '../../src/domain/errors.ts';
import { operatorPrincipal } from '../../src/domain/people/principal.ts';
import { buildAdmin } from '../../src/process/admin.ts';
import { requireConfig } from '../../src/process/config.ts';
import type { Product } from '../support/product.ts';
import type { AgentName, Call, Event, Policy, Slot, TimeCall } from './calls.ts';
import { type Cast, createCast, slackUsers } from './cast.ts';
import type { Known } from './history.ts';
import { FIRST_POLICY, START } from './world.ts';

/** What is learned of a request; the same key and body always lead to the same id. */
export type Found = Known & { readonly id: string; readonly digest: string };
export type Lease = { readonly id: string; readonly token: string };

/** One program's share of the product. */
export type Play = {
  readonly product: Product;
  readonly cast: Cast;
  readonly admin: ReturnType<typeof buildAdmin>;
  /** Number of the first policy; the model counts from 1. */
  readonly first_number: number;
  readonly keys: Record<AgentName, string[]>;
  readonly events: Event[];
  readonly found: Map<string, Found>;
  readonly leases: Map<string, Lease>;
  /** When the keys before an agent's last one end. */
  readonly keys_end_ms: Map<AgentName, number>;
  /** While it is away no card is posted or drawn anew, and nothing expires. */
  readonly is_worker_away: boolean;
  /** One thing at a time for each name: a person has one screen. */
  readonly alone: <T>(name: string, work: () => Promise<T>) => Promise<T>;
};

type OperatorCall = Extract<Call, { kind: 'apply' | 'rotate' | 'revoke' | 'second_address' | 'merge' | 'move' }>;

const DAYS = 1;
const OPERATOR = operatorPrincipal('model');

/** Names a request in the maps above. */
export function nameOf({ agent, slot }: Slot): string {
  return `${agent}/${slot}`;
}

/** Milliseconds since 1970, never going back, and finer than one. */
export const clock = (): number => performance.timeOrigin + performance.now();

/** A play on which the first policy was applied and nobody has done anything; `tag` tells it from all others. */
export async function openPlay(product: Product, tag: string): Promise<Play> {
  // What earlier programs said would only be read again and again.
  await product.slack.reset();
  const cast = createCast(tag);
  const admin = buildAdmin(() => requireConfig(product.environment));
  const { number } = await admin.applyPolicy(application(cast, FIRST_POLICY));
  const keyOf = async (agent: AgentName, owner_email: string) => {
    const name = cast.agentName(agent);
    const issued = { name, owner_email, is_new_owner: true, environment: 'production', days: DAYS, by: OPERATOR };
    return [(await admin.createAgent(issued)).key];
  };
  const keys = { one: await keyOf('one', cast.emailOf('own')), two: await keyOf('two', cast.emailOf('ann')) };
  for (const { id, patch } of slackUsers(cast)) await product.slack.setUser(id, patch);
  for (const [group, accounts] of Object.entries(START.user_groups))
    await product.slack.setUserGroup(cast.userGroupId(group), accounts.map(cast.slackId));
  const parts = { product, cast, admin, first_number: number, keys, events: [], is_worker_away: false };
  return { ...parts, found: new Map(), leases: new Map(), keys_end_ms: new Map(), alone: queues() };
}

/** Keeps a call that was made between two moments. */
export function keep(
  play: Play,
  lane: string,
  call: Call,
  heard: { begin: number; end: number; answer: string },
): void {
  play.events.push({ lane, call, ...heard });
}

/** Does what the operator does, and keeps it. */
export async function operate(play: Play, lane: string, call: OperatorCall): Promise<void> {
  // Keys are counted in the order in which they are issued, so one is issued at a time.
  const turn = 'agent' in call ? `keys of ${call.agent}` : `${call.kind} in ${lane}`;
  await play.alone(turn, async () => {
    const begin = clock();
    const answer = await answerOf(play, call);
    const end = clock();
    if (call.kind === 'rotate') play.keys_end_ms.set(call.agent, end + call.overlap_seconds * 1_000);
    keep(play, lane, call, { begin, end, answer });
  });
}

async function answerOf({ admin, cast, keys, first_number }: Play, call: OperatorCall): Promise<string> {
  try {
    if (call.kind === 'apply') {
      const { kind, number } = await admin.applyPolicy(application(cast, call.policy));
      return `${kind} ${number - first_number + 1}`;
    }
    if (call.kind === 'second_address') {
      const to = cast.emailOf('ann');
      return (await admin.moveAddress({ address: cast.newEmail, to, operator: OPERATOR })).kind;
    }
    if (call.kind === 'merge') {
      const [who, into] = [cast.emailOf('ben'), cast.emailOf('cyd')];
      return (await admin.mergePeople({ who, into, operator: OPERATOR })).kind;
    }
    if (call.kind === 'move') {
      const [account, to] = [cast.accountName('ann2'), cast.emailOf('cyd')];
      return (await admin.moveAccount({ account, to, operator: OPERATOR })).kind;
    }
    const about = { name: cast.agentName(call.agent), by: OPERATOR };
    if (call.kind === 'revoke') return (await admin.revokeAgent(about)).kind;
    const { overlap_seconds } = call;
    const { key } = await admin.rotateAgent({ ...about, overlap_seconds, days: DAYS });
    keys[call.agent].push(key);
    return 'rotated';
  } catch (error) {
    if (hasCode(error, 'policy_invalid')) return 'policy_invalid';
    for (const code of ['conflict', 'not_found', 'same_person'] as const) if (hasCode(error, code)) return code;
    // The history knows that such a call may have happened or not.
    if (hasCode(error, 'unavailable')) return 'unavailable';
    throw error;
  }
}

/** As every change of a request: under its lock, at the moment of the lock. */
const ENDS = {
  end_claim_window: `update placet.grants g set claim_expires_at = clock_timestamp() from locked
    where g.request_id = locked.id and g.redeemed_at is null and g.claim_expires_at > clock_timestamp()`,
  end_lease: `update placet.leases l set expires_at = clock_timestamp() from locked
    where l.request_id = locked.id and l.state = 'active' and l.expires_at > clock_timestamp()`,
};

/**
 * Lets the time to claim or to use be over, as if it had been shorter, and keeps it; nothing is done to the unknown. The
 * run is told a moment later, as by the sweep: until then only the clock says that it is over.
 */
export async function endTime(play: Play, lane: string, call: TimeCall): Promise<void> {
  const found = play.found.get(nameOf(call));
  if (found === undefined) return;
  const sql = `with locked as materialized (
      select tenant_id, id, effect from placet.approval_requests where id = $1 for update),
    ended as (${ENDS[call.kind]} returning locked.tenant_id, locked.id, locked.effect),
    told as (insert into placet.outbox (tenant_id, request_id, kind, created_at, next_attempt_at)
      select tenant_id, id, 'nudge', now(), now() + interval '0.3 s' from ended where effect = 'require')
    select id from ended`;
  const begin = clock();
  const rows = await play.product.database.asSuperuser(sql, [found.id]);
  keep(play, lane, call, { begin, end: clock(), answer: rows.length === 1 ? 'ended' : 'not open' });
}

/** Changes what Slack knows, and keeps it. */
export async function changeSlack(
  play: Play,
  lane: string,
  call: Extract<Call, { kind: 'account' | 'members' | 'rename' }>,
): Promise<void> {
  const { cast, product } = play;
  const { slack } = product;
  const begin = clock();
  if (call.kind === 'account') await slack.setUser(cast.slackId(call.who), { deleted: call.is_off });
  else if (call.kind === 'rename') {
    const email = call.is_new ? cast.newEmail : cast.emailOf('ann');
    await slack.setUser(cast.slackId(call.who), { email });
  } else await slack.setUserGroup(cast.userGroupId(call.group), call.accounts.map(cast.slackId));
  keep(play, lane, call, { begin, end: clock(), answer: 'done' });
}

function application(cast: Cast, policy: Policy) {
  const document = cast.documentOf(policy);
  return { document, source: JSON.stringify(document), operator: OPERATOR };
}

function queues(): Play['alone'] {
  const tails = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const turn = (tails.get(name) ?? Promise.resolve()).then(work);
    tails.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  };
}
