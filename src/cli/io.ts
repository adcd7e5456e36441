// The terminal and the disk as the commands see them. Types only.

import type { OperatorPrincipal } from '../domain/people/principal.ts';

/** The folder that the command runs in. */
export type ProjectFolder = {
  readonly name: string;
  /** Null where there is none. */
  readonly read: (path: string) => Promise<string | null>;
  /** Refuses when the file is not what it was read as. */
  readonly write: (path: string, text: { readonly before: string | null; readonly after: string }) => Promise<void>;
  readonly isTracked: (path: string) => Promise<boolean>;
};

export type Io = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Asks whoever sits at the terminal; null where nobody does. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** Asks for a line of text; null where nobody sits there. */
  readonly ask: ((question: string) => Promise<string>) | null;
  readonly project: ProjectFolder;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** Writes a new file of what comes in pieces; it is there once it is whole. */
  readonly saveFile: (path: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Who runs the command, for the record. */
  readonly operator: OperatorPrincipal;
  /** Of this program. */
  readonly version: string;
};
