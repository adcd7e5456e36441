// What the commands need done; built by the process that runs the command. Types, and the names of the roles.

import type { InTenant, OPERATOR_USE_CASES } from '../service/use-cases.ts';
import type { Check } from './doctor.ts';

export const ROLES = ['api', 'slack', 'worker', 'all'] as const;
export type Role = (typeof ROLES)[number];

/** Everything a command may have done. Each one opens what it needs and closes it again. */
export type Operations = InTenant<typeof OPERATOR_USE_CASES> & {
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
