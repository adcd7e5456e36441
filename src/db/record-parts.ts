// The parts of a request record as SQL, each once, and the readers: which parts each of them reads. Sends no statement.

import type { Execution, ExecutionResult, Grant, Lease, Revocation } from '../domain/credential/lease.ts';
import type { GroupPart } from '../domain/people/membership.ts';
import { BUILTIN_AGENT } from '../domain/policy/proposal.ts';
import type { Decision } from '../domain/request/decision.ts';
import {
  type ApprovedRecord,
  type CardRecord,
  type CardState,
  type CreationRecord,
  type JudgedRecord,
  type OperatorRecord,
  type Person,
  type RecordParts,
  type Requester,
  type RequestRecord,
  type RevocableRecord,
  SAME_PENDING_MAX,
  type StageGroup,
  type StandingApprover,
  type ViewedRecord,
  type ViewRecord,
  type WaitingRecord,
} from '../domain/request/record.ts';
import type { Action, ApprovalRequest, Requirement } from '../domain/request/request.ts';
import type { JsonRow } from './columns.ts';
import { ESCALATIONS, type EscalationRow } from './escalations-table.ts';
import {
  APPROVAL_REQUESTS,
  APPROVER_GROUPS,
  DECISIONS,
  EXECUTIONS,
  GRANTS,
  LEASES,
  RESULTS,
  REVOCATIONS,
  type StoredRequest,
} from './tables.ts';

/** What a reader asks of the request `r`, and what it makes of the answer. */
export type Reader<Read> = { readonly select: string; readonly of: (row: RecordRow) => Read };

type Part<T> = { readonly select: string; readonly join?: string; readonly of: (row: RecordRow) => T };

/** The groups that a request asks, or has asked. */
const ASKED_IDS = `select approver ->> 'group_id' from jsonb_array_elements(r.requirement -> 'stages') as stage,
        jsonb_array_elements(stage -> 'approvers') as approver
      union all select approver ->> 'group_id' from jsonb_array_elements(r.requirement -> 'stages') as stage,
        jsonb_array_elements(stage #> '{stand_ins,approvers}') as approver
      union all select e.group_id from placet.escalations e where e.tenant_id = r.tenant_id and e.request_id = r.id`;

const PARTS: { readonly [P in keyof RecordParts]: Part<RecordParts[P]> } = {
  request: {
    select: `${APPROVAL_REQUESTS.select('r')},
  (select p.person_id from placet.people_now p where p.tenant_id = r.tenant_id and p.id = r.on_behalf_of_person_id) as on_behalf_of_person_id,
  array(select x.person_id from placet.excluded_now x where x.tenant_id = r.tenant_id and x.request_id = r.id) as excluded_people,
  case when r.requirement @? '$.stages[*].escalate' then (select jsonb_agg(${ESCALATIONS.json('e')} order by e.name)
    from placet.escalations e where e.tenant_id = r.tenant_id and e.request_id = r.id) end as escalations`,
    of: toRequest,
  },
  agent: {
    select: `jsonb_build_object('id', a.id, 'name', case when a.is_builtin then '${BUILTIN_AGENT}' else a.name end,
    'owner', jsonb_build_object('id', o.person_id, 'email', o.email, 'name', o.name)) as agent`,
    join: `join placet.agents a on a.tenant_id = r.tenant_id and a.id = r.agent_id
join placet.people_now o on o.tenant_id = a.tenant_id and o.id = a.owner_person_id`,
    of: ({ agent }) => agent,
  },
  requester: {
    select: `(select jsonb_build_object('name', q.name, 'environment', q.environment, 'labels', q.labels, 'owner', coalesce(w.email, ''),
      'is_revoked', q.revoked_at is not null)
    from placet.agents q left join placet.people_now w on w.tenant_id = q.tenant_id and w.id = q.owner_person_id
    where q.tenant_id = r.tenant_id and q.id = r.agent_id) as requester`,
    of: ({ requester }) => requester,
  },
  standing: {
    select: `(select coalesce(jsonb_agg(jsonb_build_object('person_id', p.person_id, 'is_active', p.is_active, 'group_ids', array(
      select distinct l.group_id from placet.group_parts l
      join placet.approver_group_members m on m.tenant_id = l.tenant_id and m.group_id = l.part_id
      left join placet.person_emails e on e.tenant_id = m.tenant_id and e.address = m.address and e.until_at is null
      join placet.people_now w on w.tenant_id = m.tenant_id and w.id = coalesce(m.person_id, e.person_id)
      where l.tenant_id = r.tenant_id and l.group_id in (${ASKED_IDS}) and not l.is_among and l.source ->> 'kind' = 'listed'
        and w.person_id = p.person_id))), '[]')
    from placet.people_now p where p.tenant_id = r.tenant_id and p.id in (
      select d.person_id from placet.decisions_now d where d.tenant_id = r.tenant_id and d.request_id = r.id) and not exists (
      select from placet.agents k join placet.people_now b on b.tenant_id = k.tenant_id and b.id = any (k.behind_people)
      where k.tenant_id = r.tenant_id and k.id = r.agent_id and b.person_id = p.person_id)) as standing`,
    of: ({ standing }) => standing,
  },
  groups: {
    select: `(select coalesce(jsonb_agg(${APPROVER_GROUPS.json('g')} order by g.name), '[]')
    from placet.approver_groups g where g.tenant_id = r.tenant_id and g.id in (${ASKED_IDS})) as groups`,
    of: ({ groups }) => groups,
  },
  parts: {
    select: `(select coalesce(jsonb_agg(jsonb_build_object('group_id', l.group_id, 'part_id', l.part_id, 'is_among', l.is_among,
      'source', l.source, 'members_then', r.members_when_made -> l.part_id) order by l.group_id, l.part_id), '[]')
    from placet.group_parts l where l.tenant_id = r.tenant_id and (l.group_id in (${ASKED_IDS}) or (l.is_among and l.group_id in (
      select p.part_id from placet.group_parts p where p.tenant_id = r.tenant_id and p.group_id in (${ASKED_IDS}))))) as parts`,
    of: ({ parts }) => parts,
  },
  decisions: {
    // Asked for in an order that their index by request gives: before its first analyze PostgreSQL would take the primary key
    // as well, and walk every decision of the tenant.
    select: `(select coalesce(jsonb_agg(${DECISIONS.json('d')} || jsonb_build_object(
        'person', jsonb_build_object('id', d.person_id, 'email', d.email, 'name', d.name)) order by d.decided_at, d.id), '[]')
    from placet.decisions_now d where d.tenant_id = r.tenant_id and d.request_id = r.id) as decisions`,
    of: ({ decisions }) => decisions.map((made) => ({ ...DECISIONS.ofJson(made), person: made.person })),
  },
  grant: {
    select: `(select ${GRANTS.json('g')} from placet.grants g where g.tenant_id = r.tenant_id and g.request_id = r.id) as grant_row`,
    of: ({ grant_row }) => (grant_row === null ? null : GRANTS.ofJson(grant_row)),
  },
  lease: {
    select: `(select ${LEASES.json('l')} from placet.leases l where l.tenant_id = r.tenant_id and l.request_id = r.id
    order by l.use desc limit 1) as lease_row`,
    of: ({ lease_row }) => (lease_row === null ? null : LEASES.ofJson(lease_row)),
  },
  execution: {
    select: `(select ${EXECUTIONS.json('x')} from placet.executions x where x.tenant_id = r.tenant_id and x.request_id = r.id) as execution_row`,
    of: ({ execution_row }) => (execution_row === null ? null : EXECUTIONS.ofJson(execution_row)),
  },
  revocation: {
    select: `(select ${REVOCATIONS.json('v')} || jsonb_build_object('name', case v.by_kind
      when 'agent' then (select q.name from placet.agents q where q.tenant_id = v.tenant_id and q.id = v.by_id)
      when 'person' then (select w.name from placet.people_now w where w.tenant_id = v.tenant_id and w.id = v.by_id)
      when 'admin_token' then (select t.name from placet.admin_tokens t where t.tenant_id = v.tenant_id and t.id = v.by_id)
      end) from placet.revocations v where v.tenant_id = r.tenant_id and v.request_id = r.id) as revocation_row`,
    of: ({ revocation_row: row }) => (row === null ? null : { ...REVOCATIONS.ofJson(row), name: row.name }),
  },
  result: {
    select: `(select ${RESULTS.json('e')} from placet.results e where e.tenant_id = r.tenant_id and e.request_id = r.id and e.use = coalesce((
      select greatest(u.redemptions, 1) from placet.grants u where u.tenant_id = r.tenant_id and u.request_id = r.id), 1)) as result_row`,
    of: ({ result_row }) => (result_row === null ? null : RESULTS.ofJson(result_row)),
  },
  cards: {
    select: `(select coalesce(jsonb_agg(jsonb_build_object('channel', m.destination, 'state', m.state, 'error', m.error,
      'posted_at', m.posted_at, 'undelivered_at', m.undelivered_at) order by m.id), '[]')
    from placet.slack_messages m where m.tenant_id = r.tenant_id and m.request_id = r.id and m.kind = 'card') as cards`,
    of: ({ cards }) => cards.map(toCard),
  },
  undeliverable_at: {
    select: `(select min(m.created_at) from placet.slack_messages m
    where m.tenant_id = r.tenant_id and m.request_id = r.id and m.kind = 'undeliverable') as undeliverable_at`,
    of: ({ undeliverable_at }) => undeliverable_at,
  },
  same_pending: {
    select: `case when r.state = 'pending' then (select count(*) from (
    select from placet.approval_requests s where s.tenant_id = r.tenant_id and s.agent_id = r.agent_id and s.digest = r.digest
      and s.state = 'pending' and s.expires_at > now() and s.id <> r.id limit ${SAME_PENDING_MAX}) as same)::integer else 0 end as same_pending`,
    of: ({ same_pending }) => same_pending,
  },
};

/** A reader that reads these parts: all that its type has, and no other. */
function readerOf<Read extends Partial<RecordParts>>(
  parts: Readonly<Record<keyof Read & keyof RecordParts, true>>,
): Reader<Read> {
  const names = Object.keys(parts) as (keyof RecordParts)[];
  const columns = names.map((name) => PARTS[name].select).join(',\n  ');
  const joins = names.flatMap((name) => PARTS[name].join ?? []).join('\n');
  return {
    select: `select ${columns}\nfrom placet.approval_requests r\n${joins}`,
    of: (row) => Object.fromEntries(names.map((name) => [name, PARTS[name].of(row)])) as Read,
  };
}

const CLAIMED = { request: true, grant: true } as const;
const CLICKED = { request: true, groups: true, decisions: true, cards: true } as const;
const ENDED = { ...CLAIMED, lease: true, execution: true, revocation: true, result: true } as const;

export const CARD = readerOf<CardRecord>({ ...CLICKED, ...ENDED, agent: true, same_pending: true });
export const CLICK = readerOf<JudgedRecord>({ ...CLICKED, parts: true });
export const VIEWED = readerOf<ViewedRecord>({ ...CLICKED, ...ENDED, agent: true, same_pending: true, parts: true });
export const WAITING = readerOf<WaitingRecord>({ request: true, agent: true, decisions: true });
export const APPROVED = readerOf<ApprovedRecord>({
  ...CLAIMED,
  groups: true,
  parts: true,
  decisions: true,
  lease: true,
  execution: true,
  revocation: true,
  result: true,
  requester: true,
  standing: true,
});
export const REVOCABLE = readerOf<RevocableRecord>({ ...ENDED, agent: true, decisions: true });
export const VIEW = readerOf<ViewRecord>({ ...CLICKED, ...ENDED, undeliverable_at: true });
export const CREATION = readerOf<CreationRecord>(CLAIMED);
export const OPERATOR = readerOf<OperatorRecord>({ ...CLICKED, ...ENDED, agent: true, undeliverable_at: true });
/** Who decides, for whoever has to ask Slack about them before the request is locked and read. */
export const GROUPS = readerOf<Pick<RequestRecord, 'parts'>>({ parts: true });

/** What the parts read, each under a name of its own. */
type RecordRow = StoredRequest & {
  readonly excluded_people: string[];
  readonly on_behalf_of_person_id: string | null;
  readonly escalations: readonly JsonRow<EscalationRow>[] | null;
  readonly agent: { readonly id: string; readonly name: string; readonly owner: Person };
  readonly decisions: (JsonRow<Decision> & { readonly person: Person })[];
  readonly groups: StageGroup[];
  readonly parts: GroupPart[];
  readonly cards: JsonRow<CardState>[];
  readonly undeliverable_at: Date | null;
  readonly grant_row: JsonRow<Grant> | null;
  readonly lease_row: JsonRow<Lease> | null;
  readonly result_row: JsonRow<ExecutionResult> | null;
  readonly execution_row: JsonRow<Execution> | null;
  readonly revocation_row: (JsonRow<Revocation> & { readonly name: string | null }) | null;
  readonly same_pending: number;
  readonly requester: Requester;
  readonly standing: StandingApprover[];
};

/** What is shown comes from the digested bytes, never from the jsonb beside them. */
function toRequest(row: RecordRow): ApprovalRequest {
  const { canonical, ...stored } = APPROVAL_REQUESTS.ofRow(row);
  const { action, resource, parameters, masked } = JSON.parse(Buffer.from(canonical).toString('utf8')) as Action;
  const { excluded_people, on_behalf_of_person_id } = row;
  const requirement = withAdded(stored.requirement, (row.escalations ?? []).map(ESCALATIONS.ofJson));
  return { ...stored, requirement, excluded_people, on_behalf_of_person_id, action, resource, parameters, masked };
}

/** The stages with the groups that were added to them: whoever counts or asks reads them there. */
function withAdded(requirement: Requirement | null, all: readonly EscalationRow[]): Requirement | null {
  if (requirement === null || all.length === 0) return requirement;
  const stages = requirement.stages.map((stage, index) => {
    const here = all.filter((row) => row.stage === index);
    const [first] = here;
    if (first === undefined) return stage;
    const added = here.map(({ group_id, name }) => ({ group_id, name }));
    return { ...stage, added, escalated_at: first.escalated_at };
  });
  return { ...requirement, stages };
}

function toCard({ posted_at, undelivered_at, ...card }: JsonRow<CardState>): CardState {
  return { ...card, posted_at: dateOf(posted_at), undelivered_at: dateOf(undelivered_at) };
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
