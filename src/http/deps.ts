// What this door needs from the rest of the program: the use cases, a log. Types only.

import type { AdminTokenPrincipal, AgentPrincipal } from '../domain/people/principal.ts';
import type { ADMIN_USE_CASES, AGENT_USE_CASES, Bound } from '../service/use-cases.ts';

/** The use cases behind this door, and what is asked of the program itself. */
export type ApiDeps = Bound<typeof AGENT_USE_CASES> &
  Bound<typeof ADMIN_USE_CASES> & {
    readonly authenticate: (bearer: string | undefined) => Promise<AgentPrincipal>;
    readonly authenticateToken: (bearer: string | undefined) => Promise<AdminTokenPrincipal>;
    /** The policy document as a JSON Schema. */
    readonly readPolicySchema: () => Promise<Readonly<Record<string, unknown>>>;
    /** True when the database takes writes. */
    readonly isReady: () => Promise<boolean>;
  };

/** One line per event; the fields are ids and facts, never headers or bodies. */
export type ApiLog = {
  readonly [level in 'debug' | 'info' | 'warn' | 'error']: (
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
};
