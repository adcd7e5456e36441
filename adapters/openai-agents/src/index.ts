// The public names of @placet/openai-agents.
export { answerInterruptions, type InterruptedState } from './answer-interruptions.ts';
export { type ApprovalOptions, gatedTool, type ToolDefinition } from './gated-tool.ts';
export { type ApprovedRun, runApproved } from './run-approved.ts';
export { openState, sealState } from './sealed-state.ts';
