// What the commands need done; built by the process that runs the command. Types, and the names of the roles.

import type { JsonObject } from '../domain/request/request.ts';
import type { InTenant, OPERATOR_USE_CASES } from '../service/use-cases.ts';
import type { Check } from './doctor.ts';

export const ROLES = ['api', 'slack', 'worker', 'all'] as const;
export type Role = (typeof ROLES)[number];

/** A change of the policy that went over the API, as it answered. */
export type RemoteChange = { readonly plan: readonly string[] } & (
  | { readonly kind: 'applied' | 'unchanged'; readonly id: string; readonly number: number; readonly digest: string }
  | { readonly kind: 'proposed'; readonly request_id: string; readonly expires_at: string }
);

export type GroupChange = {
  readonly name: string;
  /** As the policy file would have it; null takes the group away. */
  readonly entry: JsonObject | null;
  /** The version of the policy that was looked at; null for the newest. */
  readonly base: number | null;
  readonly is_alone_confirmed: boolean;
};

/** Everything a command may have done. Each one opens what it needs and closes it again. */
export type Operations = InTenant<typeof OPERATOR_USE_CASES> & {
  /** Over the API, with the admin token of the settings. */
  readonly changeGroup: (input: GroupChange) => Promise<RemoteChange>;
  /** Names of the migrations that ran now. */
  readonly migrate: () => Promise<readonly string[]>;
  /** Runs until a signal ends it. */
  readonly serve: (role: Role) => Promise<void>;
  /** Where agents reach the API of this installation. */
  readonly apiUrl: () => string;
  readonly doctorChecks: () => Promise<readonly Check[]>;
};

/** What an operation answers. */
export type AnswerOf<Name extends keyof Operations> = Awaited<ReturnType<Operations[Name]>>;
