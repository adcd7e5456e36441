// The terminal and the disk as the commands see them. Types only.

import type { OperatorPrincipal } from '../domain/people/principal.ts';

export type Io = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Asks whoever sits at the terminal; null where nobody does. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** Who runs the command, for the record. */
  readonly operator: OperatorPrincipal;
  /** Of this program. */
  readonly version: string;
};
