// The policy that judges now, and what it denies of what was approved before: no approval overrides that.

import type { Tx } from '../../db/database.ts';
import type { PolicyVersion } from '../../db/policies.ts';
import * as policies from '../../db/policies.ts';
import type { BarredCode } from '../../domain/credential/lease.ts';
import { denyingRule } from '../../domain/policy/policy.ts';
import type { ApprovedRecord } from '../../domain/request/record.ts';

export type KnownPolicyDeps = {
  /** The last policy seen, by tenant, kept between calls by whoever gives it. */
  readonly known_policies?: Map<string, PolicyVersion>;
};

/** The newest policy: asked each time, so that an apply is seen at once, but sent only when it is another one. */
export async function readPolicy({ known_policies }: KnownPolicyDeps, tx: Tx): Promise<PolicyVersion | null> {
  const newest = await policies.readNewest(tx, known_policies?.get(tx.tenant_id) ?? null);
  if (newest !== null) known_policies?.set(tx.tenant_id, newest);
  return newest;
}

/** What stands against acting on an approval now, whoever approved. */
export type Barred = { readonly code: BarredCode; readonly rule?: string };

/** Why nothing is given or run under an approval any more: its agent was revoked, or a rule denies what was asked. Or null. */
export function barredBy(
  { request, requester }: Pick<ApprovedRecord, 'request' | 'requester'>,
  policy: PolicyVersion | null,
  now: Date,
): Barred | null {
  if (requester.is_revoked) return { code: 'agent_revoked' };
  if (policy === null) return null;
  const { is_revoked: _revoked, ...agent } = requester;
  const { action, resource, parameters, on_behalf_of } = request;
  const input = { agent, action, resource, parameters, masked: Object.keys(request.masked ?? {}), on_behalf_of, now };
  const rule = denyingRule(policy.document, input, policy.id === request.policy_id);
  return rule === null ? null : { code: 'denied_by_policy', rule: rule.name };
}
