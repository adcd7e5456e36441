// Role × door of Slack, generated: each button, window and word of Settings lets in whom the table of roles says, and
// nobody else, whatever Slack itself says of them.

import { describe, expect, test } from '@jest/globals';
import { PlacetError } from '../../src/domain/errors.ts';
import { type Gate, GIVEN_ROLES, isPermission, mayPass, permissionsOf } from '../../src/domain/people/roles.ts';
import { SETTINGS_ACTIONS } from '../../src/slack/draw/settings-home.ts';
import { SETTINGS_CALLBACKS } from '../../src/slack/draw/settings-modals.ts';
import { runCommand } from '../../src/slack/listeners/command.ts';
import { OTHER_DOORS, SETTINGS_DOORS, SETTINGS_VIEW_DOORS } from '../../src/slack/listeners/doors.ts';
import { settingsClick } from '../../src/slack/listeners/settings-clicks.ts';
import { settingsSubmit } from '../../src/slack/listeners/settings-submits.ts';
import type { ListenerContext } from '../../src/slack/receive/listener-context.ts';

const REFUSED = 'Your role here does not allow this.';
const actor = { user_id: 'U0ANN', payload_team_id: 'T0ACME' };
const user = { id: 'U0ANN', team_id: 'T0ACME', is_admin: true, is_owner: true, profile: { email: 'ann@example.com' } };

/** A door behind which nothing is reached by whoever lacks the permission, and everything asked for is written down. */
function contextOf(permissions: readonly string[]) {
  const reached: string[] = [];
  const wall = (name: string) => async () => {
    reached.push(name);
    throw new PlacetError('not_found');
  };
  const requirePermission = async ({ permission }: { readonly permission: string }) => {
    if (!permissions.includes(permission)) throw new PlacetError('permission_missing', { permission });
  };
  const context = {
    tenant_id: 'main',
    installation: { team_id: 'T0ACME', app_id: null },
    client: { users: { info: async () => ({ user }) }, usergroups: { list: async () => ({}) } },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    group_lists: new Map(),
    showSettings: () => void reached.push('showSettings'),
    refreshHome: () => void reached.push('refreshHome'),
    deps: {
      requirePermission,
      ...{
        readSettings: wall('readSettings'),
        planSettings: wall('planSettings'),
        changeSettings: wall('changeSettings'),
      },
    },
  };
  return { context: context as unknown as ListenerContext, reached };
}

const click = { actor, request_id: 'x', value: 'x', shown_digest: '', shown_stage: 0, place: null, trigger_id: 't' };
const memory = JSON.stringify({
  base: 1,
  name: 'x',
  step: { kind: 'delete_group', name: 'x' },
  digest: 'd',
  is_alone: false,
});
const values = { channel: { channel: { selected_conversation: 'C0X' } } };
const submission = { actor, view_id: 'V', origin: null, memory, values };

type Door = {
  readonly door: string;
  readonly gate: Gate;
  readonly enter: (context: ListenerContext) => Promise<unknown>;
};
const namesOf = <K extends string>(of: Readonly<Record<K, unknown>>) => Object.keys(of) as K[];
const DOORS: readonly Door[] = [
  ...namesOf(SETTINGS_ACTIONS).map((name) => ({
    door: `button ${name}`,
    gate: SETTINGS_DOORS[name],
    enter: (context: ListenerContext) => settingsClick(name)(context, click),
  })),
  ...namesOf(SETTINGS_CALLBACKS).map((name) => ({
    door: `window ${name}`,
    gate: SETTINGS_VIEW_DOORS[name],
    enter: (context: ListenerContext) => settingsSubmit(name)(context, submission),
  })),
  ...(['group', 'group x delete'] as const).map((text) => ({
    door: `/placet ${text}`,
    gate: OTHER_DOORS[text === 'group' ? '/placet group' : '/placet group …'],
    enter: (context: ListenerContext) => runCommand(context, { actor, text, trigger_id: 't' }),
  })),
];

const ROLES = [...GIVEN_ROLES, 'approver', 'nobody'] as const;
describe.each(ROLES)('%s', (role) => {
  const permissions = role === 'nobody' ? [] : permissionsOf(role);
  test.each(DOORS)('$door', async ({ gate, enter }) => {
    const { context, reached } = contextOf(permissions);
    const answer = JSON.stringify(await enter(context));
    const isIn = !isPermission(gate) || mayPass(gate, permissions);
    expect([answer.includes(REFUSED), reached.length > 0]).toEqual([!isIn, isIn]);
  });
});
