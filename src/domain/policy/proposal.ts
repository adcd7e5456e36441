// A change of policy as an approval request of Placet's own: its action, what its card shows and its digest covers, and the
// wish of the document about who must agree. Pure.

import type { JsonObject } from '../request/request.ts';

/** The product's own: no rule judges it. */
export const POLICY_APPLY = 'placet.policy.apply';
/** As the cards call whoever asks for it; agents of people are named without it. */
export const BUILTIN_AGENT = 'placet';
export const BUILTIN_ENVIRONMENT = 'placet';

/** People read a plan over a day, not in the minutes of a refund. */
export const PROPOSAL_SECONDS = 86_400;

export type PolicyChanges = { readonly approvers: readonly string[]; readonly quorum: number };

export type ProposedVersion = { readonly number: number; readonly digest: string | null };

/** The action whose digest covers the version that is changed, the document that is to be, and the plan that people read. */
export function proposalAction(of: {
  readonly base: ProposedVersion;
  readonly digest: string;
  readonly plan: readonly string[];
}): { readonly action: string; readonly resource: string; readonly parameters: JsonObject } {
  const base = { version: of.base.number, digest: of.base.digest };
  return {
    action: POLICY_APPLY,
    resource: `policy/${of.base.number + 1}`,
    parameters: { plan: [...of.plan], base, document: { digest: of.digest } },
  };
}

const ADMINISTRATOR = 'administrator ';

/** The group of one owner or admin who is asked by default: its name is none that a document can have, its channel the person. */
export function administratorGroup(email: string): string {
  return `${ADMINISTRATOR}${email}`;
}

/** The address in the name of such a group. */
export function administratorAddress(group: string): string {
  return group.slice(ADMINISTRATOR.length);
}
