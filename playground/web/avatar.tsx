// A generated picture of a person or of the app: initials on their colour. Decoration; the name stands beside it.
import type { User } from '../src/protocol.ts';
import { lettersOn } from './contrast.ts';
import { PlacetMark } from './icons.tsx';
import { userOf, useViewer } from './viewer.ts';

/** A picture of `size` CSS pixels. */
export function Avatar({ id, size }: { id: string; size: number }) {
  const { state } = useViewer();
  const user = userOf(state, id);
  if (id === state.app.bot_user_id || id === state.app.bot_id) return <PlacetMark size={size} />;
  const ground = user?.color ?? '777777';
  const style = {
    inlineSize: `${size}px`,
    blockSize: `${size}px`,
    fontSize: `${Math.round(size * 0.4)}px`,
    background: `#${ground}`,
    color: `#${lettersOn(ground)}`,
  };
  return (
    <span class="avatar" style={style} aria-hidden="true">
      {user === undefined ? '?' : initials(user)}
    </span>
  );
}

function initials(user: User): string {
  const words = user.real_name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
