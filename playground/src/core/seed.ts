// The people, channels and user group that a playground starts with. Data and its filling-in only.
import type { Channel, Seed, Settings, Team, User, UserGroup } from '../protocol.ts';
import type { ChannelRecord, Store } from './store.ts';

export const DEFAULT_TEAM: Team = { id: 'T0ACME', name: 'Acme', domain: 'acme' };
export const BOT_USER_ID = 'U0PLACET';
export const BOT_ID = 'B0PLACET';

/** Those of payments. */
export const FINANCE_LEAD = 'U0FINLEAD';
export const TREASURER = 'U0TREASURER';
/** The one of dba. */
export const DANA = 'U0DBA';
/** In the channel of payments, and in no group. */
export const SUPPORT = 'U0SUPPORT';
export const COLLEAGUE = 'U0MEMBER';
/** Of another organisation, there through Slack Connect. */
export const OUTSIDER = 'U0OUTSIDE';
export const PAYMENTS = 'C0PAYMENTS';
export const DBA = 'C0DBA';

/** The scopes of Placet's app manifest. */
const DEFAULT_SCOPES = [
  'chat:write',
  'commands',
  'im:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'channels:read',
  'groups:read',
];

const DEFAULT_SETTINGS: Settings = {
  rate_limits: 'off',
  post_burst: 5,
  scopes: DEFAULT_SCOPES,
  bot_events: [
    'app_home_opened',
    'app_uninstalled',
    'tokens_revoked',
    'user_change',
    'subteam_updated',
    'channel_shared',
    'member_left_channel',
  ],
  commands: ['/placet'],
  has_paid_plan: true,
  is_home_enabled: true,
  events_url: null,
};

type SeedUser = NonNullable<Seed['users']>[number];

const DEFAULT_USERS: SeedUser[] = [
  { id: BOT_USER_ID, name: 'placet', real_name: 'Placet', is_bot: true },
  { id: FINANCE_LEAD, name: 'finance.lead', real_name: 'Finance Lead', email: 'finance-lead@example.com' },
  { id: TREASURER, name: 'treasurer', real_name: 'Treasurer', email: 'treasurer@example.com' },
  { id: DANA, name: 'dana.dba', real_name: 'Dana Dba', email: 'dba@example.com' },
  { id: SUPPORT, name: 'support', real_name: 'Support', email: 'support@example.com' },
  { id: COLLEAGUE, name: 'mel.member', real_name: 'Mel Member', email: 'member@example.com' },
  { id: 'U0GUEST', name: 'guest', real_name: 'Gus Guest', email: 'guest@example.org', is_restricted: true },
  {
    id: OUTSIDER,
    team_id: 'T0OTHER',
    name: 'olly.outside',
    real_name: 'Olly Outside',
    email: 'olly@other.example',
    is_stranger: true,
  },
  { id: 'U0GONE', name: 'gina.gone', real_name: 'Gina Gone', email: 'gone@example.com', deleted: true },
  { id: 'U0OTHERBOT', name: 'otherbot', real_name: 'Other Bot', is_bot: true },
];

const STAFF = [FINANCE_LEAD, TREASURER, DANA, SUPPORT, COLLEAGUE];
const DEFAULT_CHANNELS: NonNullable<Seed['channels']> = [
  {
    id: PAYMENTS,
    name: 'payments-approvals',
    topic: 'Refunds and payouts that wait for a person',
    members: [BOT_USER_ID, FINANCE_LEAD, TREASURER, SUPPORT, COLLEAGUE, 'U0GUEST'],
  },
  {
    id: DBA,
    name: 'dba-approvals',
    topic: 'Production databases',
    members: [BOT_USER_ID, DANA, TREASURER, COLLEAGUE],
  },
  { id: 'C0GENERAL', name: 'general', is_general: true, topic: 'Company-wide', members: STAFF },
  {
    id: 'C0SHARED',
    name: 'shared-with-partner',
    is_ext_shared: true,
    topic: 'Acme and Other',
    members: [BOT_USER_ID, SUPPORT, COLLEAGUE, OUTSIDER],
  },
];
const DEFAULT_GROUPS: NonNullable<Seed['user_groups']> = [
  { id: 'S0DBA', handle: 'dba', name: 'Database administrators', users: [DANA, TREASURER] },
];

/** Fills an empty store from the seed, part by part, else from the defaults. */
export function plantSeed(store: Store, team: Team, seed: Seed, now: number): void {
  const users = (seed.users ?? DEFAULT_USERS).map((user, index) => fillUser(user, team, index));
  if (!users.some((user) => user.id === BOT_USER_ID)) users.unshift(fillUser(DEFAULT_USERS[0] as SeedUser, team, 0));
  for (const user of users) store.put('user', user.id, user);
  for (const channel of seed.channels ?? DEFAULT_CHANNELS) store.put('channel', channel.id, fillChannel(channel));
  for (const group of seed.user_groups ?? DEFAULT_GROUPS) {
    store.put('user_group', group.id, fillGroup(group, team, Math.floor(now / 1000)));
  }
  store.put('settings', 'settings', { ...DEFAULT_SETTINGS, ...seed.settings });
}

const COLORS = ['4a154b', '2eb67d', '36c5f0', 'ecb22e', 'e01e5a', '1264a3', '9f69e7', '674b1b', 'a63636', '5a4592'];

/** A whole user from what the seed or a patch says. */
export function fillUser(user: SeedUser, team: Team, index: number): User {
  const { email, ...given } = user;
  const realName = given.real_name ?? given.name;
  return {
    team_id: team.id,
    tz: 'Europe/Berlin',
    tz_label: 'Central European Time',
    tz_offset: 3600,
    locale: 'en-US',
    color: COLORS[index % COLORS.length] as string,
    is_admin: false,
    is_owner: false,
    is_bot: false,
    deleted: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_stranger: false,
    is_email_confirmed: email !== undefined,
    ...given,
    real_name: realName,
    profile: {
      real_name: realName,
      display_name: realName,
      ...(email === undefined ? {} : { email }),
      ...given.profile,
    },
  };
}

/** A whole channel from what the seed or a patch says. */
export function fillChannel(channel: Partial<Channel> & { id: string; name: string }): ChannelRecord {
  return {
    is_im: false,
    is_private: false,
    is_archived: false,
    is_ext_shared: false,
    is_general: false,
    topic: '',
    members: [],
    ...channel,
  };
}

/** A whole user group from what the seed or a request says. */
export function fillGroup(
  group: { id: string; handle: string; name?: string; users: string[]; date_delete?: number },
  team: Team,
  nowSeconds: number,
): UserGroup {
  return {
    id: group.id,
    team_id: team.id,
    name: group.name ?? group.handle,
    handle: group.handle,
    description: '',
    users: group.users,
    user_count: group.users.length,
    date_delete: group.date_delete ?? 0,
    date_update: nowSeconds,
  };
}
