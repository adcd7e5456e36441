// Where the person writes: a message, or a slash command. What is typed outlasts updates and changes of channel.
import { useState } from 'preact/hooks';
import type { Channel } from '../src/protocol.ts';
import { command, say } from './api.ts';
import { SendIcon } from './icons.tsx';
import { useAct } from './toasts.tsx';
import { useViewer } from './viewer.ts';

const drafts = new Map<string, string>();

type Props = { channel: Channel; title: string; threadTs?: string };

/** The composer of a channel, DM or thread. */
export function Composer({ channel, title, threadTs }: Props) {
  const { state, as } = useViewer();
  const run = useAct();
  const key = `${as}/${channel.id}/${threadTs ?? ''}`;
  const [, redraw] = useState(0);
  const text = drafts.get(key) ?? '';
  const write = (next: string) => {
    drafts.set(key, next);
    redraw((n) => n + 1);
  };
  if (!channel.is_im && !channel.members.includes(as)) {
    return <p class="composer-closed">You are not in this channel. Act as one of its members to write.</p>;
  }
  const offers = threadTs === undefined ? offered(state.app.commands, text) : [];
  const send = async () => {
    const words = text.trim();
    if (words === '') return;
    write('');
    const result = await run(() => post(as, channel.id, words, threadTs));
    // What did not go out comes back, unless the person wrote on.
    if (result?.ok !== true && (drafts.get(key) ?? '') === '') write(text);
  };
  const where = threadTs === undefined ? (channel.is_im ? title : `#${title}`) : 'the thread';
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {offers.length > 0 && <Offers offers={offers} appName={state.app.name} onTake={(each) => write(`${each} `)} />}
      <textarea
        class="composer-text"
        data-testid="composer"
        data-where={threadTs === undefined ? 'channel' : 'thread'}
        rows={Math.min(text.split('\n').length, 6)}
        value={text}
        aria-label={`Message ${where}`}
        placeholder={threadTs === undefined ? `Message, or type ${state.app.commands[0] ?? '/'}` : 'Reply…'}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first] = offers;
          if (event.key === 'Tab' && !event.shiftKey && first !== undefined && text !== first) {
            event.preventDefault();
            write(`${first} `);
          } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            void send();
          }
        }}
      />
      <button
        type="submit"
        class="send"
        aria-label="Send"
        data-testid="composer-send"
        aria-disabled={text.trim() === ''}
      >
        <SendIcon />
      </button>
    </form>
  );
}

function Offers({ offers, appName, onTake }: { offers: string[]; appName: string; onTake: (command: string) => void }) {
  return (
    <ul class="offers" aria-label="Commands">
      {offers.map((each) => (
        <li key={each}>
          <button type="button" class="offer" onClick={() => onTake(each)}>
            <strong>{each}</strong>
            <span>{appName}</span>
            <kbd>Tab</kbd>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The commands that start with what is typed so far. */
function offered(commands: string[], text: string): string[] {
  return /^\/\S*$/.test(text) ? commands.filter((each) => each.startsWith(text) && each !== text) : [];
}

async function post(as: string, channel: string, words: string, threadTs: string | undefined) {
  const slash = /^(\/\S+)(?:\s+([\s\S]*))?$/.exec(words);
  // Slack knows no commands in threads: there it is text.
  if (slash?.[1] !== undefined && threadTs === undefined) {
    return command({ as, channel, command: slash[1], text: slash[2] ?? '' });
  }
  await say({ as, channel, text: escaped(words), ...(threadTs === undefined ? {} : { thread_ts: threadTs }) });
  return { ok: true, delivered: false, acked: false, ack_ms: null };
}

/** A person's text as Slack stores it. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
