// What a log is checked with, and what the server makes one with. No network, no clock.
export { type CommitmentInput, commitmentOf, SALT_BYTES } from './commitment.ts';
export { openLeaf } from './leaf.ts';
export { LogError } from './log-error.ts';
