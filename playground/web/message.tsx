// One message: who, when, its blocks, its thread, and Slack's warning about it.
import { useRef } from 'preact/hooks';
import type { JsonObject, Message } from '../src/protocol.ts';
import { dismiss } from './api.ts';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks/blocks.tsx';
import { clockTime, formatDate } from './blocks/date.ts';
import { SurfaceContext } from './blocks/surface.ts';
import { Mrkdwn } from './blocks/text.tsx';
import { useKeptFocus } from './focus.ts';
import { EyeIcon } from './icons.tsx';
import { listAt, textAt } from './json.ts';
import { Notices } from './notices.tsx';
import { useMessageSurface } from './surfaces.ts';
import { useAct } from './toasts.tsx';
import { nameOf, useViewer } from './viewer.ts';
import { isWaiting } from './waiting.ts';

type Props = {
  message: Message;
  /** Opens the message's thread; left out inside a thread. */
  onThread?: ((ts: string) => void) | undefined;
};

/** A message or an ephemeral message as a list item. */
export function MessageItem({ message, onThread }: Props) {
  const surface = useMessageSurface(message);
  const item = useRef<HTMLLIElement>(null);
  useKeptFocus(item, (element) => element);
  const isEphemeral = message.is_ephemeral === true;
  const waits = !isEphemeral && isWaiting(message);
  return (
    <li
      ref={item}
      class={`message${waits ? ' is-waiting' : ''}${isEphemeral ? ' is-ephemeral' : ''}`}
      tabIndex={-1}
      data-testid={isEphemeral ? 'ephemeral' : 'message'}
      data-ts={message.ts}
      data-channel={message.channel}
      data-revision={message.revision}
      data-waiting={waits}
    >
      {isEphemeral && <OnlyYou ts={message.ts} />}
      <Avatar id={message.user} size={36} />
      <div class="message-main">
        <Head message={message} waits={waits} />
        <SurfaceContext.Provider value={surface}>
          <Body message={message} />
        </SurfaceContext.Provider>
        <Notices where={{ channel: message.channel, ts: message.ts }} />
        {onThread !== undefined && !isEphemeral && <ThreadLink message={message} onThread={onThread} />}
      </div>
    </li>
  );
}

function Head({ message, waits }: { message: Message; waits: boolean }) {
  const { state, dates } = useViewer();
  const ms = Number(message.ts) * 1000;
  return (
    <div class="message-head">
      <span class="author">{message.username ?? nameOf(state, message.user)}</span>
      {message.bot_id !== undefined && <span class="app-badge">App</span>}
      <time
        class="when"
        dateTime={new Date(ms).toISOString()}
        title={formatDate(ms / 1000, '{date_long} {time_secs}', dates)}
      >
        {clockTime(ms, dates)}
      </time>
      {waits && <span class="waiting-chip">Waiting for a decision</span>}
    </div>
  );
}

function Body({ message }: { message: Message }) {
  return (
    <div class="message-body">
      {message.blocks.length > 0 ? <Blocks blocks={message.blocks} /> : <Text text={message.text} />}
      {(message.attachments ?? []).map((attachment, index) => (
        <Attachment key={index} attachment={attachment} />
      ))}
      {message.edited !== undefined && <span class="edited">(edited)</span>}
    </div>
  );
}

function Text({ text }: { text: string }) {
  return (
    <div class="block">
      <Mrkdwn source={text} verbatim={false} />
    </div>
  );
}

function Attachment({ attachment }: { attachment: JsonObject }) {
  const blocks = listAt(attachment, 'blocks');
  const color = textAt(attachment, 'color');
  const style = /^#?[0-9a-f]{6}$/i.test(color) ? { borderColor: `#${color.replace('#', '')}` } : {};
  return (
    <div class="attachment" style={style}>
      {blocks.length > 0 ? (
        <Blocks blocks={blocks} />
      ) : (
        <Text text={textAt(attachment, 'text') || textAt(attachment, 'fallback')} />
      )}
    </div>
  );
}

function OnlyYou({ ts }: { ts: string }) {
  const { as } = useViewer();
  const run = useAct();
  return (
    <div class="only-you">
      <EyeIcon />
      <span>Only visible to you</span>
      <span aria-hidden="true">·</span>
      <button type="button" class="link-button" data-testid="dismiss" onClick={() => void run(() => dismiss(as, ts))}>
        Dismiss
      </button>
    </div>
  );
}

function ThreadLink({ message, onThread }: { message: Message; onThread: (ts: string) => void }) {
  const { dates } = useViewer();
  const count = message.reply_count ?? 0;
  const last = message.latest_reply;
  if (message.thread_ts !== undefined && message.thread_ts !== message.ts) return null;
  return (
    <button
      type="button"
      class={count > 0 ? 'thread-link' : 'thread-link is-empty'}
      data-testid="thread-link"
      onClick={() => onThread(message.ts)}
    >
      {count === 0 ? 'Reply in thread' : `${count} ${count === 1 ? 'reply' : 'replies'}`}
      {last !== undefined && count > 0 && (
        <span class="thread-when">Last reply {formatDate(Number(last), '{ago}', dates)}</span>
      )}
    </button>
  );
}
