// A generated picture of a person or of the app: initials on their colour. Decoration; the name stands beside it.
import type { User } from '../src/protocol.ts';
import { PlacetMark } from './icons.tsx';
import { userOf, useViewer } from './viewer.ts';

/** A picture of `size` CSS pixels. */
export function Avatar({ id, size }: { id: string; size: number }) {
  const { state } = useViewer();
  const user = userOf(state, id);
  if (id === state.app.bot_user_id || id === state.app.bot_id) return <PlacetMark size={size} />;
  const style = {
    inlineSize: `${size}px`,
    blockSize: `${size}px`,
    fontSize: `${Math.round(size * 0.4)}px`,
    background: `#${user?.color ?? '777777'}`,
    color: isBright(user?.color ?? '') ? '#1d1c1d' : '#ffffff',
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

/** Whether dark letters read better on this colour, by its perceived brightness. */
function isBright(color: string): boolean {
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((from) => Number.parseInt(color.slice(from, from + 2), 16));
  return r * 0.299 + g * 0.587 + b * 0.114 > 140;
}
