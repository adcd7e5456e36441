// Changes the policy by its text, through the doors of administrators. What only narrows is applied at once; what widens waits
// for a second person.

import type { Tx } from '../../db/database.ts';
import * as people from '../../db/people.ts';
import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { Administrator, AdminTokenPrincipal } from '../../domain/people/principal.ts';
import { differencesOf } from '../../domain/policy/differences.ts';
import { wideningsOf } from '../../domain/policy/narrowing.ts';
import { planOf } from '../../domain/policy/plan.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import { parsePolicyFile } from '../../policy/read.ts';
import { type ConfigureDeps, recordForced, writeAsOperator } from './apply-policy.ts';
import { type Base, type Change, type PolicyText, prepareChange } from './prepare-change.ts';
import { isAlone, type ProposeDeps, type Proposed, propose } from './propose.ts';
import { peopleOf, requireStill } from './tokens.ts';
import { type Written, writeVersion } from './write-version.ts';

export type ChangeDeps = ProposeDeps & ConfigureDeps;

type About = {
  readonly tenant_id: string;
  readonly base: Base;
  /** Its author says that nobody else could agree, where that is so. */
  readonly is_alone_confirmed: boolean;
  readonly by: Administrator;
};

export type Changed = (({ readonly kind: 'applied' | 'unchanged' } & Written) | Proposed) & {
  /** What changes, in words. */
  readonly plan: readonly string[];
};

/** Throws policy_invalid, policy_changed for another base, permission_missing, quorum_unreachable, confirmation_needed. */
export async function changePolicy(
  deps: ChangeDeps,
  { source, ...about }: About & { readonly source: string },
): Promise<Changed> {
  const document = documentOf(source);
  return change(deps, about, async () => ({ document, source }));
}

/** Makes the text of an earlier version the newest again, as a change like any other. Throws not_found besides. */
export function rollbackPolicy(
  deps: ChangeDeps,
  { number, ...about }: About & { readonly number: number },
): Promise<Changed> {
  return change(deps, about, async (tx) => {
    const version = await policies.readVersion(tx, number);
    if (version === null) throw new PlacetError('not_found', { version: number });
    return version;
  });
}

export type PlannedChange = {
  readonly base: number;
  readonly plan: readonly string[];
  /** It waits for a second person, unless an operator applies it. */
  readonly is_widening: boolean;
};

/** What a text would change now, in words. Throws policy_invalid. */
export async function planPolicy(
  deps: Pick<ChangeDeps, 'transact'>,
  { tenant_id, source }: { readonly tenant_id: string; readonly source: string },
): Promise<PlannedChange> {
  const document = documentOf(source);
  const current = await deps.transact(tenant_id, (tx) => policies.readNewest(tx));
  const before = current?.document ?? null;
  const is_widening = wideningsOf(before, document, []).length > 0;
  return { base: current?.number ?? 0, plan: planOf(before, document), is_widening };
}

function change(deps: ChangeDeps, about: About, read: (tx: Tx) => Promise<PolicyText>): Promise<Changed> {
  const { tenant_id, base, by } = about;
  return deps.transact(tenant_id, async (begun): Promise<Changed> => {
    const tx = await policies.lockPolicies(begun);
    if (by.kind === 'admin_token') await requireStill(tx, by, 'policy.change');
    const { document, source } = await read(tx);
    const prepared = await prepareChange(deps, tx, { document, source, base });
    if (prepared.kind === 'unchanged') return { ...prepared, plan: [] };
    const { plan } = prepared.change;
    const changed =
      by.kind === 'operator'
        ? await writeAsOperator(deps, tx, by, prepared.change)
        : await changeByToken(deps, tx, by, { ...about, change: prepared.change });
    return { ...changed, plan };
  });
}

async function changeByToken(
  deps: ChangeDeps,
  tx: Tx,
  by: AdminTokenPrincipal,
  { change, is_alone_confirmed }: { readonly change: Change; readonly is_alone_confirmed: boolean },
): Promise<({ readonly kind: 'applied' } & Written) | Proposed> {
  const { current, document, plan } = change;
  const before = current?.document ?? null;
  requireNoRoles(before, document);
  const addresses = await people.listAddressesOf(tx, peopleOf(by));
  const version = { ...change, via: by.via, request_id: null, actor: by };
  const widenings = wideningsOf(before, document, addresses).length;
  if (current !== null && widenings === 0) return { kind: 'applied', ...(await writeVersion(deps, tx, version)) };
  if (!(await isAlone(tx, current, by))) return propose(deps, tx, { ...change, by });
  if (!is_alone_confirmed) throw new PlacetError('confirmation_needed', { plan });
  const written = await writeVersion(deps, tx, version);
  await recordForced(deps, tx, { by, written, widenings });
  return { kind: 'applied', ...written };
}

function documentOf(source: string): PolicyDocument {
  const read = parsePolicyFile(new TextEncoder().encode(source));
  if (read.kind === 'problems') throw new PlacetError('policy_invalid', { problems: read.problems });
  return read.document;
}

/** A token gives and takes no role, whatever its owner may. */
function requireNoRoles(before: PolicyDocument | null, after: PolicyDocument): void {
  const touched = differencesOf(before, after).filter(({ path }) => path[0] === 'roles');
  if (touched.length > 0) throw new PlacetError('permission_missing', { permission: 'roles.grant' });
}
