// The centre: a channel or DM with its messages and the composer.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Channel, Message } from '../src/protocol.ts';
import { dayTitle, formatDate } from './blocks/date.ts';
import { Composer } from './composer.tsx';
import { MessageItem } from './message.tsx';
import { markRead } from './unread.ts';
import { channelTitle, useViewer } from './viewer.ts';

/** How near to the end, in CSS pixels, still counts as reading the end. */
const NEAR_END = 80;

/** A channel. */
export function ChannelPane({ channel, onThread }: { channel: Channel; onThread: (ts: string) => void }) {
  const { state, as } = useViewer();
  const title = channelTitle(state, channel, as);
  useEffect(() => markRead(as, channel), [as, channel]);
  return (
    <section class="pane" aria-label={channel.is_im ? `Direct messages with ${title}` : `Channel ${title}`}>
      <header class="pane-head">
        <h2>
          {!channel.is_im && <span class="hash">#</span>}
          {title}
        </h2>
        {channel.is_ext_shared && <span class="tag">shared with another company</span>}
        {channel.is_archived && <span class="tag">archived</span>}
        <span class="topic">{channel.topic}</span>
        {!channel.is_im && <span class="members">{channel.members.length} members</span>}
      </header>
      <Messages channel={channel} onThread={onThread} />
      <Composer channel={channel} title={title} />
    </section>
  );
}

function Messages({ channel, onThread }: { channel: Channel; onThread: (ts: string) => void }) {
  const { dates, as, state } = useViewer();
  const scroller = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const messages = topLevel(channel);
  // A private answer stands at the end, and whoever clicked on a card further up would not see it come.
  const answer = channel.ephemerals.at(-1)?.ts ?? '';
  const [seenAnswer, setSeenAnswer] = useState(answer);
  useEffect(() => setSeenAnswer(answer), [state.as]);
  const toEnd = () => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  };
  useLayoutEffect(() => {
    if (!isAtEnd.current) return;
    toEnd();
    setSeenAnswer(answer);
  });
  return (
    <section
      class="scroller"
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it
      tabIndex={0}
      aria-label="Messages"
      onScroll={({ currentTarget: at }) => {
        isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END;
        if (isAtEnd.current) setSeenAnswer(answer);
      }}
    >
      {messages.length === 0 && <p class="empty">Nothing here yet. A card appears as soon as an agent asks.</p>}
      {byDay(messages, (message) => formatDate(Number(message.ts), '{date_num}', dates)).map(([day, group]) => (
        <section key={day} class="day" aria-label={dayTitle(Number(group[0]?.ts) * 1000, dates)}>
          <h3 class="day-title">
            <span>{dayTitle(Number(group[0]?.ts) * 1000, dates)}</span>
          </h3>
          <ol class="messages">
            {group.map((message) => (
              <MessageItem key={`${as}/${message.ts}`} message={message} onThread={onThread} />
            ))}
          </ol>
        </section>
      ))}
      {answer > seenAnswer && (
        <button type="button" class="next answer-below" data-testid="answer-below" onClick={toEnd}>
          An answer only you see is below
        </button>
      )}
    </section>
  );
}

/** What stands in the channel itself: no replies but those also sent to it, with the ephemerals in their place. */
function topLevel(channel: Channel): Message[] {
  const isHere = (message: Message) =>
    message.thread_ts === undefined || message.thread_ts === message.ts || message.is_broadcast === true;
  return [...channel.messages, ...channel.ephemerals].filter(isHere).toSorted((a, b) => (a.ts < b.ts ? -1 : 1));
}

/** Runs of messages of one day, in their order. */
function byDay(messages: Message[], dayOf: (message: Message) => string): [string, Message[]][] {
  const days = new Map<string, Message[]>();
  for (const message of messages) days.set(dayOf(message), [...(days.get(dayOf(message)) ?? []), message]);
  return [...days];
}
