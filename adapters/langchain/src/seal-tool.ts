// A tool that runs once, and with the arguments that were approved: what another middleware may do between the gate and the tool
// must not undo either.
import { type ActionEnvelope, PlacetChangedError } from '@placet/sdk';
import { canonicalBytes } from '@placet/sdk/canonical';

/** The same tool, which refuses other arguments and a second run. */
export function sealTool<Tool>(tool: Tool, parameters: ActionEnvelope['parameters']): Tool {
  if (typeof tool !== 'object' || tool === null || !('invoke' in tool) || typeof tool.invoke !== 'function')
    return tool;
  const { invoke } = tool;
  let hasRun = false;
  const sealed = (input: { readonly args?: unknown }, ...rest: readonly unknown[]): unknown => {
    if (!isSame(input?.args, parameters)) throw new PlacetChangedError();
    if (hasRun) throw new Error('An approval is one run: this tool call has run already.');
    hasRun = true;
    return invoke.call(tool, input, ...rest);
  };
  return new Proxy(tool, { get: (target, name) => (name === 'invoke' ? sealed : Reflect.get(target, name, target)) });
}

export function isSame(args: unknown, parameters: ActionEnvelope['parameters']): boolean {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return false;
  return Buffer.compare(canonicalBytes(args as ActionEnvelope['parameters']), canonicalBytes(parameters)) === 0;
}
