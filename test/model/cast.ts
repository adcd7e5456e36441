// The model's people, groups and agents as the product knows them: each program has its own, by a tag in every name.

import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { ACCOUNTS, type Account, type AgentName, type Body, type Person, type Policy } from './calls.ts';
import { emailPerson, LISTED_DBA, namedBy, rulesOf } from './world.ts';

const TEAM = 'T0ACME';
const TIMEOUT_SECONDS = 600;
const CREDENTIAL = {
  type: 'jwt',
  audience: 'https://model.example',
  scopes: ['orders:read', 'orders:refund'],
  lifetime_seconds: 300,
} as const;
const NAMED: readonly Person[] = ['ann', 'cyd'];
/** Longer than a card shows. */
const LONG_TEXT = 'All of this would run. '.repeat(120);

export type Cast = {
  readonly emailOf: (person: Person) => string;
  /** The address that ann's accounts show after a rename. */
  readonly newEmail: string;
  readonly slackId: (account: Account) => string;
  /** As an operator names it. */
  readonly accountName: (account: Account) => string;
  readonly userGroupId: (group: string) => string;
  readonly agentName: (agent: AgentName) => string;
  readonly documentOf: (policy: Policy) => PolicyDocument;
  /** What the product says, in the model's words: no tag, no moments, no card that came late, one order of two groups. */
  readonly plain: (text: string) => string;
};

/** A cast of its own; `tag` holds small letters and digits. */
export function createCast(tag: string): Cast {
  const mark = tag.toUpperCase();
  const emailOf = (person: Person) => `${person}-${tag}@example.com`;
  const slackId = (account: Account) => `U0${account.toUpperCase()}0${mark}`;
  const userGroupId = (group: string) => `${group}0${mark}`;
  const plain = (text: string) =>
    text
      .replaceAll(new RegExp(`@U0([A-Z0-9]+)0${mark}`, 'g'), (_, account: string) => `@${account.toLowerCase()}`)
      .replaceAll(`-${tag}@example.com`, '')
      .replaceAll(`-${tag}`, '')
      // Which cards stood by then depends on the worker's pace.
      .replaceAll(/ Slack showed no card to .*?\)\.(?= |$)/g, '')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'T')
      .replaceAll('pay or dba', 'dba or pay');
  return {
    emailOf,
    newEmail: `annabel-${tag}@example.com`,
    slackId,
    accountName: (account) => `${TEAM}/${slackId(account)}`,
    userGroupId,
    agentName: (agent) => `${agent}-${tag}`,
    documentOf: (policy) => documentOf(policy, { tag, emailOf, slackId, userGroupId }),
    plain,
  };
}

type Names = Pick<Cast, 'emailOf' | 'slackId' | 'userGroupId'> & { readonly tag: string };

function documentOf(policy: Policy, { tag, emailOf, slackId, userGroupId }: Names): PolicyDocument {
  const accountsOf = (person: Person) => policy.accounts.filter((account) => emailPerson(account) === person);
  const dba =
    policy.dba === 'listed'
      ? { members: LISTED_DBA.map(emailOf), slack_user_group: null }
      : { members: [], slack_user_group: userGroupId(policy.dba) };
  return {
    version: 1,
    people: [...new Set(namedBy(policy))].map((person) => ({
      email: emailOf(person),
      // Whoever may have a second address is called the same under both.
      name: NAMED.includes(person) ? person : null,
      slack: accountsOf(person).map((account) => `${TEAM}/${slackId(account)}`),
    })),
    approver_groups: {
      [`pay-${tag}`]: { members: policy.pay.map(emailOf), slack_user_group: null, channel: 'C0PAYMENTS' },
      ...(policy.dba === 'gone' ? {} : { [`dba-${tag}`]: { ...dba, channel: 'C0DBA' } }),
    },
    rules: rulesOf(policy).map(({ name, effect, groups, quorum, has_credential }) => ({
      name,
      match: { action: name, resource: '*', agents: ['*'], environments: ['*'] },
      effect,
      approvers: groups.map((group) => `${group}-${tag}`),
      quorum,
      timeout_seconds: TIMEOUT_SECONDS,
      credential: has_credential ? CREDENTIAL : null,
    })),
  };
}

/** The body of a creation, as it goes over the wire. */
export function wireBody(body: Body, { emailOf }: Pick<Cast, 'emailOf'>) {
  const { scopes } = CREDENTIAL;
  const credentials = {
    less: { ...CREDENTIAL, scopes: scopes.slice(0, 1), lifetime_seconds: 120 },
    more: { ...CREDENTIAL, scopes: [...scopes, 'orders:delete'] },
  };
  return {
    action: body.action,
    resource: 'order/A-1',
    parameters: body.is_long ? { text: LONG_TEXT } : {},
    on_behalf_of: body.is_for_beh ? emailOf('beh') : null,
    timeout_seconds: body.seconds,
    credential: body.credential === null ? null : credentials[body.credential],
  };
}

/** Every account as the playground is to have it. */
export function slackUsers({ emailOf, slackId }: Cast) {
  return ACCOUNTS.map((account) => {
    const person = emailPerson(account);
    return {
      id: slackId(account),
      patch: {
        name: account,
        is_email_confirmed: true,
        email: person === null ? 'oly@other.example' : emailOf(person),
        deleted: account === 'gon',
        is_restricted: account === 'gus',
        ...(account === 'oly' ? { is_stranger: true, team_id: 'T0OTHER' } : {}),
      },
    };
  });
}
