// The policy of the bench and what its agent asks for: one action that a rule allows, one that needs a person.

import type { PolicyDocument, Rule } from '../../src/domain/policy/policy.ts';
import type { CredentialSpec, JsonObject } from '../../src/domain/request/request.ts';
import { OTHER_RULES, SEED } from '../sizes.ts';
import { createRandom } from './measure.ts';

export const CREDENTIAL: CredentialSpec = {
  type: 'jwt',
  audience: 'https://orders.example',
  scopes: ['orders:refund'],
  lifetime_seconds: 300,
};

export const ALLOWED = 'orders.look-up';
export const REQUIRED = 'orders.refund';
export const CHANNEL = 'C0PAYMENTS';
export const APPROVER = { email: 'finance-lead@example.com', team_id: 'T0ACME', user_id: 'U0FINLEAD' } as const;

function rule(name: string, action: string, more: Partial<Rule>): Rule {
  return {
    name,
    match: { action, resource: 'order/*', agents: ['*'], environments: ['production'] },
    effect: 'require',
    approvers: ['payments'],
    quorum: 1,
    timeout_seconds: 3_600,
    credential: CREDENTIAL,
    ...more,
  };
}

const others = Array.from({ length: OTHER_RULES }, (_, place) => rule(`other ${place}`, `service-${place}.*`, {}));

export const POLICY: PolicyDocument = {
  version: 1,
  people: [{ email: APPROVER.email, name: 'Finance Lead', slack: [`${APPROVER.team_id}/${APPROVER.user_id}`] }],
  approver_groups: {
    payments: { members: [APPROVER.email, 'treasurer@example.com'], slack_user_group: null, channel: CHANNEL },
  },
  rules: [
    ...others,
    rule('look-ups are free', ALLOWED, { effect: 'allow', approvers: [] }),
    rule('refunds', REQUIRED, {}),
  ],
};

export type Question = { readonly action: string; readonly resource: string; readonly parameters: JsonObject };

/** An endless row of different questions for `action`, the same in every run of the bench. */
export function createQuestions(action: string): () => Question & { readonly justification: string } {
  const random = createRandom(SEED);
  let count = 0;
  return () => {
    count += 1;
    const order = `A-${100_000 + Math.floor(random() * 900_000)}`;
    const parameters = { amount: Math.floor(random() * 100_000) / 100, currency: 'EUR', order, place: count };
    return { action, resource: `order/${order}`, parameters, justification: 'The parcel was lost on the way.' };
  };
}
