// Tells screen readers about new and changed messages. It shows nothing.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Channel, Message } from '../src/protocol.ts';
import { useViewer } from './viewer.ts';
import { announcement } from './waiting.ts';

/** A polite live region with the newest message, ephemeral message or edit. */
export function Announcer() {
  const { state } = useViewer();
  const seen = useRef<{ as: string | null; keys: Set<string> } | null>(null);
  const [words, setWords] = useState('');
  useEffect(() => {
    const all = state.channels.flatMap((channel) =>
      [...channel.messages, ...channel.ephemerals].map((message) => ({
        channel,
        message,
        key: keyOf(channel, message),
      })),
    );
    const before = seen.current;
    seen.current = { as: state.as, keys: new Set(all.map((each) => each.key)) };
    // Another person's view is new as a whole: that is no news.
    if (before === null || before.as !== state.as) return;
    const fresh = all.filter((each) => !before.keys.has(each.key)).at(-1);
    if (fresh !== undefined) setWords(announcement(state, fresh.channel, fresh.message));
  }, [state]);
  return (
    <div class="visually-hidden" aria-live="polite" data-testid="announcer">
      {words}
    </div>
  );
}

function keyOf(channel: Channel, message: Message): string {
  return `${channel.id}/${message.ts}/${message.revision}`;
}
