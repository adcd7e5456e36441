// The Home tab: published when it is opened and after the person's own decisions; one publication at a time for each person.

import type { HomeView } from '../draw/block-kit.ts';
import { drawHome, drawHomeNotice } from '../draw/waiting-list.ts';
import { failureOf } from '../send/failures.ts';
import { readWaiting, type WaitingContext } from './waiting.ts';

/** After a publication, before the next for the same person: Slack takes some hundred a minute of a whole workspace. */
const REST_MS = 1_000;

export type Home = {
  /** Publishes the queue; `hash` is that of the view on the screen, null when it is not known. */
  readonly publish: (user_id: string, hash: string | null) => Promise<void>;
};

/**
 * Keeps one publication at a time for each person, with a rest after it; what comes meanwhile is done once, after that, or at
 * once when the door stops.
 */
export function createHome(context: WaitingContext, stopping: AbortSignal): Home {
  const running = new Map<string, { is_wanted_again: boolean }>();
  const rest = createRest(stopping);
  const publish = async (user_id: string, hash: string | null): Promise<void> => {
    const other = running.get(user_id);
    if (other !== undefined) {
      other.is_wanted_again = true;
      return;
    }
    const own = { is_wanted_again: true };
    running.set(user_id, own);
    for (let known = hash; own.is_wanted_again; known = null) {
      own.is_wanted_again = false;
      await publishOnce(context, user_id, known);
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

async function publishOnce(context: WaitingContext, user_id: string, hash: string | null): Promise<void> {
  try {
    await send(context, user_id, { view: await drawFor(context, user_id), hash });
  } catch (error) {
    context.log.warn('a home tab was not published', { slack_user_id: user_id, err: error });
  }
}

async function drawFor(context: WaitingContext, user_id: string): Promise<HomeView> {
  const waiting = await readWaiting(context, { user_id, payload_team_id: null });
  return waiting.kind === 'listed' ? drawHome(waiting) : drawHomeNotice(waiting.answer);
}

/** A hash that is out of date means that somebody published meanwhile: read again, and let the newer reading win. */
async function send(
  context: WaitingContext,
  user_id: string,
  home: { readonly view: HomeView; readonly hash: string | null },
): Promise<void> {
  const { view, hash } = home;
  try {
    await context.client.views.publish({ user_id, view, ...(hash === null ? {} : { hash }) });
  } catch (error) {
    if (failureOf(error, 'views.publish').code !== 'hash_conflict') throw error;
    await context.client.views.publish({ user_id, view: await drawFor(context, user_id) });
  }
}
