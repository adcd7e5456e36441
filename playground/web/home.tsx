// The app's Home, as the acting person sees it.
import { useEffect, useState } from 'preact/hooks';
import type { User, View } from '../src/protocol.ts';
import { openHome } from './api.ts';
import { Blocks } from './blocks/blocks.tsx';
import { type Drafts, SurfaceContext } from './blocks/surface.ts';
import { PlacetMark } from './icons.tsx';
import { Notices } from './notices.tsx';
import { useViewSurface } from './surfaces.ts';
import { useAct } from './toasts.tsx';
import { dmPartner, userOf, useViewer } from './viewer.ts';

/** Home; opening it tells the app, as Slack does. */
export function HomePane() {
  const { state, as, openChannel } = useViewer();
  const run = useAct();
  const view = state.home[as];
  const dm = state.channels.find((each) => each.is_im && dmPartner(state, each, as) === state.app.bot_user_id);
  useEffect(() => void run(() => openHome({ as })), [as, run]);
  return (
    <section class="pane" aria-label={`${state.app.name} Home`} data-testid="home">
      <header class="pane-head">
        <PlacetMark size={24} />
        <h2>{state.app.name}</h2>
        <span class="app-badge">App</span>
        <span class="tabs">
          <span class="tab is-on">Home</span>
          {dm !== undefined && (
            <button type="button" class="tab" onClick={() => openChannel(dm.id)}>
              Messages
            </button>
          )}
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it */}
      <section class="scroller home" tabIndex={0} aria-label="Home">
        {view === undefined ? (
          <p class="empty">{whyEmpty(userOf(state, as), state.team.id)}</p>
        ) : (
          <Published key={view.id} view={view} />
        )}
      </section>
    </section>
  );
}

/** Slack tells the app of members of its own workspace only. */
function whyEmpty(user: User | undefined, team: string): string {
  if (user?.deleted === true) return 'A deactivated account has no Home.';
  if (user !== undefined && user.team_id !== team) return 'The app is not installed in the team of this person.';
  return 'The app has not published a Home for you yet. It is told now that you opened it.';
}

function Published({ view }: { view: View }) {
  const [drafts, setDrafts] = useState<Drafts>({});
  const surface = useViewSurface(view, drafts, setDrafts);
  return (
    <SurfaceContext.Provider value={surface}>
      <Notices where={{ view_id: view.id }} />
      <Blocks blocks={view.blocks} />
    </SurfaceContext.Provider>
  );
}
