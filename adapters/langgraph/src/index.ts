// The public names of @placet/langgraph.
export { type AwaitedCall, type AwaitInput, awaitApproval, type DecidedCall } from './await-approval.ts';
export { type ApprovalInterrupt, approvalInterruptsOf } from './interrupts.ts';
export { type Resumable, resumeThread } from './resume-thread.ts';
