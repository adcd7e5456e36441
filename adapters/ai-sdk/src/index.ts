// The public names of @placet/ai-sdk.
export { type ApprovalOptions, approvals } from './approvals.ts';
export { continueMessages } from './continue-messages.ts';
