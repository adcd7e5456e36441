// Applies a policy document: a new version, and people, Slack accounts and approver groups as it says, all or nothing.
// Never touches a request: what a pending one requires was settled when it was made.

import { canonicalBytes } from '@placet/sdk/canonical';
import { recordEvent } from '../../audit/record.ts';
import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { OperatorPrincipal } from '../../domain/people/principal.ts';
import { lint } from '../../domain/policy/lint.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import type { JsonObject } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';
import { applyGroups } from './apply-groups.ts';
import { applyPeople } from './apply-people.ts';

export type ConfigureDeps = ServiceDeps & { readonly sha256: (bytes: Uint8Array) => Uint8Array };

export type PolicyApplication = {
  readonly tenant_id: string;
  readonly document: PolicyDocument;
  /** The file's text, kept beside the document for whoever asks later. */
  readonly source: string;
  readonly operator: OperatorPrincipal;
};

export type AppliedPolicy = {
  readonly kind: 'applied' | 'unchanged';
  readonly id: string;
  readonly number: number;
  readonly digest: string;
};

/** Applies a document; `unchanged` when it equals the newest version. Throws policy_invalid with `problems`. */
export async function applyPolicy(deps: ConfigureDeps, input: PolicyApplication): Promise<AppliedPolicy> {
  const problems = lint(input.document);
  if (problems.length > 0) throw new PlacetError('policy_invalid', { problems });
  // As it is stored: what is absent is not there.
  const stored = JSON.parse(JSON.stringify(input.document)) as JsonObject;
  const digest = deps.sha256(canonicalBytes(stored));
  const hex = `sha256:${Buffer.from(digest).toString('hex')}`;
  const { operator: actor } = input;
  return deps.transact(input.tenant_id, async (begun) => {
    const tx = await policies.lockPolicies(begun);
    const current = await policies.readNewest(tx);
    if (current !== null && Buffer.from(current.digest).equals(digest)) {
      return { kind: 'unchanged', id: current.id, number: current.number, digest: hex };
    }
    const id = deps.newId('policy');
    const number = (current?.number ?? 0) + 1;
    await policies.insertVersion(tx, { ...input, id, number, digest, applied_by: input.operator.id });
    await recordEvent(deps, tx, {
      outcome: 'success',
      actor,
      type: 'policy.applied',
      facts: { policy_id: id, number, digest: hex },
    });
    await applyPeople(deps, tx, input.document, actor);
    for (const facts of await applyGroups(deps, tx, input.document)) {
      await recordEvent(deps, tx, { outcome: 'success', actor, type: 'approver_group.changed', facts });
    }
    return { kind: 'applied', id, number, digest: hex };
  });
}
