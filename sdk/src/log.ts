// What a log is checked with, and what the server makes one with: leaves, proofs, checkpoints, commitments. No network, no clock.
export { type CommitmentInput, commitmentOf, SALT_BYTES } from './commitment.ts';
export { type LogEvent, type OpenedLeaf, openLeaf } from './leaf.ts';
export { LogError, type LogErrorCode } from './log-error.ts';
export {
  type Consistency,
  HASH_BYTES,
  hashLeaf,
  hashNode,
  type Inclusion,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
export {
  type Checkpoint,
  formatCheckpoint,
  formatLogKey,
  formatNote,
  fromBase64,
  type LogKey,
  logKey,
  openCheckpoint,
  openNote,
  parseLogKey,
} from './note.ts';
export { formatReceipt, type Receipt, type VerifiedReceipt, verifyReceipt } from './receipt.ts';
export {
  type Decided,
  type Execution,
  type Issued,
  RECEIPT_PROVES,
  type Submission,
  type VerifiedRequest,
  verifyReceipts,
} from './receipts.ts';
