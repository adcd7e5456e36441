// Who acts, established once at the door that it came through. Data only.

import type { Permission, TokenRole } from './roles.ts';

/** Which account elsewhere stands for a person: a subject of a provider. */
export type Account = { readonly provider: 'slack'; readonly subject: string };

/** A person at one of its accounts. */
export type PersonPrincipal = {
  readonly kind: 'person';
  readonly id: string;
  readonly via: 'slack';
  /** The subject of the account that acts there. */
  readonly account: string;
  readonly is_active: boolean;
};

/** An account that stands for nobody, or not for the person that it asks for. */
export type AccountPrincipal = { readonly kind: 'account'; readonly id: string; readonly via: 'slack' };

/** An agent by its key. */
export type AgentPrincipal = {
  readonly kind: 'agent';
  readonly id: string;
  readonly via: 'api';
  readonly tenant_id: string;
  readonly name: string;
  readonly environment: string;
  readonly owner_person_id: string;
  /** Who holds or held its secret by making a key of it: they count for its requests no more than its owner. */
  readonly behind_people: readonly string[];
  readonly key_id: string;
};

/** Whoever runs the command line with the database's login, by the name that the system gives. */
export type OperatorPrincipal = { readonly kind: 'operator'; readonly id: string; readonly via: 'cli' };

/** The holder of a credential of ours, a tool mostly, by the credential's lease. */
export type TokenPrincipal = { readonly kind: 'token'; readonly id: string; readonly via: 'api' };

/** A program of admins by its admin token: of a person, and never more than that person holds at this moment. */
export type AdminTokenPrincipal = {
  readonly kind: 'admin_token';
  readonly id: string;
  readonly via: 'api';
  readonly tenant_id: string;
  readonly name: string;
  readonly role: TokenRole;
  /** Whose it is, and who made it; null when an operator did. Neither counts for what it brings about. */
  readonly owner_person_id: string;
  readonly maker_person_id: string | null;
  /** Its role's, as far as its owner has them now. */
  readonly permissions: readonly Permission[];
};

/** A part of ours that acts by itself. */
export type SystemPrincipal = {
  readonly kind: 'system';
  readonly id: 'clock' | 'worker' | 'policy' | 'rule' | 'api';
  readonly via: 'clock' | 'rule' | 'api';
};

export type Principal =
  | PersonPrincipal
  | AccountPrincipal
  | AgentPrincipal
  | OperatorPrincipal
  | TokenPrincipal
  | AdminTokenPrincipal
  | SystemPrincipal;

/** Who calls as an OAuth client: an agent by its key, a program by its admin token. */
export type Client = AgentPrincipal | AdminTokenPrincipal;

/** Who may change what the installation goes by: whoever runs it, and programs by their tokens. */
export type Administrator = OperatorPrincipal | AdminTokenPrincipal;

/** What time demands. */
export const CLOCK: SystemPrincipal = { kind: 'system', id: 'clock', via: 'clock' };
/** What a run or a sweep does beside that. */
export const WORKER: SystemPrincipal = { kind: 'system', id: 'worker', via: 'clock' };
/** What the policy itself allows, denies or grants. */
export const POLICY: SystemPrincipal = { kind: 'system', id: 'policy', via: 'rule' };
/** What follows from the decision that was counted last. */
export const RULE: SystemPrincipal = { kind: 'system', id: 'rule', via: 'rule' };
/** What the API needs for itself. */
export const API: SystemPrincipal = { kind: 'system', id: 'api', via: 'api' };
/** Whoever presents a credential that proves nothing. */
export const UNVERIFIED: TokenPrincipal = { kind: 'token', id: 'unverified', via: 'api' };

/** Whoever runs a command, by this name. */
export function operatorPrincipal(id: string): OperatorPrincipal {
  return { kind: 'operator', id, via: 'cli' };
}

/** An account of which nobody knows more. */
export function accountPrincipal({ provider: via, subject: id }: Account): AccountPrincipal {
  return { kind: 'account', id, via };
}

/** How an account is written: a workspace, or a whole organisation, and one of its members. */
export const ACCOUNT_FORM = /^[TE][A-Z0-9]{2,62}\/[UW][A-Z0-9]{2,62}$/;

/** The two halves of what accountName wrote. */
export function accountParts(name: string): { readonly team_id: string; readonly user_id: string } {
  const at = name.indexOf('/');
  return { team_id: name.slice(0, at), user_id: name.slice(at + 1) };
}

/** One text for an account, as the record and the policy file have it. */
export function accountName({ team_id, user_id }: { readonly team_id: string; readonly user_id: string }): string {
  return `${team_id}/${user_id}`;
}
