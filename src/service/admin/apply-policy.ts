// Applies a policy as whoever runs the installation: at once, as the last resort. Where that widens it is on record as forced.
// Never touches a request of an agent: what a pending one requires was settled when it was made.

import { recordEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import * as policies from '../../db/policies.ts';
import type { OperatorPrincipal } from '../../domain/people/principal.ts';
import { wideningsOf } from '../../domain/policy/narrowing.ts';
import type { ServiceDeps } from '../deps.ts';
import type { PolicyAdministrator } from './author.ts';
import { type Base, type Change, type PolicyText, prepareChange } from './prepare-change.ts';
import { type Written, writeVersion } from './write-version.ts';

export type ConfigureDeps = ServiceDeps & { readonly sha256: (bytes: Uint8Array) => Uint8Array };

export type PolicyApplication = PolicyText & {
  readonly tenant_id: string;
  readonly operator: OperatorPrincipal;
  /** Whatever is newest, unless told. */
  readonly base?: Base;
};

export type AppliedPolicy = { readonly kind: 'applied' | 'unchanged' } & Written;

/** Applies a document; `unchanged` when it equals the newest version. Throws policy_invalid with `problems`, policy_changed. */
export function applyPolicy(deps: ConfigureDeps, input: PolicyApplication): Promise<AppliedPolicy> {
  const { operator, base = 'any' } = input;
  return deps.transact(input.tenant_id, async (begun) => {
    const tx = await policies.lockPolicies(begun);
    const prepared = await prepareChange(deps, tx, { ...input, base });
    return prepared.kind === 'unchanged' ? prepared : writeAsOperator(deps, tx, operator, prepared.change);
  });
}

/** Writes it whatever it widens, and says so. */
export async function writeAsOperator(
  deps: ServiceDeps,
  tx: Tx,
  operator: OperatorPrincipal,
  change: Change,
): Promise<AppliedPolicy> {
  const { current, document } = change;
  const written = await writeVersion(deps, tx, { ...change, via: operator.via, request_id: null, actor: operator });
  const widenings = current === null ? 0 : wideningsOf(current.document, document, []).length;
  if (widenings > 0) await recordForced(deps, tx, { by: operator, written, widenings });
  return { kind: 'applied', ...written };
}

type Forced = { readonly by: PolicyAdministrator; readonly written: Written; readonly widenings: number };

/** Keeps that a change that widens was applied without a second person. */
export function recordForced(deps: ServiceDeps, tx: Tx, { by, written, widenings }: Forced): Promise<void> {
  const facts = { policy_id: written.id, number: written.number, widenings };
  return recordEvent(deps, tx, { type: 'policy.forced', outcome: 'success', actor: by, facts });
}
