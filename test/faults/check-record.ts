// The record against itself and against what the agents were told: one end for each request, and a history that allows it.
// Written from docs/invariants.md, not from the code that it checks.
import type { Story } from './stories.ts';
import type { World } from './world.ts';

export type RecordRow = {
  readonly id: string;
  readonly idempotency_key: string;
  readonly resource: string;
  readonly effect: 'allow' | 'deny' | 'require';
  readonly state: 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled';
  readonly revision: number;
  /** The types of its events, in the order of writing. */
  readonly events: readonly string[];
  /** Distinct people who approved this digest and may count, and those who denied. */
  readonly approvals: number;
  readonly denials: number;
  readonly decisions: number;
  /** Those after the end. */
  readonly late_decisions: number;
  readonly quorum: number;
  readonly has_credential: boolean;
  readonly grants: number;
  readonly redeemed: number;
  readonly leases: number;
  /** Each is of this digest, its grant's, from within the time to claim, and no longer than the grant says (INV-5). */
  readonly leases_are_within: boolean;
  readonly lease_state: 'active' | 'used' | 'expired' | 'revoked' | null;
  readonly result: 'succeeded' | 'failed' | null;
  readonly closed_late: boolean;
  readonly lease_is_over: boolean;
  /** The agent may still claim, or its lease still has time: then a run waits for that moment. */
  readonly is_awaited: boolean;
};

const ROWS = `select r.id, r.idempotency_key, r.resource, r.effect, r.state, r.revision,
  (select coalesce(jsonb_agg(e.type order by e.position), '[]') from placet.audit_events e
    where e.request_id = r.id) as events,
  (select count(distinct d.person_id)::integer from placet.decisions d where d.request_id = r.id and d.decision = 'approve'
    and d.digest = r.digest and d.person_id <> all (r.excluded_people)) as approvals,
  (select count(*)::integer from placet.decisions d where d.request_id = r.id and d.decision = 'deny') as denials,
  (select count(*)::integer from placet.decisions d where d.request_id = r.id) as decisions,
  (select count(*)::integer from placet.decisions d where d.request_id = r.id
    and d.decided_at > r.closed_at) as late_decisions,
  coalesce((r.requirement -> 'stages' -> 0 ->> 'quorum')::integer, 0) as quorum,
  r.credential is not null as has_credential,
  (select count(*)::integer from placet.grants g where g.request_id = r.id) as grants,
  (select count(*)::integer from placet.grants g where g.request_id = r.id and g.redeemed_at is not null) as redeemed,
  (select count(*)::integer from placet.leases l where l.request_id = r.id) as leases,
  not exists (select from placet.leases l left join placet.grants g on g.id = l.grant_id and g.request_id = r.id
    where l.request_id = r.id and (l.digest = r.digest and g.digest = r.digest
      and l.issued_at >= date_trunc('second', g.created_at) and l.issued_at < g.claim_expires_at
      and l.expires_at <= l.issued_at + make_interval(secs => (r.credential ->> 'lifetime_seconds')::integer))
      is not true) as leases_are_within,
  (select l.state from placet.leases l where l.request_id = r.id limit 1) as lease_state,
  (select o.status from placet.results o where o.request_id = r.id) as result,
  coalesce(r.closed_at >= r.expires_at, false) as closed_late,
  exists (select from placet.leases l where l.request_id = r.id and l.expires_at <= now()) as lease_is_over,
  exists (select from placet.leases l where l.request_id = r.id and l.expires_at > now())
    or exists (select from placet.grants g where g.request_id = r.id and g.redeemed_at is null
      and g.claim_expires_at > now()) as is_awaited
  from placet.approval_requests r order by r.id`;

/** What happens to a request happens in this order. */
const ORDER: readonly (readonly string[])[] = [
  ['approval_request.created'],
  ['decision.recorded'],
  ['approval_request.approved', 'approval_request.denied', 'approval_request.expired', 'approval_request.cancelled'],
  ['grant.created'],
  ['credential.issued'],
  ['lease.used', 'lease.expired'],
];

/** Every request of the world. */
export const readRecord = (world: World): Promise<RecordRow[]> => world.rows<RecordRow>(ROWS);

/** What is wrong with one request by its own history; empty when nothing is. */
export function faultsOf(row: RecordRow): string[] {
  const count = (type: string) => row.events.filter((each) => each === type).length;
  const faults: string[] = [];
  const must = (isSo: boolean, what: string) => isSo || faults.push(`${row.id}: ${what}`);
  const ends = ['approved', 'denied', 'expired', 'cancelled'].filter((end) => count(`approval_request.${end}`) > 0);
  must(row.state !== 'pending', 'is still pending');
  must(count('approval_request.created') === 1, 'was not created exactly once');
  must(ends.length === 1 && ends[0] === row.state, `is ${row.state}, its events say ${ends.join(', ') || 'nothing'}`);
  must(count(`approval_request.${row.state}`) === 1, `ended ${count(`approval_request.${row.state}`)} times`);
  must(isInOrder(row.events), `its events are out of order: ${row.events.join(', ')}`);
  must(count('decision.recorded') === row.decisions, 'has decisions without their event, or events without decision');
  must(row.late_decisions === 0, 'has a decision after its end');
  must(isAllowedEnd(row), `may not be ${row.state} by its policy and its decisions`);
  const isGranted = row.state === 'approved' && row.has_credential;
  must(row.grants === (isGranted ? 1 : 0), `has ${row.grants} grants`);
  must(count('grant.created') === row.grants, 'has a grant without its event');
  must(row.leases === row.redeemed && row.leases <= 1, `has ${row.leases} leases of ${row.redeemed} redeemed grants`);
  must(row.leases_are_within, 'has a lease beyond its grant');
  must(count('credential.issued') === row.leases, 'has a lease without its event');
  must(count('lease.used') === (row.lease_state === 'used' ? 1 : 0), 'has a use without its event');
  must(count('lease.expired') === (row.lease_state === 'expired' ? 1 : 0), "has a lease's end without its event");
  must(row.lease_state !== 'active' || !row.lease_is_over, 'has an active lease past its end');
  must(count('result.reported') === (row.result === null ? 0 : 1), 'has a result without its event');
  must(row.result !== 'succeeded' || row.lease_state === 'used', 'succeeded without a use');
  return faults;
}

function isInOrder(events: readonly string[]): boolean {
  const places = events.map((type) => ORDER.findIndex((types) => types.includes(type))).filter((place) => place >= 0);
  return places.every((place, index) => place >= (places[index - 1] ?? 0));
}

function isAllowedEnd({ effect, state, decisions, ...row }: RecordRow): boolean {
  if (effect === 'allow') return state === 'approved' && decisions === 0;
  if (effect === 'deny') return state === 'denied' && decisions === 0;
  const { approvals, denials, quorum, closed_late } = row;
  switch (state) {
    case 'approved':
      return approvals >= quorum && denials === 0 && !closed_late;
    case 'denied':
      return denials === 1 && approvals < quorum && !closed_late;
    case 'expired':
      return denials === 0 && approvals < quorum && closed_late;
    case 'cancelled':
      return denials === 0 && approvals < quorum;
    case 'pending':
      return false;
  }
}

/** What an agent hears of a claim that made a lease: the credential or, where that answer was lost, that it is gone. */
const KNOWING_ITS_LEASE: readonly string[] = ['credential', 'already_claimed', 'claimed_elsewhere'];

/** What is wrong between the record and what the agent was told and did. */
export function faultsOfStory(story: Story, rows: readonly RecordRow[]): string[] {
  const mine = rows.filter(({ idempotency_key }) => idempotency_key === story.key);
  const [row] = mine;
  const name = `${story.key} (${story.plan}, ${story.id ?? 'no id'})`;
  if (row === undefined || mine.length > 1) return [`${name}: has ${mine.length} requests in the record`];
  const faults: string[] = [];
  const must = (isSo: boolean, what: string) => isSo || faults.push(`${name}: ${what}`);
  must(story.failure === null, `did not come to its end: ${story.failure}`);
  must(story.id === row.id, `was answered for ${story.id}, the record has ${row.id}`);
  must(story.heard === row.state, `heard ${story.heard}, the record says ${row.state}`);
  must(story.claimed !== 'credential' || row.leases === 1, 'has a credential, the record has no lease');
  must(row.leases === 0 || KNOWING_ITS_LEASE.includes(story.claimed ?? ''), 'does not know its lease');
  must(story.used !== 'used' || row.lease_state === 'used', 'was told to run, the record has no use');
  must(row.lease_state !== 'used' || ['used', 'already_used'].includes(story.used ?? ''), 'does not know its use');
  must(story.runs <= 1, `ran ${story.runs} times`);
  must(story.runs === 0 || row.state === 'approved', `ran, and is ${row.state}`);
  must(!story.reported || row.result === (story.runs === 1 ? 'succeeded' : 'failed'), `result is ${row.result}`);
  return faults;
}

/** INV-10, and requests that nobody asked for. */
export async function faultsOfWhole(world: World, stories: readonly Story[], rows: readonly RecordRow[]) {
  const views = await world.rows<{ name: string; count: number }>(`select 'executed_without_approval' as name,
    count(*)::integer as count from placet.executed_without_approval
    union all select 'executed_twice', count(*)::integer from placet.executed_twice`);
  const known = new Set(stories.map(({ key }) => key));
  return [
    ...views.filter(({ count }) => count !== 0).map(({ name, count }) => `${name} has ${count} rows`),
    ...rows.filter((row) => !known.has(row.idempotency_key)).map(({ id }) => `${id}: nobody asked for it`),
  ];
}
