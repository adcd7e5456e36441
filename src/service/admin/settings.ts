// The policy as people with a role see and change it where they talk: who acts is established afresh each time, by the account
// that acts and the roles of that moment. Being an administrator of the chat gives nothing.

import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import type { GroupRow } from '../../db/groups.ts';
import * as groups from '../../db/groups.ts';
import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { Profile } from '../../domain/people/account.ts';
import { addressOf } from '../../domain/people/address.ts';
import { type AskedSource, sourcesToAsk } from '../../domain/people/membership.ts';
import type { PersonPrincipal } from '../../domain/people/principal.ts';
import type { Permission } from '../../domain/people/roles.ts';
import { isSame } from '../../domain/policy/differences.ts';
import { partsOf } from '../../domain/policy/group-parts.ts';
import { planOf } from '../../domain/policy/plan.ts';
import type { PolicyDocument, Rule } from '../../domain/policy/policy.ts';
import { groupNames, stagesOf } from '../../domain/policy/rule-stages.ts';
import { type IdentifyDeps, identify } from '../approver/identify.ts';
import { permissionsOfPerson } from './author.ts';
import {
  type ChangeDeps,
  type Changed,
  type PlannedStep,
  type PolicyStep,
  planStep,
  takeStep,
} from './change-policy.ts';

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

/** How many people may fill a stage once the step is taken: those who are listed and active, and who else would be asked. */
export type StageReach = {
  readonly rule: string;
  readonly stage: number;
  readonly stages: number;
  readonly quorum: number;
  readonly people: number;
  readonly sources: readonly AskedSource[];
};

export type PlannedSettings = Omit<PlannedStep, 'before' | 'document'> & { readonly reach: readonly StageReach[] };

type Step = By & { readonly step: PolicyStep; readonly base: number };

/** What a step would change, what would become of it, and who could decide then. Throws as takeStep does. */
export async function planSettings(deps: SettingsDeps, { profile, ...about }: Step): Promise<PlannedSettings> {
  const by = await requirePermission(deps, { tenant_id: about.tenant_id, profile, permission: 'policy.change' });
  const { before, document, ...planned } = await planStep(deps, { ...about, by });
  const touched = document.rules.filter((rule) => isTouched(before, document, rule));
  const active = await deps.transact(about.tenant_id, (tx) => activePeople(tx, document));
  return { ...planned, reach: touched.flatMap((rule) => reachOf(document, rule, active)) };
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
  return (
    !isSame(earlier, rule) || names.some((name) => !isSame(before?.approver_groups[name], after.approver_groups[name]))
  );
}

/** Whoever is behind a listed address, unless they are deactivated; an address that nobody has yet counts as somebody. */
async function activePeople(tx: Tx, { approver_groups }: PolicyDocument): Promise<(address: string) => string | null> {
  const every = [...new Set(Object.values(approver_groups).flatMap(({ members }) => members.map(addressOf)))];
  const owners = await addresses.findOwners(tx, every);
  const known = new Map(owners.map((owner) => [owner.address, owner] as const));
  return (address) => {
    const owner = known.get(address);
    if (owner === undefined) return address;
    return owner.is_active ? owner.id : null;
  };
}

function reachOf(
  { approver_groups }: PolicyDocument,
  rule: Rule,
  active: (address: string) => string | null,
): readonly StageReach[] {
  const stages = stagesOf(rule);
  return stages.map(({ approvers, quorum }, stage) => {
    const parts = approvers.flatMap((name) => partsOf(approver_groups, name));
    const listed = parts.flatMap(({ entry }) => entry.members.flatMap((each) => active(addressOf(each)) ?? []));
    const [people, sources] = [new Set(listed).size, sourcesToAsk(parts)];
    return { rule: rule.name, stage, stages: stages.length, quorum, people, sources };
  });
}
