// The smallest valid world: a policy with two approver groups, an agent, and people with Slack accounts.

import { createHash, randomBytes } from 'node:crypto';
import * as agents from '../../src/db/agents.ts';
import type { Profile } from '../../src/domain/people/account.ts';
import type { Labels } from '../../src/domain/people/labels.ts';
import { type AgentPrincipal, operatorPrincipal } from '../../src/domain/people/principal.ts';
import type { PolicyDocument, Rule } from '../../src/domain/policy/policy.ts';
import type { Ask, CredentialSpec } from '../../src/domain/request/request.ts';
import { makeSecret } from '../../src/domain/secret.ts';
import { checkParameters } from '../../src/policy/parameters.ts';
import { digestAction } from '../../src/process/digests.ts';
import { createMasks } from '../../src/process/masks.ts';
import { newId } from '../../src/process/wiring.ts';
import { applyPolicy } from '../../src/service/admin/apply-policy.ts';
import type { Submission } from '../../src/service/agent/judgement.ts';
import type { SubmitDeps } from '../../src/service/agent/submit.ts';
import type { DecideInput } from '../../src/service/approver/decide.ts';
import type { IdentifyDeps } from '../../src/service/approver/identify.ts';
import type { ServiceDeps } from '../../src/service/deps.ts';
import { ensurePerson } from '../../src/service/people.ts';
import { fitsCard } from '../../src/slack/draw/card-limits.ts';
import { TENANT, type TestDatabase } from './database.ts';

export const TEAM = 'T0ACME';
export const OPERATOR = operatorPrincipal('test');
export const CREDENTIAL: CredentialSpec = {
  type: 'jwt',
  audience: 'https://orders.example',
  scopes: ['orders:refund'],
  lifetime_seconds: 300,
};

/** Masks under a master key of the tests' own. */
export const MASKS = createMasks(makeSecret(randomBytes(32)));

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** A rule that lets one of `payments` approve refunds, with what the test changes. */
export function makeRule(changes: Partial<Rule> = {}): Rule {
  return {
    name: 'refunds',
    match: { action: 'orders.refund', resource: 'order/*', agents: ['*'], environments: ['*'] },
    effect: 'require',
    approvers: ['payments'],
    quorum: 1,
    timeout_seconds: 600,
    credential: CREDENTIAL,
    ...changes,
  };
}

/** The same for other resources, under a name of its own. */
export function makeRuleFor(resource: string, changes: Partial<Rule> = {}): Rule {
  return makeRule({ name: resource, match: { ...makeRule().match, resource }, ...changes });
}

/** Approvers ann, ben, cat in `payments`; dba is a Slack user group. */
export function makePolicy(rules: readonly Rule[] = [makeRule()]): PolicyDocument {
  const members = ['ann@example.com', 'ben@example.com', 'cat@example.com'];
  return {
    version: 1,
    people: [{ email: 'ann@example.com', name: 'Ann', slack: [] }],
    approver_groups: {
      payments: { members, slack_user_group: null, channel: 'C0PAYMENTS' },
      dba: { members: [], slack_user_group: 'S0DBA', channel: 'C0DBA' },
    },
    rules,
  };
}

/** A member's profile as Slack gives it now; `name` is also the local part of the e-mail. */
export function makeProfile(name: string, changes: Partial<Profile> = {}): Profile {
  return {
    installed_team_id: TEAM,
    team_id: TEAM,
    user_id: `U0${name.toUpperCase()}`,
    name,
    email: `${name}@example.com`,
    is_email_confirmed: true,
    is_bot: false,
    is_deactivated: false,
    is_guest: false,
    is_stranger: false,
    ...changes,
  };
}

export type World = { readonly service: ServiceDeps; readonly deps: SubmitAndDecide; readonly caller: AgentPrincipal };
type SubmitAndDecide = IdentifyDeps & SubmitDeps;

/** Applies the policy and makes one agent, owned by olga. */
export async function makeWorld(database: TestDatabase, policy: PolicyDocument = makePolicy()): Promise<World> {
  const service: ServiceDeps = { transact: database.transact, newId };
  await apply(service, policy);
  const caller = await makeAgent(service);
  return {
    service,
    caller,
    deps: { ...service, allowed_team_ids: [TEAM], digestAction, fitsCard, checkParameters, masks: MASKS, askSources },
  };
}

/** Applies a policy document as the operator. */
export function apply(service: ServiceDeps, document: PolicyDocument) {
  return applyPolicy({ ...service, sha256 }, { tenant_id: TENANT, document, source: '', operator: OPERATOR });
}

/** An agent of its own, so that tests do not share rows. */
export async function makeAgent(
  service: ServiceDeps,
  owner_email = 'olga@example.com',
  labels: Labels = {},
): Promise<AgentPrincipal> {
  const id = newId('agent');
  const name = `agent-${randomBytes(4).toString('hex')}`;
  const owner_person_id = await makePerson(service, owner_email);
  const agent = { id, name, owner_person_id, environment: 'production', labels };
  await service.transact(TENANT, (tx) => agents.insertAgent(tx, agent));
  const about = { name, environment: 'production', owner_person_id, behind_people: [], key_id: newId('agentKey') };
  return { kind: 'agent', id, via: 'api', tenant_id: TENANT, ...about };
}

/** A refund that the rule of `makeRule` judges, under a key of its own. */
export function makeSubmission(changes: Partial<Ask> = {}): Submission {
  const ask: Ask = {
    action: 'orders.refund',
    resource: 'order/A-1001',
    parameters: { amount: 120, currency: 'EUR' },
    justification: 'The customer asked for it.',
    on_behalf_of: null,
    timeout_seconds: null,
    credential: null,
    ...changes,
  };
  return {
    idempotency_key: randomBytes(8).toString('hex'),
    body_digest: sha256(Buffer.from(JSON.stringify(ask))),
    ask,
  };
}

/** An approval by `name` of a request as its card showed it, with what the test changes. */
export function makeClick(
  request: { readonly id: string; readonly digest: string },
  name: string,
  changes: Partial<DecideInput> = {},
): DecideInput {
  return {
    tenant_id: TENANT,
    request_id: request.id,
    profile: makeProfile(name),
    answers: [],
    decision: 'approve',
    reason: null,
    shown_digest: request.digest,
    shown_stage: 0,
    shown: 'card',
    message: null,
    ...changes,
  };
}

/** For tests in which no source has to be asked. */
const askSources = () => Promise.reject(new Error('no source was expected to be asked'));

/** The person of an address, made when nobody has it yet. */
export function makePerson(service: ServiceDeps, address: string): Promise<string> {
  return service.transact(TENANT, (tx) => ensurePerson(service, tx, { address, from: 'operator', by: OPERATOR }));
}

/** Deactivates the person of an address, who is made for it when nobody has it, or brings it back. */
export async function setActive(world: World, database: TestDatabase, of: { address: string; is_active: boolean }) {
  await makePerson(world.service, of.address);
  const sql = `update placet.people set deactivated_at = $1 where id = ${personOf(of.address)}`;
  await database.asSuperuser(sql, [of.is_active ? null : new Date()]);
}

/** Nobody in Slack can be asked for an account. */
export const nobody = async () => ({ kind: 'not_asked' }) as const;

/** The person of an address, as SQL for a test that looks at rows or changes them. */
export const personOf = (address: string): string =>
  `(select person_id from placet.person_emails where address = '${address}' and until_at is null)`;
