// Anchors: where the last checkpoint of a log stands outside of its database. Types only; each kind is a file of its own.

/** A checkpoint as a signed note, and the size of the one that it follows: 0 for the first. */
export type Anchored = {
  readonly origin: string;
  readonly note: string;
  readonly size: number;
  readonly after: number;
};

export type Anchor = {
  /** What it is called in logs and answers; no secret. */
  readonly name: string;
  /** The notes that stand there last, newest first; none when it never had one. Throws when it cannot be read. */
  readonly read: (origin: string) => Promise<readonly string[]>;
  /** Adds the one that follows `after`; false when another one follows it already. */
  readonly write: (anchored: Anchored) => Promise<boolean>;
  /** Marks that the last one was the last one now, too: the log has not grown. */
  readonly confirm: (origin: string) => Promise<void>;
};
