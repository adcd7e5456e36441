// Guards the passes of the Claude Agent SDK: what stands between an approval and its tool can use it for nothing else.
import { expect, test } from '@jest/globals';
import type { CallOutcome, CallTool, Gate, ToolCall } from '@placet/sdk';
import { createPasses } from '../src/passes.ts';

/** A gate that lets every call run, and keeps what would be reported. */
function open() {
  const reports: string[] = [];
  const pass = async (call: ToolCall, { tool }: { readonly tool: CallTool<unknown> }): Promise<CallOutcome> => {
    const reference = { id: 'apr_1', digest: 'sha256:1' };
    try {
      const result = await tool(structuredClone(call.arguments) as never, { credential: null, lease: null, reference });
      reports.push('succeeded');
      return { state: 'ran', reference, result };
    } catch (error) {
      reports.push((error as Error).name);
      throw error;
    }
  };
  const passes = createPasses({ pass } as unknown as Gate);
  const { signal } = new AbortController();
  const begin = (id: string, tool: string, args: object) => {
    return passes.begin(id, { run: 'run-1', id, tool, arguments: { ...args } }, { waitSeconds: 0, signal });
  };
  return { passes, reports, begin };
}
const args = { order: 'A-1', amount: 120 };
const REFUSED = 'No approval was taken for this tool call.';

test('a pass is for the tool that was approved: another one in its place is refused', async () => {
  const { passes, begin } = open();
  expect(await begin('toolu_1', 'mcp__orders__read', args)).toBe(null);
  await expect(passes.use('toolu_1', { name: 'purge', args }, () => 'purged')).rejects.toThrow(REFUSED);
});

test('a pass is one run, of the arguments that were approved', async () => {
  const { passes, reports, begin } = open();
  await begin('toolu_1', 'mcp__orders__refund', args);
  expect(await passes.use('toolu_1', { name: 'refund', args }, (parameters) => parameters)).toEqual(args);
  await expect(passes.use('toolu_1', { name: 'refund', args }, () => 'again')).rejects.toThrow(REFUSED);
  await begin('toolu_2', 'mcp__orders__refund', args);
  const other = { ...args, amount: 9_999 };
  await expect(passes.use('toolu_2', { name: 'refund', args: other }, () => 'more')).rejects.toThrow();
  expect(reports).toEqual(['succeeded', 'PlacetChangedError']);
});

test('arguments that are changed while the tool is on its way reach neither the tool nor the record', async () => {
  const { passes, begin } = open();
  const mine = { ...args };
  await begin('toolu_1', 'mcp__orders__refund', mine);
  mine.amount = 9_999;
  expect(await passes.use('toolu_1', { name: 'refund', args }, ({ amount }) => amount)).toBe(120);
});

test('what the CLI has run itself is on record, also where its arguments were changed on the way, or it failed', async () => {
  const { passes, reports, begin } = open();
  for (const id of ['toolu_1', 'toolu_2', 'toolu_3']) await begin(id, 'Bash', { command: 'ls' });
  await passes.end('toolu_1', { input: { command: 'ls' }, result: '' });
  await passes.end('toolu_2', { input: { command: 'rm -r .' }, result: '' });
  await passes.end('toolu_3', { error: 'private words' });
  await passes.end('toolu_4', { input: {}, result: '' });
  expect(reports).toEqual(['succeeded', 'PlacetChangedError', 'ToolError']);
});

test('a tool that says of itself that it failed, or throws, is on record as failed', async () => {
  const { passes, reports, begin } = open();
  await begin('toolu_1', 'mcp__orders__refund', args);
  await passes.use('toolu_1', { name: 'refund', args }, () => ({ isError: true }));
  await begin('toolu_2', 'mcp__orders__refund', args);
  const failing = () => Promise.reject(new RangeError('private words'));
  await expect(passes.use('toolu_2', { name: 'refund', args }, failing)).rejects.toThrow(RangeError);
  expect(reports).toEqual(['ToolError', 'RangeError']);
});
