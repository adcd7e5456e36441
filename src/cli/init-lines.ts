// What `placet init` writes for each framework: the lines between an agent and its tools, and what its author does with them.
// Text only; a test writes each into a project, compiles it there and asks through it.

export type Framework = {
  /** The file that is written; of TypeScript in a project that has it. */
  readonly file: string;
  readonly lines: readonly string[];
  /** How the packages are had. */
  readonly install: string;
  /** What is still to be changed by hand, in the agent. */
  readonly next: readonly string[];
};

type Target = { readonly isTypeScript: boolean };

/** The frameworks by name, as `--framework` takes them. */
export const FRAMEWORKS: Readonly<Record<string, (target: Target) => Framework>> = {
  langchain: script('@placet/langchain', {
    names: 'approvalMiddleware',
    lines: ['export const approvals = approvalMiddleware(gate);'],
    next: ['In createAgent: middleware: [approvals], with a checkpointer.', '@placet/langgraph resumes its threads.'],
  }),
  langgraph: script('@placet/langgraph', {
    names: 'awaitApproval, resumeThread',
    lines: ['export { awaitApproval, resumeThread };'],
    next: [
      'In a node: await awaitApproval(gate, { id, tool, arguments }, { tool: fn });',
      'Outside: await resumeThread(graph, { gate, thread });',
    ],
  }),
  'ai-sdk': script('@placet/ai-sdk', {
    names: 'approvals, continueMessages',
    lines: ['export { approvals, continueMessages };'],
    next: [
      'In generateText and streamText: ...approvals(gate, { tools, run, secret }) instead of tools.',
      'After a pause: await continueMessages(gate, messages, { run }), and call it again.',
    ],
  }),
  'openai-agents': script('@placet/openai-agents', {
    names: 'gatedTool, runApproved',
    lines: ['export { gatedTool, runApproved };'],
    next: [
      'Tools: tool(gatedTool(gate, definition, { run })).',
      'Runs: await runApproved(runner, agent, input, { gate, run, secret, load, save }).',
    ],
  }),
  'claude-agent': script('@placet/claude-agent', {
    names: 'createApprovals, type KeptRun',
    lines: [
      'type Keeper = { load: () => Promise<KeptRun | null>; save: (kept: KeptRun) => Promise<unknown> };',
      'export const approvalsOf = (run: string, keeper: Keeper) => createApprovals(gate, { run, ...keeper });',
    ],
    next: ['Use approvalsOf(run, { load, save }).query instead of query, and hold(tool(…)) for tools of this process.'],
  }),
  mcp: script('@placet/mcp', {
    names: 'createHolds',
    lines: ["export const holds = createHolds(gate, { secret: process.env.PLACET_HOLD_SECRET ?? '' });"],
    next: [
      'Put PLACET_HOLD_SECRET into .env: 32 random characters or more.',
      "In McpServer: { requestState: holds.requestState }; each tool: holds.hold('name', handler).",
      'Beside them: server.registerTool(...holds.awaitTool).',
    ],
  }),
  sdk: script('@placet/sdk', {
    names: 'createPlacet',
    lines: [],
    next: [
      'await gate.pass({ run, id, tool, arguments }, { tool: fn }) before a tool runs; docs/adapters.md has the rest.',
    ],
  }),
  python: () => ({
    file: 'placet_gate.py',
    lines: [
      '"""What stands between this agent and its tools: each call is asked for in Slack, as the policy says."""',
      '',
      'import os',
      '',
      'from placet import Placet',
      'from placet.langchain import ApprovalMiddleware',
      '',
      'placet = Placet(os.environ["PLACET_URL"], os.environ["PLACET_AGENT_KEY"])',
      'gate = placet.gate()',
      'approvals = ApprovalMiddleware(gate)',
    ],
    install: 'pip install "placet[langchain]"',
    next: [
      'In create_agent: middleware=[approvals], with a checkpointer; placet.langchain.resume_thread resumes its threads.',
      'Without LangChain: @placet.guard(…) around a function.',
      'Load .env first, such as with python-dotenv.',
    ],
  }),
};

type Script = { readonly names: string; readonly lines: readonly string[]; readonly next: readonly string[] };

function script(name: string, { names, lines, next }: Script): (target: Target) => Framework {
  return ({ isTypeScript }) => ({
    file: isTypeScript ? 'placet.ts' : 'placet.mjs',
    lines: [
      '// What stands between this agent and its tools: each call is asked for in Slack, as the policy says.',
      ...(name === '@placet/sdk' ? [] : [`import { ${names} } from '${name}';`]),
      "import { createPlacet } from '@placet/sdk';",
      '',
      "const { PLACET_URL: url = '', PLACET_AGENT_KEY: apiKey = '' } = process.env;",
      'export const gate = createPlacet({ url, apiKey }).gate();',
      ...lines,
    ]
      .map((line) => (isTypeScript ? line : withoutTypes(line)))
      .filter((line) => line !== null),
    install: `npm install ${[...new Set([name, '@placet/sdk'])].join(' ')}`,
    next: [...next, 'Start it with its settings: node --env-file=.env …'],
  });
}

/** The same line for a project without TypeScript; null of one that only declares a type. */
function withoutTypes(line: string): string | null {
  if (line.startsWith('type ')) return null;
  return line.replace(', type KeptRun', '').replaceAll(/(\w+): (?:string|Keeper)\b/g, '$1');
}
