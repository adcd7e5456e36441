// In the place of LangChain's own humanInTheLoopMiddleware, with its options: the answers come from Slack, each tool call has its
// own, and nothing that the thread keeps or is resumed with is one.
import type { Gate } from '@placet/sdk';
import { type ApprovalOptions, approvalMiddleware, type WrappedCall } from './approval-middleware.ts';

/** As LangChain's; its other members may stand here, too. */
type InterruptOn = {
  readonly [tool: string]:
    | boolean
    | { readonly when?: (request: WrappedCall) => boolean | Promise<boolean>; readonly [other: string]: unknown };
};

type Options = Pick<ApprovalOptions, 'waitSeconds' | 'run'> & {
  readonly interruptOn?: InterruptOn;
  readonly descriptionPrefix?: string;
};

/**
 * As LangChain's: tools that `interruptOn` does not list, or lists as false, run unasked, and `when` may let a call through.
 * Its `allowedDecisions` and descriptions are not used: what people may decide, and are shown, is the policy's to say.
 */
export function humanInTheLoopMiddleware(gate: Gate, { interruptOn = {}, waitSeconds, run }: Options) {
  return approvalMiddleware(gate, {
    ...(waitSeconds !== undefined && { waitSeconds }),
    ...(run !== undefined && { run }),
    ungated: async (request) => {
      const { name } = request.toolCall;
      const rule = Object.hasOwn(interruptOn, name) ? interruptOn[name] : false;
      if (typeof rule !== 'object') return rule !== true;
      return rule.when !== undefined && !(await rule.when(request));
    },
  });
}
