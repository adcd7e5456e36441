// "Acting as": every person one can be here, with what kind of account it is.
import type { User } from '../src/protocol.ts';
import { Avatar } from './avatar.tsx';
import { useViewer } from './viewer.ts';
import { actorsOf, type Role, roleOf } from './waiting.ts';

const BADGES: Record<Role, string> = {
  member: 'Member',
  guest: 'Guest',
  outside: 'Slack Connect',
  deactivated: 'Deactivated',
  bot: 'Bot',
};

/** Radio buttons, so that the arrow keys move between people. */
export function Actors({ onActAs }: { onActAs: (user: string) => void }) {
  const { state, as } = useViewer();
  return (
    <fieldset class="actors">
      <legend>Acting as</legend>
      {actorsOf(state).map((user) => (
        <Actor key={user.id} user={user} isOn={user.id === as} onChoose={() => onActAs(user.id)} />
      ))}
    </fieldset>
  );
}

function Actor({ user, isOn, onChoose }: { user: User; isOn: boolean; onChoose: () => void }) {
  const role = roleOf(user);
  return (
    <label class={isOn ? 'actor is-on' : 'actor'} title={user.profile.email ?? user.id}>
      <input
        class="visually-hidden"
        type="radio"
        name="acting-as"
        data-testid="actor-option"
        data-user={user.id}
        data-role={role}
        checked={isOn}
        onChange={onChoose}
      />
      <Avatar id={user.id} size={22} />
      <span class="actor-name">{user.real_name}</span>
      <span class={`badge badge-${role}`}>{BADGES[role]}</span>
    </label>
  );
}
