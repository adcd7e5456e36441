// The policy as people with a role see and change it where they talk: who acts is established afresh each time, by the account
// that acts and the roles of that moment. Being an administrator of the chat gives nothing.

import type { Tx } from '../../db/database.ts';
import type { GroupRow } from '../../db/groups.ts';
import * as groups from '../../db/groups.ts';
import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { Profile } from '../../domain/people/account.ts';
import type { SourceAnswer } from '../../domain/people/membership.ts';
import type { PersonPrincipal } from '../../domain/people/principal.ts';
import type { Permission } from '../../domain/people/roles.ts';
import { isSame } from '../../domain/policy/differences.ts';
import { amongOf, partsOf } from '../../domain/policy/group-parts.ts';
import { planOf } from '../../domain/policy/plan.ts';
import type { PolicyDocument, Rule } from '../../domain/policy/policy.ts';
import { groupNames, stagesOf } from '../../domain/policy/rule-stages.ts';
import type { OpenSources } from '../agent/fallback.ts';
import { type IdentifyDeps, identify } from '../approver/identify.ts';
import { isAnswered } from '../memberships.ts';
import { permissionsOfPerson } from './author.ts';
import {
  type ChangeDeps,
  type Changed,
  type PlannedStep,
  type PolicyStep,
  planStep,
  takeStep,
} from './change-policy.ts';
import { reachUnder, type StageReach, sourcesUnder } from './settings-reach.ts';

/** More than one page shows. */
const GROUPS_MAX = 1_000;
/** Versions told with what each changed: the rest is in placet policy history. */
export const VERSIONS_SHOWN_MAX = 5;

type SettingsDeps = IdentifyDeps & ChangeDeps;
type By = { readonly tenant_id: string; readonly profile: Profile };

/** Who acts, if they may do this now. Throws permission_missing. */
export function requirePermission(
  deps: IdentifyDeps,
  { tenant_id, profile, permission }: By & { readonly permission: Permission },
): Promise<PersonPrincipal> {
  return deps.transact(tenant_id, async (tx) => {
    const { person } = await permittedPerson(deps, tx, { profile, permission });
    return person;
  });
}

async function permittedPerson(
  deps: IdentifyDeps,
  tx: Tx,
  { profile, permission }: { readonly profile: Profile; readonly permission: Permission },
) {
  const identified = await identify(deps, tx, { profile, is_member: false });
  if (identified.kind === 'refused')
    throw new PlacetError('permission_missing', { permission, reason: identified.refusal });
  const { principal: person } = identified;
  const permissions = await permissionsOfPerson(tx, person);
  if (!permissions.includes(permission)) throw new PlacetError('permission_missing', { permission });
  return { person, permissions };
}

export type SettingsVersion = policies.NamedVersion & {
  /** What it changed, in words. */
  readonly plan: readonly string[];
};

export type Settings = {
  readonly permissions: readonly Permission[];
  /** The newest version; 0 before the first. */
  readonly number: number;
  readonly document: PolicyDocument;
  readonly groups: readonly GroupRow[];
  /** The newest ones first. */
  readonly versions: readonly SettingsVersion[];
};

const NOTHING: PolicyDocument = { version: 1, people: [], approver_groups: {}, rules: [] };

/** All that the settings show. Throws permission_missing. */
export function readSettings(deps: IdentifyDeps, { tenant_id, profile }: By): Promise<Settings> {
  return deps.transact(tenant_id, async (tx) => {
    const { permissions } = await permittedPerson(deps, tx, { profile, permission: 'policy.read' });
    // One more than is shown: the last one's plan is of what it changed.
    const found = await policies.listNamedVersions(tx, VERSIONS_SHOWN_MAX + 1);
    const versions = found.slice(0, VERSIONS_SHOWN_MAX).map((version, at) => ({
      ...version,
      plan: planOf(found[at + 1]?.document ?? null, version.document),
    }));
    const listed = await groups.listGroups(tx, GROUPS_MAX);
    return {
      permissions,
      number: found[0]?.number ?? 0,
      document: found[0]?.document ?? NOTHING,
      groups: listed.filter(({ is_retired }) => !is_retired),
      versions,
    };
  });
}

export type PlannedSettings = Omit<PlannedStep, 'before' | 'document'> & { readonly reach: readonly StageReach[] };

type Step = By & { readonly step: PolicyStep; readonly base: number };

/**
 * What a step would change, what would become of it, and who could decide then; nothing but the sources to ask where some have
 * not answered yet. Throws as takeStep does.
 */
export async function planSettings(
  deps: SettingsDeps,
  { profile, answers, ...about }: Step & { readonly answers: readonly SourceAnswer[] },
): Promise<PlannedSettings | OpenSources> {
  const by = await requirePermission(deps, { tenant_id: about.tenant_id, profile, permission: 'policy.change' });
  const { before, document, ...planned } = await planStep(deps, { ...about, by });
  const touched = document.rules.filter((rule) => isTouched(before, document, rule));
  const sources = sourcesUnder(document, touched);
  if (!isAnswered(sources, answers)) return { unasked: sources };
  const reach = await deps.transact(about.tenant_id, (tx) => reachUnder(tx, { document, rules: touched, answers }));
  return { ...planned, reach };
}

/** Takes the step that was planned. Throws as takeStep does, and policy_changed for another document than was shown. */
export async function changeSettings(
  deps: SettingsDeps,
  { profile, ...step }: Step & { readonly shown_digest: string; readonly is_alone_confirmed: boolean },
): Promise<Changed> {
  const by = await requirePermission(deps, { tenant_id: step.tenant_id, profile, permission: 'policy.change' });
  return takeStep(deps, { ...step, by });
}

function isTouched(before: PolicyDocument | null, after: PolicyDocument, rule: Rule): boolean {
  if (rule.effect !== 'require' || rule.off === true) return false;
  const earlier = before?.rules.find(({ name }) => name === rule.name);
  const names = stagesOf(rule).flatMap(groupNames);
  const all = new Set(names.flatMap((name) => [name, ...restsOn(before, name), ...restsOn(after, name)]));
  return (
    !isSame(earlier, rule) ||
    [...all].some((name) => !isSame(before?.approver_groups[name], after.approver_groups[name]))
  );
}

/** The groups that a group is made of, and those among whose people it chooses. */
function restsOn(document: PolicyDocument | null, name: string): readonly string[] {
  const groups = document?.approver_groups ?? {};
  return partsOf(groups, name).flatMap((part) => [part.name, ...amongOf(groups, part.name).map((one) => one.name)]);
}
