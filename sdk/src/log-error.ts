// What is wrong with a proof, a checkpoint, a leaf or a receipt: one short code each, and a sentence for people.

const MESSAGES = {
  proof_invalid: 'The proof does not fit the root: the log holds something else there, or the proof was altered.',
  note_invalid: 'This is not a signed note: a text, an empty line, and lines of signatures.',
  checkpoint_invalid: 'The note is not a checkpoint: the origin, the size and the root hash, each in its line.',
  key_invalid: 'This is not the public key of a log: name+id+key, as Placet prints it.',
  signature_missing: 'The checkpoint is not signed by this key.',
  signature_invalid: 'The signature under the checkpoint is not the key’s.',
  origin_mismatch: 'The checkpoint is of another log.',
  leaf_invalid: 'This is not an event of Placet’s log.',
  commitment_mismatch: 'A value is shown that is not the one that the log commits to.',
  receipt_invalid: 'This is not a receipt: a tlog-proof with the event in its extra line.',
  receipts_disagree: 'These receipts do not tell one story: they are of different requests, or contradict each other.',
} as const;

export type LogErrorCode = keyof typeof MESSAGES;

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
