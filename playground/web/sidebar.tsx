// The left pane: who acts, the channels, the direct messages, the app.
import { useRef } from 'preact/hooks';
import type { Channel } from '../src/protocol.ts';
import { Actors } from './actors.tsx';
import { Avatar } from './avatar.tsx';
import { usePaneFocus } from './focus.ts';
import { HomeIcon, LockIcon, SlidersIcon } from './icons.tsx';
import { isUnread } from './unread.ts';
import { channelTitle, dmPartner, nameOf, useViewer } from './viewer.ts';
import { waitingCards } from './waiting.ts';

type Props = {
  at: string;
  isOpen: boolean;
  onClose: () => void;
  onActAs: (user: string) => void;
  onFaults: () => void;
};

/** The sidebar; on a small screen it slides in when `isOpen`. */
export function Sidebar({ at, isOpen, onClose, onActAs, onFaults }: Props) {
  const { state, openChannel } = useViewer();
  const pane = useRef<HTMLElement>(null);
  usePaneFocus(pane, isOpen, 'input:checked');
  const channels = state.channels.filter((channel) => !channel.is_im);
  const dms = state.channels.filter((channel) => channel.is_im);
  return (
    <>
      {isOpen && <button type="button" class="scrim" aria-label="Close the menu" tabIndex={-1} onClick={onClose} />}
      <nav
        ref={pane}
        class={isOpen ? 'sidebar is-open' : 'sidebar'}
        aria-label="Workspace"
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
        onFocusOut={({ currentTarget, relatedTarget }) => {
          // What it covers must not have the focus.
          if (isOpen && relatedTarget instanceof Node && !currentTarget.contains(relatedTarget)) onClose();
        }}
      >
        <h2 class="team">{state.team.name}</h2>
        <Actors onActAs={onActAs} />
        {channels.length > 0 && (
          <Section title="Channels">
            {channels.map((channel) => (
              <ChannelLink key={channel.id} channel={channel} isHere={channel.id === at} />
            ))}
          </Section>
        )}
        {dms.length > 0 && (
          <Section title="Direct messages">
            {dms.map((channel) => (
              <ChannelLink key={channel.id} channel={channel} isHere={channel.id === at} />
            ))}
          </Section>
        )}
        <Section title="Apps">
          <li>
            <button
              type="button"
              class="place"
              data-testid="home-link"
              aria-current={at === 'home' ? 'page' : undefined}
              onClick={() => openChannel('home')}
            >
              <HomeIcon />
              <span class="place-name">{state.app.name} Home</span>
            </button>
          </li>
        </Section>
        <div class="sidebar-foot">
          <button type="button" class="place" data-testid="faults-open" onClick={onFaults}>
            <SlidersIcon />
            <span class="place-name">Faults</span>
            {state.faults.length > 0 && <span class="count count-fault">{state.faults.length} on</span>}
          </button>
        </div>
      </nav>
    </>
  );
}

function Section({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <section class="places">
      <h3>{title}</h3>
      <ul>{children}</ul>
    </section>
  );
}

function ChannelLink({ channel, isHere }: { channel: Channel; isHere: boolean }) {
  const { state, as, openChannel } = useViewer();
  const isIn = channel.is_im || channel.members.includes(as);
  const isNew = !isHere && isIn && isUnread(as, channel);
  const waiting = waitingCards(channel).length;
  return (
    <li>
      <button
        type="button"
        class={isNew ? 'place is-unread' : isIn ? 'place' : 'place is-apart'}
        title={isIn ? undefined : `${nameOf(state, as)} is not in this channel`}
        data-testid={channel.is_im ? 'dm-link' : 'channel-link'}
        data-channel={channel.id}
        data-unread={isNew}
        data-waiting={waiting}
        aria-current={isHere ? 'page' : undefined}
        onClick={() => openChannel(channel.id)}
      >
        <Sign channel={channel} />
        <span class="place-name">{channelTitle(state, channel, as)}</span>
        {channel.is_ext_shared && <span class="tag">external</span>}
        {isNew && <span class="visually-hidden">, unread</span>}
        {waiting > 0 && (
          <span class="count" title="Cards that wait for a decision">
            {waiting}
            <span class="visually-hidden"> waiting</span>
          </span>
        )}
        {isNew && waiting === 0 && <span class="dot" aria-hidden="true" />}
      </button>
    </li>
  );
}

function Sign({ channel }: { channel: Channel }) {
  const { state, as } = useViewer();
  if (channel.is_im) return <Avatar id={dmPartner(state, channel, as)} size={18} />;
  return channel.is_private ? <LockIcon /> : <span class="hash">#</span>;
}
