// Who looks at the page and what they can look up: people, groups, channels, the clock. Components read it; only app.tsx sets it.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Channel, PlaygroundState, User } from '../src/protocol.ts';
import type { DateViewer } from './blocks/date.ts';

export type Viewer = {
  state: PlaygroundState;
  as: string;
  dates: DateViewer;
  /** Goes to a channel, by id. */
  openChannel: (id: string) => void;
  /** Notes that the person pressed the main button of this message, for the banner's next step. */
  notePressed: (ts: string) => void;
};

export const ViewerContext = createContext<Viewer | null>(null);

/** The viewer around this component. Throws outside of one: a mistake of ours. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (viewer === null) throw new Error('No viewer around this component.');
  return viewer;
}

/** The name to show for a person's id; the id itself when unknown. */
export function nameOf(state: PlaygroundState, id: string): string {
  const user = userOf(state, id);
  if (user === undefined) return id === state.app.bot_id ? state.app.name : id;
  return user.profile.display_name || user.profile.real_name || user.name;
}

/** The person with this id. */
export function userOf(state: PlaygroundState, id: string): User | undefined {
  return state.users.find((user) => user.id === id);
}

/** The other side of a DM: the app, or a person. */
export function dmPartner(state: PlaygroundState, channel: Channel, as: string): string {
  return channel.members.find((id) => id !== as) ?? state.app.bot_user_id;
}

/** A channel's title as the sidebar and the header write it. */
export function channelTitle(state: PlaygroundState, channel: Channel, as: string): string {
  return channel.is_im ? nameOf(state, dmPartner(state, channel, as)) : channel.name;
}
