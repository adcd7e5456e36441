// The right pane: a message and its replies.
import { useRef } from 'preact/hooks';
import type { Channel } from '../src/protocol.ts';
import { Composer } from './composer.tsx';
import { usePaneFocus } from './focus.ts';
import { CloseIcon } from './icons.tsx';
import { MessageItem } from './message.tsx';
import { channelTitle, useViewer } from './viewer.ts';

/** The thread that starts at `ts`. */
export function ThreadPane({ channel, ts, onClose }: { channel: Channel; ts: string; onClose: () => void }) {
  const { state, as } = useViewer();
  const pane = useRef<HTMLElement>(null);
  const parent = channel.messages.find((message) => message.ts === ts);
  const replies = [...channel.messages, ...channel.ephemerals]
    .filter((message) => message.thread_ts === ts && message.ts !== ts)
    .toSorted((a, b) => (a.ts < b.ts ? -1 : 1));
  const title = channelTitle(state, channel, as);
  usePaneFocus(pane, true, 'button');
  return (
    <aside
      ref={pane}
      class="pane thread"
      aria-label="Thread"
      data-testid="thread"
      onKeyDown={(e) => e.key === 'Escape' && onClose()}
    >
      <header class="pane-head">
        <h2>Thread</h2>
        <span class="topic">{channel.is_im ? title : `#${title}`}</span>
        <button
          type="button"
          class="icon-button"
          aria-label="Close the thread"
          data-testid="thread-close"
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it */}
      <section class="scroller" tabIndex={0} aria-label="Thread messages">
        {parent === undefined ? (
          <p class="empty">This message is not there any more.</p>
        ) : (
          <ol class="messages">
            <MessageItem message={parent} />
          </ol>
        )}
        {replies.length > 0 && (
          <>
            <p class="replies">
              <span>
                {replies.length} {replies.length === 1 ? 'reply' : 'replies'}
              </span>
            </p>
            <ol class="messages">
              {replies.map((message) => (
                <MessageItem key={message.ts} message={message} />
              ))}
            </ol>
          </>
        )}
      </section>
      <Composer channel={channel} title="thread" threadTs={ts} />
    </aside>
  );
}
