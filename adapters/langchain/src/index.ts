// The public names of @placet/langchain.
export {
  type AgentInboxAnswer,
  type AgentInboxInterrupt,
  type AgentInboxResponse,
  acceptedCall,
  fromAgentInbox,
  responseOf,
  toAgentInbox,
} from './agent-inbox.ts';
export { type ApprovalOptions, approvalMiddleware } from './approval-middleware.ts';
export { humanInTheLoopMiddleware } from './human-in-the-loop.ts';
