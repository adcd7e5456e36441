// Explains what the newest policy says of an ask, of one that was made or one that might be: which rule and why not the
// others, who would be asked, who never counts and why, and whether enough people could agree now. Changes nothing.

import * as addresses from '../../db/addresses.ts';
import * as agents from '../../db/agents.ts';
import type { Tx } from '../../db/database.ts';
import * as groups from '../../db/groups.ts';
import * as policies from '../../db/policies.ts';
import { OPERATOR } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import { addressOf } from '../../domain/people/address.ts';
import { type ExplainedRule, explain } from '../../domain/policy/explain.ts';
import { GROUP_MEMBERS_MAX, type PolicyInput, type Rule } from '../../domain/policy/policy.ts';
import type { Effect, JsonObject } from '../../domain/request/request.ts';
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
  readonly groups: readonly {
    readonly name: string;
    readonly channel: string;
    /** Its members are asked of Slack at the click; those here have clicked before. */
    readonly slack_user_group: string | null;
    readonly members: readonly AskedMember[];
  }[];
  /** How many of those who are listed may count now. */
  readonly eligible: number;
  /** Null where Slack alone knows. */
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
    const { ask, at } = 'ask' in of ? { ask: of.ask, at: tx.now } : await readAsk(tx, of.request_id);
    const policy = await policies.readNewest(tx);
    const agent = await agents.findFacts(tx, ask.agent);
    const environment = ask.environment ?? agent?.environment;
    if (environment === undefined) throw new PlacetError('not_found', { agent: ask.agent });
    const { action, resource, parameters, on_behalf_of } = ask;
    const about = { action, resource, parameters, on_behalf_of, now: at };
    const subject: PolicyInput = { agent: { name: ask.agent, environment }, ...about };
    if (policy === null) return { policy_version: null, effect: 'deny', rule: null, rules: [], stages: [] };
    const { judgement, rules } = explain(policy.document, subject);
    const excluded = await excludedBy(tx, agent, on_behalf_of);
    const stages = judgement.effect === 'require' ? await stagesOf(tx, judgement.rule, excluded) : [];
    const rule = judgement.rule?.name ?? null;
    return { policy_version: policy.number, effect: judgement.effect, rule, rules, stages };
  });
}

async function readAsk(tx: Tx, request_id: string): Promise<{ readonly ask: AskToExplain; readonly at: Date }> {
  const record = isId('request', request_id) ? await requestRecords.readRequestRecord(tx, request_id, OPERATOR) : null;
  if (record === null) throw new PlacetError('not_found', { request: request_id });
  const { action, resource, parameters, on_behalf_of, environment, created_at: at } = record.request;
  return { ask: { agent: record.agent.name, environment, action, resource, parameters, on_behalf_of }, at };
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
  const { approvers, quorum } = rule ?? { approvers: [], quorum: 1 };
  const found = await groups.findGroupsByName(tx, approvers);
  const deciding: AskedStage['groups'][number][] = [];
  for (const { id, name, channel, slack_user_group } of found) {
    const members = await groups.listMembers(tx, id, GROUP_MEMBERS_MAX);
    deciding.push({ name, channel, slack_user_group, members: members.map((member) => memberOf(member, excluded)) });
  }
  const ids = found.map(({ id }) => id);
  const { people: eligible, has_slack_user_group } = await groups.countReach(tx, ids, [...excluded.keys()]);
  const is_reachable = eligible >= quorum ? true : has_slack_user_group ? null : false;
  return [{ quorum, groups: deciding, eligible, is_reachable }];
}

function memberOf({ id, email, name, is_active }: groups.GroupMember, excluded: Excluded): AskedMember {
  return { email, name, is_active, excluded: id === null ? null : (excluded.get(id) ?? null) };
}
