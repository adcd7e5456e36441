// The frameworks that have a refund agent in `example`: what is shown of one is shown of all.
export const FRAMEWORKS = ['ai-sdk', 'claude-agent', 'langchain', 'langgraph', 'mcp', 'openai-agents'];
