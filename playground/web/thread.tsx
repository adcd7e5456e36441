// The pane at the right, or in the channel's place on a small screen: a message and its replies.
import type { Channel } from '../src/protocol.ts';
import { Composer } from './composer.tsx';
import { MessageItem } from './message.tsx';
import { Pane } from './pane.tsx';
import { channelTitle, useViewer } from './viewer.ts';

/** The thread that starts at `ts`. */
export function ThreadPane({ channel, ts, onClose }: { channel: Channel; ts: string; onClose: () => void }) {
  const { state, as } = useViewer();
  const parent = channel.messages.find((message) => message.ts === ts);
  const replies = [...channel.messages, ...channel.ephemerals]
    .filter((message) => message.thread_ts === ts && message.ts !== ts)
    .toSorted((a, b) => (a.ts < b.ts ? -1 : 1));
  const title = channelTitle(state, channel, as);
  return (
    <Pane name="thread" title="Thread" topic={channel.is_im ? title : `#${title}`} onClose={onClose}>
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
    </Pane>
  );
}
