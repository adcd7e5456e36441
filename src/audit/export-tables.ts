// The tables of an export, each drawn from the leaves alone: who decided and was a member of what, whether duties were separated,
// when what was issued ended. They say what the log said at the end of the span, so that they never change.

import type { Tx } from '../db/database.ts';
import * as exported from '../db/exported.ts';
import * as walk from '../db/walk.ts';
import { lineOf } from './csv.ts';
import { membersOf } from './members.ts';
import { type ExportDeps, type ExportSpan, leavesOf } from './span.ts';

/** So many policy versions are read in one transaction: each has its rules. */
const POLICIES_PAGE = 20;

/** An address, however its literal is quoted; a domain after an @ is nobody's. */
const ADDRESS = /[^\s"'`()[\],]+@[^\s"'`()[\],]+/g;
/** What has no end so long after its time is overdue: the worker looks every half minute. */
const OVERDUE_MS = 60_000;

/** A leaf as these tables read it. */
type ReadEvent = {
  readonly index: number;
  readonly type: string;
  readonly actor: { readonly kind: string; readonly id?: string };
  readonly request_id?: string;
  readonly lease_id?: string;
  readonly occurred_at: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly committed: Readonly<Record<string, string>>;
};

function readEvent({ index, leaf }: walk.PlacedLeaf): ReadEvent {
  return { ...(JSON.parse(leaf.toString('utf8')) as Omit<ReadEvent, 'index'>), index };
}

type Group = { readonly group_id: string; readonly name: string };
type Stage = {
  readonly approvers: readonly Group[];
  readonly quorum: number;
  readonly escalate?: { readonly to: readonly Group[] };
};

const CREATED = 'approval_request.created';
const OUTCOMES = ['approval_request.approved', 'approval_request.denied'];
const ENDS = ['lease.used', 'lease.expired', 'lease.revoked'];
const IS_BEHIND = ['is_requester', 'was_requester'];

/** Whether events of a type are shown; a table has lines of those alone. */
type IsShown = (type: string) => boolean;

/** A table, page by page: the first row has the names of the columns. */
export type Rows = AsyncGenerator<readonly (readonly unknown[])[]>;

/** A table as CSV. */
export async function* csvOf(rows: Rows): AsyncGenerator<Uint8Array> {
  for await (const page of rows)
    yield Buffer.from(page.map((cells) => lineOf(cells.map((cell) => String(cell ?? '')))).join(''));
}

/** Each decision, with the policy that it was made under and who was in the groups of its stage at that moment. */
export async function* decisionTable(deps: ExportDeps, span: ExportSpan, isShown: IsShown = () => true): Rows {
  yield [
    [
      ...['index', 'decided_at', 'request_id', 'decision_id', 'person_id', 'decision', 'stage', 'has_reason'],
      ...['stands_in_for', 'counted_in', 'groups_and_members', 'policy_id', 'policy_number', 'rule'],
    ],
  ];
  const readMembers = await membersOf(deps, span);
  for await (const [events, story] of withStory(deps, span, {
    of: ['decision.recorded'].filter(isShown),
    types: [CREATED],
  })) {
    const made = events.map((event) => story(event).find(({ type }) => type === CREATED));
    const groups = events.map(({ facts }, at) => groupsOf(stagesOf(made[at])[Number(facts['stage'])]));
    const members = await readMembers(
      events.map(({ index, occurred_at }, at) => ({
        ...{ index, at: new Date(occurred_at) },
        groups: (groups[at] ?? []).map(({ name }) => name),
      })),
    );
    const lines = events.map(({ index, occurred_at, request_id, actor, facts, committed }, at) => [
      ...[index, occurred_at, request_id, facts['decision_id'], actor.id, facts['decision'], facts['stage']],
      ...['reason' in committed ? 'yes' : 'no', personsOf(facts['stands_in_for']).join(' ')],
      textsOf(facts['group_ids'])
        .map((id) => nameOf(groups[at] ?? [], id))
        .join(' '),
      (groups[at] ?? []).map(({ name }, place) => `${name}: ${members[at]?.[place]}`).join('; '),
      ...['policy_id', 'policy_number', 'rule'].map((name) => made[at]?.facts[name]),
    ]);
    yield lines;
  }
}

/** Each approval and denial, with who stood behind the request and who decided: never the same. */
export async function* dutyTable(deps: ExportDeps, span: ExportSpan, isShown: IsShown = () => true): Rows {
  yield [
    [
      ...['index', 'ended_at', 'request_id', 'state', 'effect', 'rule', 'agent_id', 'people_behind', 'approved_by'],
      ...['denied_by', 'quorum', 'is_separated', 'own_attempts_refused'],
    ],
  ];
  const types = [CREATED, 'decision.recorded', 'decision.refused'];
  for await (const [events, story] of withStory(deps, span, { of: OUTCOMES.filter(isShown), types })) {
    const lines = events.map((event) => {
      const before = story(event).filter(({ index }) => index < event.index);
      const made = before.find(({ type }) => type === CREATED);
      const behind = textsOf(made?.facts['excluded_people']);
      const decided = before.filter(({ type }) => type === 'decision.recorded');
      const by = (choice: string) => decided.filter(({ facts }) => facts['decision'] === choice).flatMap(deciders);
      const refused = before.filter(({ facts }) => IS_BEHIND.includes(String(facts['refusal'])));
      const isKnown = Array.isArray(made?.facts['excluded_people']);
      const isSeparated = decided.flatMap(deciders).every((id) => !behind.includes(id)) ? 'yes' : 'no';
      return [
        ...[event.index, event.occurred_at, event.request_id, event.type.split('.')[1]],
        ...[made?.facts['effect'], made?.facts['rule'], made?.actor.id, behind.join(' ')],
        ...[by('approve').join(' '), by('deny').join(' ')],
        ...[
          stagesOf(made).reduce((sum, { quorum }) => sum + quorum, 0),
          isKnown ? isSeparated : 'unknown',
          refused.length,
        ],
      ];
    });
    yield lines;
  }
}

/** Each credential that was issued: under which approval, and when it ended, with the lag behind its time. */
export async function* leaseTable(deps: ExportDeps, span: ExportSpan, isShown: IsShown = () => true): Rows {
  yield [
    [
      ...['index', 'issued_at', 'request_id', 'lease_id', 'audience', 'scopes', 'use', 'approved_at', 'approved_index'],
      ...['is_approved_before', 'expires_at', 'state', 'ended_at', 'lag_seconds'],
    ],
  ];
  const types = ['approval_request.approved', ...ENDS];
  const end_at = await endOf(deps, span);
  for await (const [events, story] of withStory(deps, span, { of: ['credential.issued'].filter(isShown), types })) {
    const lines = events.map((event) => {
      const approved = story(event).find(({ type }) => type === 'approval_request.approved');
      const end = story(event).find(({ type, lease_id }) => ENDS.includes(type) && lease_id === event.lease_id);
      const { audience, scopes, use, expires_at } = event.facts;
      // One that has no end yet is as late as the span is long after its time.
      const late_ms = Date.parse(end?.occurred_at ?? end_at) - Date.parse(String(expires_at));
      const open = late_ms > OVERDUE_MS ? 'overdue' : 'active';
      return [
        ...[event.index, event.occurred_at, event.request_id, event.lease_id, audience, scopes, use],
        ...[approved?.occurred_at, approved?.index],
        approved !== undefined && approved.index < event.index ? 'yes' : 'no',
        ...[expires_at, end?.type.split('.')[1] ?? open, end?.occurred_at, Math.max(0, late_ms / 1_000)],
      ];
    });
    yield lines;
  }
}

/** The rules without anybody's address: `when` may compare with one. */
function masked(rules: unknown): unknown {
  if (!Array.isArray(rules)) return rules;
  return rules.map((rule: { readonly when?: unknown }) =>
    typeof rule.when === 'string' ? { ...rule, when: rule.when.replace(ADDRESS, '(an address)') } : rule,
  );
}

/** Each version of the policy that was applied before the end of the span, with its rules. */
export async function* policyLines(
  { transact, tenant_id }: ExportDeps,
  { end }: ExportSpan,
): AsyncGenerator<Uint8Array> {
  for (let above = 0, more = true; more; ) {
    const page = await transact(tenant_id, (tx) => exported.listPolicies(tx, end, above, POLICIES_PAGE));
    yield Buffer.from(
      page.map((version) => `${JSON.stringify({ ...version, rules: masked(version.rules) })}\n`).join(''),
    );
    above = page.at(-1)?.number ?? above;
    more = page.length === POLICIES_PAGE;
  }
}

/** When the last event of the span happened. */
async function endOf({ transact, tenant_id }: ExportDeps, { start, end }: ExportSpan): Promise<string> {
  if (end === start) return '';
  const [last] = await transact(tenant_id, (tx) => walk.listLeaves(tx, end - 1, 1));
  return last === undefined ? '' : readEvent(last).occurred_at;
}

type Story = (event: ReadEvent) => readonly ReadEvent[];
type Wanted = { readonly of: readonly string[]; readonly types: readonly string[] };

/** Events of the span of some types, and for each what the log has of its request up to the end of the span. */
async function* withStory(
  deps: ExportDeps,
  span: ExportSpan,
  { of, types }: Wanted,
): AsyncGenerator<readonly [readonly ReadEvent[], Story]> {
  for await (const page of leavesOf(deps, span)) {
    const events = page.filter(({ type }) => of.includes(type)).map(readEvent);
    if (events.length === 0) continue;
    const request_ids = [...new Set(events.map(({ request_id = '' }) => request_id))];
    const read = (tx: Tx) => walk.listOfRequests(tx, { request_ids, types, below: span.end });
    const found = (await deps.transact(deps.tenant_id, read)).map(readEvent);
    const stories = new Map<string, ReadEvent[]>(request_ids.map((id) => [id, []]));
    for (const event of found) stories.get(event.request_id ?? '')?.push(event);
    yield [events, ({ request_id = '' }) => stories.get(request_id) ?? []];
  }
}

function stagesOf(made: ReadEvent | undefined): readonly Stage[] {
  const requirement = made?.facts['requirement'] as { readonly stages?: readonly Stage[] } | null | undefined;
  return requirement?.stages ?? [];
}

/** Its own, and those that an escalation may have added. */
function groupsOf(stage: Stage | undefined): readonly Group[] {
  return [...(stage?.approvers ?? []), ...(stage?.escalate?.to ?? [])];
}

function nameOf(groups: readonly Group[], id: string): string {
  return groups.find(({ group_id }) => group_id === id)?.name ?? id;
}

/** Whoever decided, and those in whose place it was. */
function deciders({ actor, facts }: ReadEvent): string[] {
  return [actor.id ?? '', ...personsOf(facts['stands_in_for'])];
}

function personsOf(steads: unknown): string[] {
  return Array.isArray(steads) ? steads.map(({ person_id }: { person_id: string }) => person_id) : [];
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
