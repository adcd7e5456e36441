// What is wrong with a leaf or a value beside it: one short code each, and a sentence for people.

const MESSAGES = {
  leaf_invalid: 'This is not an event of Placet’s log.',
  commitment_mismatch: 'A value is shown that is not the one that the log commits to.',
} as const;

type LogErrorCode = keyof typeof MESSAGES;

export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  /** What it is about: the name of a value, the id of an event. */
  readonly about: string | undefined;

  constructor(code: LogErrorCode, about?: string, cause?: unknown) {
    super(about === undefined ? MESSAGES[code] : `${MESSAGES[code]} (${about})`, { cause });
    this.code = code;
    this.about = about;
  }
}
