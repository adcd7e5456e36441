// The page as a whole: who acts, what is open, and the panes around it. It asks the server nothing itself.
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { PlaygroundState } from '../src/protocol.ts';
import { Announcer } from './announcer.tsx';
import { Banner } from './banner.tsx';
import { ChannelPane } from './channel.tsx';
import { FaultsDrawer } from './faults.tsx';
import { HomePane } from './home.tsx';
import { Modals } from './modal.tsx';
import { type Place, useRoute } from './route.ts';
import { Sidebar } from './sidebar.tsx';
import { useClock, useLiveState } from './store.ts';
import { ThreadPane } from './thread.tsx';
import { ToastContext, Toasts, useToasts } from './toasts.tsx';
import { ViewerContext } from './viewer.ts';
import { actorsOf, nextStep, waitingCards } from './waiting.ts';

/** The page. */
export function App() {
  const [place, go] = useRoute();
  // Who acts until somebody is chosen. Only their state is ever shown: that of nobody holds everybody's private answers.
  const [first, setFirst] = useState('');
  const forget = useCallback(() => {
    setFirst('');
    go({ as: '' });
  }, [go]);
  const { state, isConnected } = useLiveState(place.as || first, forget);
  const isEverybody = state !== null && state.as === null;
  useEffect(() => {
    if (isEverybody) setFirst(actorsOf(state)[0]?.id ?? '');
  }, [isEverybody, state]);
  if (state === null || (isEverybody && actorsOf(state).length > 0)) {
    return (
      <p class="loading">
        {isConnected ? 'Opening the playground…' : 'The playground does not answer. Is it running?'}
      </p>
    );
  }
  const as = state.users.some((user) => user.id === place.as) ? place.as : (actorsOf(state)[0]?.id ?? '');
  const at = knownPlace(state, place.at);
  return <Shell state={state} place={{ ...place, as, at }} go={go} isConnected={isConnected} />;
}

type ShellProps = { state: PlaygroundState; place: Place; go: (change: Partial<Place>) => void; isConnected: boolean };

function Shell({ state, place, go, isConnected }: ShellProps) {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [areFaultsOpen, setFaultsOpen] = useState(false);
  const [pressed, setPressed] = useState<ReadonlySet<string>>(new Set());
  const toasts = useToasts();
  const nowMs = useClock(state);
  const { as, at, thread } = place;
  const dates = { nowMs, locale: navigator.language, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  const openChannel = (id: string) => {
    go({ at: id, thread: '' });
    setMenuOpen(false);
  };
  const channel = state.channels.find((each) => each.id === at);
  const isThreadOpen = channel !== undefined && thread !== '';
  useEffect(() => {
    document.title = `${channel === undefined ? 'Home' : channel.name} · Placet playground`;
  }, [channel?.name]);
  const notePressed = (ts: string) => setPressed((before) => new Set(before).add(`${ts}/${as}`));
  return (
    <ViewerContext.Provider value={{ state, as, dates, openChannel, notePressed }}>
      <ToastContext.Provider value={toasts.show}>
        <div class="shell">
          <Banner
            step={nextStep(state, as, at, pressed)}
            isConnected={isConnected}
            onActAs={(user) => go({ as: user })}
            onMenu={() => setMenuOpen((open) => !open)}
            isMenuOpen={isMenuOpen}
          />
          <Sidebar
            at={at}
            isOpen={isMenuOpen}
            onClose={() => setMenuOpen(false)}
            onActAs={(user) => go({ as: user })}
            onFaults={() => {
              setMenuOpen(false);
              setFaultsOpen((open) => !open);
            }}
          />
          <main class={isThreadOpen ? 'main has-thread' : 'main'}>
            {channel === undefined ? (
              <HomePane key={as} />
            ) : (
              <ChannelPane key={channel.id} channel={channel} onThread={(ts) => go({ thread: ts })} />
            )}
            {isThreadOpen && (
              <ThreadPane key={thread} channel={channel} ts={thread} onClose={() => go({ thread: '' })} />
            )}
          </main>
          {areFaultsOpen && <FaultsDrawer onClose={() => setFaultsOpen(false)} />}
          <Toasts toasts={toasts.list} onDismiss={toasts.remove} />
        </div>
        <Modals stack={state.views[as] ?? []} />
        <Announcer />
      </ToastContext.Provider>
    </ViewerContext.Provider>
  );
}

/** Where to be: what the address says if the person may see it, else the channel whose card waits, else the first one. */
function knownPlace(state: PlaygroundState, at: string): string {
  if (at === 'home' || state.channels.some((channel) => channel.id === at)) return at;
  const waiting = state.channels.find((channel) => waitingCards(channel).length > 0);
  return waiting?.id ?? state.channels[0]?.id ?? 'home';
}
