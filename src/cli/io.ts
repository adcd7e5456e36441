// The terminal and the disk as the commands see them. Types only.

export type Io = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** Who runs the command, for the record. */
  readonly operator: string;
  /** Of this program. */
  readonly version: string;
};
