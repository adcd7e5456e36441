// Explains what the newest policy says of an ask, of one that was made or one that might be: which rule and why not the
// others, who would be asked, who never counts and why, and whether enough people could agree now. Changes nothing.

import * as addresses from '../../db/addresses.ts';
import * as agents from '../../db/agents.ts';
import type { Tx } from '../../db/database.ts';
import * as groupParts from '../../db/group-parts.ts';
import * as groups from '../../db/groups.ts';
import * as policies from '../../db/policies.ts';
import { OPERATOR } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import { addressOf } from '../../domain/people/address.ts';
import type { MemberSource } from '../../domain/people/membership.ts';
import { isReserved } from '../../domain/policy/actions.ts';
import { type ExplainedRule, explain } from '../../domain/policy/explain.ts';
import { GROUP_MEMBERS_MAX, type Rule } from '../../domain/policy/policy.ts';
import { groupNames, stagesOf as stagesIn } from '../../domain/policy/rule-stages.ts';
import { firstUnreachable, type PoolStage } from '../../domain/request/reach.ts';
import type { Effect, JsonObject } from '../../domain/request/request.ts';
import { poolsOf } from '../agent/pools.ts';
import { askedStages } from '../agent/requirement.ts';
import type { ServiceDeps } from '../deps.ts';

export type AskToExplain = {
  readonly agent: string;
  /** The agent's own, unless told. */
  readonly environment: string | null;
  readonly action: string;
  readonly resource: string;
  readonly parameters: JsonObject;
  readonly on_behalf_of: string | null;
};

/** What is explained: an ask that might be, or the request of one that was. */
export type Explained = { readonly ask: AskToExplain } | { readonly request_id: string };

export type AskedMember = {
  readonly email: string;
  readonly name: string;
  readonly is_active: boolean;
  /** Why this person never counts; null for one who may. */
  readonly excluded: 'owner' | 'key_maker' | 'on_behalf_of' | null;
};

export type AskedStage = {
  readonly quorum: number;
  /** Each of its groups needs a person of its own. */
  readonly each: boolean;
  /** Asks these groups as well, so long after the stage has begun; null for a stage that does not. */
  readonly escalate: { readonly after_seconds: number; readonly to: readonly string[] } | null;
  readonly groups: readonly {
    readonly name: string;
    readonly channel: string;
    /** Its members are asked of Slack at the click; those here have clicked before. */
    readonly slack_user_group: string | null;
    readonly source: MemberSource;
    readonly members: readonly AskedMember[];
  }[];
  /** How many of those who are listed may count now. */
  readonly eligible: number;
  /** Whether they can fill it beside the stages before it; null where Slack alone knows. */
  readonly is_reachable: boolean | null;
};

export type PolicyExplanation = {
  readonly policy_version: number | null;
  readonly effect: Effect;
  readonly rule: string | null;
  readonly rules: readonly ExplainedRule[];
  readonly stages: readonly AskedStage[];
};

/** Throws not_found for a request or an agent that is not there; an agent that might be needs its environment. */
export function explainPolicy(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id, of }: { readonly tenant_id: string; readonly of: Explained },
): Promise<PolicyExplanation> {
  return deps.transact(tenant_id, async (tx) => {
    const read = 'ask' in of ? { ask: of.ask, at: tx.now, is_masked: false } : await readAsk(tx, of.request_id);
    const { ask, at, is_masked } = read;
    // No rule judges what is the product's own.
    if (isReserved(ask.action)) throw new PlacetError('action_reserved');
    const policy = await policies.readNewest(tx);
    const agent = await agents.findFacts(tx, ask.agent);
    const environment = ask.environment ?? agent?.environment;
    if (environment === undefined) throw new PlacetError('not_found', { agent: ask.agent });
    const { action, resource, parameters, on_behalf_of } = ask;
    const about = { action, resource, parameters, on_behalf_of, now: at };
    const { labels = {}, owner = '' } = agent ?? {};
    const subject = { agent: { name: ask.agent, environment, labels, owner }, ...about };
    if (policy === null) return { policy_version: null, effect: 'deny', rule: null, rules: [], stages: [] };
    const { judgement, rules } = explain(policy.document, subject, is_masked);
    const excluded = await excludedBy(tx, agent, on_behalf_of);
    const stages = judgement.effect === 'require' ? await stagesOf(tx, judgement.rule, excluded) : [];
    const rule = judgement.rule?.name ?? null;
    return { policy_version: policy.number, effect: judgement.effect, rule, rules, stages };
  });
}

type AskMade = { readonly ask: AskToExplain; readonly at: Date; readonly is_masked: boolean };

async function readAsk(tx: Tx, request_id: string): Promise<AskMade> {
  const record = isId('request', request_id) ? await requestRecords.readRequestRecord(tx, request_id, OPERATOR) : null;
  if (record === null) throw new PlacetError('not_found', { request: request_id });
  const { action, resource, parameters, masked, on_behalf_of, environment, created_at: at } = record.request;
  const ask = { agent: record.agent.name, environment, action, resource, parameters, on_behalf_of };
  return { ask, at, is_masked: masked !== undefined };
}

type Excluded = ReadonlyMap<string, NonNullable<AskedMember['excluded']>>;

async function excludedBy(tx: Tx, agent: agents.AgentFacts | null, on_behalf_of: string | null): Promise<Excluded> {
  const behind = new Map<string, NonNullable<AskedMember['excluded']>>();
  const person = on_behalf_of === null ? null : await addresses.findOwner(tx, addressOf(on_behalf_of));
  if (person !== null) behind.set(person.id, 'on_behalf_of');
  for (const id of agent?.behind_people ?? []) behind.set(id, 'key_maker');
  if (agent !== null) behind.set(agent.owner_person_id, 'owner');
  return behind;
}

async function stagesOf(tx: Tx, rule: Rule | null, excluded: Excluded): Promise<readonly AskedStage[]> {
  if (rule === null) return [];
  const named = await groups.findGroupsByName(tx, [...new Set(stagesIn(rule).flatMap(groupNames))]);
  const stages = askedStages(rule, named);
  const ids = named.map(({ id }) => id);
  const parts = await groupParts.listParts(tx, ids);
  const of = { stages, parts, answers: [], excluded_people: [...excluded.keys()], limit: GROUP_MEMBERS_MAX };
  const pools = await poolsOf(tx, of);
  const groups_by_id = new Map<string, AskedStage['groups'][number]>();
  for (const { id, name, channel, slack_user_group, source } of named) {
    const members = await groups.listMembers(tx, id, GROUP_MEMBERS_MAX);
    groups_by_id.set(id, {
      name,
      channel,
      slack_user_group,
      source,
      members: members.map((member) => memberOf(member, excluded)),
    });
  }
  return stages.map(({ approvers, quorum, each = false, escalate }, place) => ({
    quorum,
    each,
    escalate:
      escalate === undefined
        ? null
        : { after_seconds: escalate.after_seconds, to: escalate.to.map(({ name }) => name) },
    groups: approvers.flatMap(({ group_id }) => groups_by_id.get(group_id) ?? []),
    eligible: new Set((pools[place]?.groups ?? []).flatMap(({ people }) => people)).size,
    is_reachable: isReachable(pools, place, rule.distinct_stages !== false),
  }));
}

/** Whether those who are listed can fill a stage; null where members whom only Slack knows could. */
function isReachable(pools: readonly PoolStage[], place: number, is_distinct: boolean): boolean | null {
  const canFill = (stages: readonly PoolStage[]) => {
    const fault = firstUnreachable(stages.slice(0, place + 1), is_distinct);
    return fault === null || (fault.stage < place && firstUnreachable(stages.slice(place, place + 1), true) === null);
  };
  const listed = pools.map((pool) => ({ ...pool, groups: pool.groups.map((each) => ({ ...each, is_open: false })) }));
  if (canFill(listed)) return true;
  return canFill(pools) ? null : false;
}

function memberOf({ id, email, name, is_active }: groups.GroupMember, excluded: Excluded): AskedMember {
  return { email, name, is_active, excluded: id === null ? null : (excluded.get(id) ?? null) };
}
