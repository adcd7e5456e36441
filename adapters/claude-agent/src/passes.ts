// The calls that have passed the gate and have not ended: each runs once, under an approval that was taken at the server, and
// with the arguments that were approved. How it ended is reported before the agent goes on.
import { type CallOutcome, type Gate, PlacetChangedError, type ToolCall } from '@placet/sdk';
import { canonicalBytes } from '@placet/sdk/canonical';

type Parameters = Readonly<Record<string, unknown>>;
/** What became of a call that does not run now. */
type NotRun = Exclude<CallOutcome, { readonly state: 'ran' }>;

type Pass = {
  readonly tool: string;
  readonly parameters: Parameters;
  readonly done: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
  /** Ends once how it ended is on record. */
  readonly reported: () => Promise<unknown>;
};
type Ended = { readonly input: unknown; readonly result: unknown } | { readonly error: string };

export type Passes = ReturnType<typeof createPasses>;

/** The passes of one agent, by the id that its tool use has now. */
export function createPasses(gate: Gate) {
  const open = new Map<string, Pass>();
  return {
    /** Null once the call's approval is taken, so that it runs now; else what became of it. Throws what a gate throws. */
    begin: (
      id: string,
      call: ToolCall,
      { waitSeconds, signal }: { readonly waitSeconds: number; readonly signal: AbortSignal },
    ): Promise<NotRun | null> =>
      new Promise((resolve, reject) => {
        const passed = gate.pass(call, {
          ...(waitSeconds !== Number.POSITIVE_INFINITY && { waitSeconds }),
          signal,
          // What runs it is elsewhere, in the CLI or behind its MCP: this lasts until that has ended.
          tool: (parameters) =>
            new Promise((done, fail) => {
              open.set(id, { tool: call.tool, parameters, done, fail, reported: () => passed.catch(() => undefined) });
              resolve(null);
            }),
        });
        passed.then((outcome) => outcome.state !== 'ran' && resolve(outcome), reject);
      }),

    /** Runs a tool of this process under the pass of its call, once. */
    use: async <Result>(
      id: string,
      { name, args }: { readonly name: string; readonly args: unknown },
      tool: (parameters: Parameters) => Result | Promise<Result>,
    ): Promise<Result> => {
      const pass = open.get(id);
      open.delete(id);
      if (pass === undefined || !(pass.tool === name || pass.tool.endsWith(`__${name}`))) {
        throw new Error('No approval was taken for this tool call.');
      }
      try {
        if (!isSame(args, pass.parameters)) throw new PlacetChangedError();
        const result = await tool(pass.parameters);
        if (isFailed(result)) pass.fail(new ToolError());
        else pass.done(result);
        return result;
      } catch (error) {
        pass.fail(error);
        throw error;
      } finally {
        await pass.reported();
      }
    },

    /** The CLI has run the call. It is on record as failed where something behind us had changed its arguments. */
    end: async (id: string, ended: Ended): Promise<void> => {
      const pass = open.get(id);
      if (pass === undefined) return;
      open.delete(id);
      if ('error' in ended) pass.fail(new ToolError());
      else if (isSame(ended.input, pass.parameters)) pass.done(ended.result);
      else pass.fail(new PlacetChangedError());
      await pass.reported();
    },
  };
}

/** Its name is all that the record gets: what the tool said may be confidential. */
class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** A result of MCP that says of itself that it is an error. */
function isFailed(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'isError' in result && result.isError === true;
}

function isSame(args: unknown, parameters: Parameters): boolean {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return false;
  return Buffer.compare(canonicalBytes(args as never), canonicalBytes(parameters as never)) === 0;
}
