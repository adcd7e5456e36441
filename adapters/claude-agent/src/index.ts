// The public names of @placet/claude-agent.
export { type ApprovalOptions, type Approvals, createApprovals } from './approvals.ts';
export type { KeptCall, KeptRun } from './kept-calls.ts';
