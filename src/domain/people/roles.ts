// Which role may do what: one table as data, from which guards, the page of roles and the generated tests are made. Pure.
// To decide is no permission and stands nowhere here: it comes from policy and groups alone (INV-1, INV-2).

/**
 * Every role. People get the first five by name, and a tool its own by an admin token; an approver is whoever a rule's group
 * holds, an agent whoever has its key.
 */
export const ROLES = ['owner', 'admin', 'policy_editor', 'auditor', 'viewer', 'tool', 'approver', 'agent'] as const;
export type Role = (typeof ROLES)[number];

/** The roles that somebody can be given: in `roles:` of the policy, by an operator, or as an admin token. */
export const GIVEN_ROLES = ['owner', 'admin', 'policy_editor', 'auditor', 'viewer'] as const satisfies readonly Role[];
export type GivenRole = (typeof GIVEN_ROLES)[number];

/** The roles of admin tokens: those of people, and that of a tool, which has no use for a person. */
export const TOKEN_ROLES = [...GIVEN_ROLES, 'tool'] as const satisfies readonly Role[];
export type TokenRole = (typeof TOKEN_ROLES)[number];

type Row = { readonly says: string; readonly roles: readonly Role[] };

/** Permission × role. Whoever runs the database, the operator, has all of them but the agents' own. */
export const PERMISSIONS = {
  'requests.ask': { says: 'ask for approval, and read, cancel and act on one’s own requests', roles: ['agent'] },
  'requests.look': {
    says: 'see what waits for oneself, and all of its content',
    roles: ['owner', 'admin', 'policy_editor', 'auditor', 'viewer', 'approver'],
  },
  'requests.read': { says: 'read every request', roles: ['owner', 'admin', 'auditor', 'viewer'] },
  'leases.revoke': { says: 'take back what any approval gave', roles: ['owner', 'admin'] },
  'policy.read': {
    says: 'read the policy, its versions and its history',
    roles: ['owner', 'admin', 'policy_editor', 'auditor', 'viewer'],
  },
  'policy.try': {
    says: 'plan a draft, explain who would be asked, replay past requests through a draft',
    roles: ['owner', 'admin', 'policy_editor', 'auditor'],
  },
  'policy.change': {
    says: 'change rules, groups and people, or propose it where a second person is needed',
    roles: ['owner', 'admin', 'policy_editor'],
  },
  'groups.read': {
    says: 'read approver groups and their members',
    roles: ['owner', 'admin', 'policy_editor', 'auditor', 'viewer'],
  },
  'agents.read': { says: 'list agents', roles: ['owner', 'admin', 'auditor', 'viewer'] },
  'agents.change': { says: 'create, rotate and revoke agents', roles: ['owner', 'admin'] },
  'credentials.check': {
    says: 'ask whether a credential is good for anything now',
    roles: ['owner', 'admin', 'tool'],
  },
  'people.read': { says: 'read who somebody is', roles: ['owner', 'admin', 'auditor'] },
  'people.change': { says: 'mend who somebody is', roles: ['owner', 'admin'] },
  'audit.read': { says: 'read and filter audit events', roles: ['owner', 'auditor'] },
  'roles.grant': {
    says: 'give and take roles, of which one has every permission, never one’s own',
    roles: ['owner', 'admin'],
  },
  'tokens.change': { says: 'create and revoke admin tokens', roles: ['owner', 'admin'] },
  'installation.run': { says: 'run, migrate and check the installation, and name its owners', roles: [] },
} as const satisfies Readonly<Record<string, Row>>;

export type Permission = keyof typeof PERMISSIONS;

/** What a door asks of whoever comes through it: a permission, or what is none. */
export type Gate =
  | Permission
  /** Policy and groups say who decides; no role helps or hinders. */
  | 'by_policy'
  /** The credential of the lease, or an agent's key where it says so. */
  | 'by_credential'
  /** An OAuth client: an agent for what is its own, else whoever has the permission that the route names. */
  | 'by_client'
  /** Anybody: public keys, the description of the API, health. */
  | 'open';

/** Never an admin token's, whatever its owner holds: who may do these makes others powerful. */
export const NEVER_BY_TOKEN: readonly Permission[] = ['roles.grant', 'tokens.change', 'requests.look'];

const ALL = Object.keys(PERMISSIONS) as Permission[];

/** What a role may do. */
export function permissionsOf(role: Role): readonly Permission[] {
  return ALL.filter((permission) => (PERMISSIONS[permission].roles as readonly Role[]).includes(role));
}

/** What somebody with these roles may do. */
export function permissionsOfAll(roles: readonly Role[]): readonly Permission[] {
  return ALL.filter((permission) => roles.some((role) => permissionsOf(role).includes(permission)));
}

/**
 * What an admin token may do now: its role's, as far as its owner has them at this moment, and never what makes others powerful.
 */
export function permissionsOfToken(role: TokenRole, owner_roles: readonly Role[]): readonly Permission[] {
  const of_owner = permissionsOfAll(owner_roles);
  return permissionsOf(role).filter((each) => of_owner.includes(each) && !NEVER_BY_TOKEN.includes(each));
}

/** Whoever runs the database: all but what is an agent's alone. */
export const OPERATOR_PERMISSIONS: readonly Permission[] = ALL.filter((each) => each !== 'requests.ask');

/** True when whoever has these permissions may come through. What is no permission is judged behind the door. */
export function mayPass(gate: Gate, permissions: readonly Permission[]): boolean {
  return !isPermission(gate) || permissions.includes(gate);
}

/** True for a gate that is a permission. */
export function isPermission(gate: Gate): gate is Permission {
  return Object.hasOwn(PERMISSIONS, gate);
}

/** Nobody gives a role of which they lack a permission, and only who may give roles gives any. */
export function mayGive(role: GivenRole, permissions: readonly Permission[]): boolean {
  return permissions.includes('roles.grant') && permissionsOf(role).every((each) => permissions.includes(each));
}
