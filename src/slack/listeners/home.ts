// The Home tab: published when it is opened and after the person's own decisions; one publication at a time for each person.

import type { HomeView } from '../draw/block-kit.ts';
import type { SettingsPlaces } from '../draw/settings-home.ts';
import { drawHome, drawHomeNotice } from '../draw/waiting-list.ts';
import { failureOf } from '../send/failures.ts';
import { drawSettingsFor } from './settings.ts';
import { readWaiting, type WaitingContext } from './waiting.ts';

/** After a publication, before the next for the same person: Slack takes some hundred a minute of a whole workspace. */
const REST_MS = 1_000;

/** The queue, or the settings from these places on. */
export type HomeTab = 'waiting' | SettingsPlaces;

export type Home = {
  /** Publishes a tab; `hash` is that of the view on the screen, null when it is not known. */
  readonly publish: (user_id: string, hash: string | null, tab?: HomeTab) => Promise<void>;
};

/**
 * Keeps one publication at a time for each person, with a rest after it; what comes meanwhile is done once, after that, or at
 * once when the door stops.
 */
export function createHome(context: WaitingContext, stopping: AbortSignal): Home {
  const running = new Map<string, { is_wanted_again: boolean; tab: HomeTab }>();
  const rest = createRest(stopping);
  const publish = async (user_id: string, hash: string | null, tab: HomeTab = 'waiting'): Promise<void> => {
    const other = running.get(user_id);
    if (other !== undefined) {
      Object.assign(other, { is_wanted_again: true, tab });
      return;
    }
    const own = { is_wanted_again: true, tab };
    running.set(user_id, own);
    for (let known = hash; own.is_wanted_again; known = null) {
      own.is_wanted_again = false;
      await publishOnce(context, user_id, { hash: known, tab: own.tab });
      await rest(REST_MS);
    }
    running.delete(user_id);
  };
  return { publish };
}

/** Rests that end at once when the door stops. It has one listener for all of them: people who rest are many. */
function createRest(stopping: AbortSignal): (ms: number) => Promise<void> {
  const ends = new Set<() => void>();
  stopping.addEventListener('abort', () => [...ends].forEach((end) => void end()), { once: true });
  return (ms) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, stopping.aborted ? 0 : ms);
      ends.add(end);
    });
}

type Publication = { readonly hash: string | null; readonly tab: HomeTab };

async function publishOnce(context: WaitingContext, user_id: string, { hash, tab }: Publication): Promise<void> {
  try {
    await send(context, user_id, { draw: () => drawFor(context, user_id, tab), hash });
  } catch (error) {
    context.log.warn('a home tab was not published', { slack_user_id: user_id, err: error });
  }
}

async function drawFor(context: WaitingContext, user_id: string, tab: HomeTab): Promise<HomeView> {
  const settings = tab === 'waiting' ? null : await drawSettingsFor(context, user_id, tab);
  if (settings !== null) return settings;
  const waiting = await readWaiting(context, { user_id, payload_team_id: null });
  return waiting.kind === 'listed' ? drawHome(waiting, waiting) : drawHomeNotice(waiting.answer);
}

/** A hash that is out of date means that somebody published meanwhile: read again, and let the newer reading win. */
async function send(
  context: WaitingContext,
  user_id: string,
  home: { readonly draw: () => Promise<HomeView>; readonly hash: string | null },
): Promise<void> {
  const { draw, hash } = home;
  const view = await draw();
  try {
    await context.client.views.publish({ user_id, view, ...(hash === null ? {} : { hash }) });
  } catch (error) {
    if (failureOf(error, 'views.publish').code !== 'hash_conflict') throw error;
    await context.client.views.publish({ user_id, view: await draw() });
  }
}
