// How many tools the model's message wants: a hook is asked about the first before the others have arrived, and only a call
// that is alone can be deferred. The Claude Agent SDK drops all but the last of several that are.
import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';

export type Message = ReturnType<typeof watchMessage>;

export function watchMessage() {
  let count = 1;
  let end = () => {};
  // A session that is resumed with a deferred call asks about it before any message comes: that one was alone.
  let whole: Promise<void> = Promise.resolve();
  return {
    see: (message: SDKMessage): void => {
      if (message.type !== 'stream_event' || message.parent_tool_use_id !== null) return;
      const { event } = message as {
        readonly event: { readonly type: string; readonly content_block?: { type: string } };
      };
      if (event.type === 'message_start') {
        count = 0;
        whole = new Promise((resolve) => {
          end = resolve;
        });
      }
      if (event.type === 'content_block_start' && event.content_block?.type === 'tool_use') count += 1;
      if (event.type === 'message_stop') end();
    },
    /** True when the call is the only one of its message; waits until that is there as a whole. */
    isAlone: async (signal: AbortSignal): Promise<boolean> => {
      const stopped = new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      await Promise.race([whole, stopped]);
      return count === 1;
    },
  };
}
