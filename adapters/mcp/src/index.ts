// The public names of @placet/mcp.
export { createApprovalServer } from './approval-server.ts';
export { createHolds, type HoldOptions, type Holds } from './holds.ts';
