// auth.test, team.info, bots.info, api.test: who the app is and where.
import type { World } from '../core/world.ts';
import { optionalText } from './args.ts';
import { SlackApiError } from './errors.ts';
import type { Methods } from './method.ts';

export const teamMethods: Methods = {
  'api.test': { token: 'none', scopes: [], tier: 'special', run: (_world, args) => ({ args }) },
  'auth.test': { token: 'any', scopes: [], tier: 'special', run: authTest },
  'team.info': {
    token: 'bot',
    scopes: ['team:read'],
    tier: 3,
    run: ({ identity }) => ({ team: { ...identity.team, email_domain: 'example.com', icon: { image_default: true } } }),
  },
  'bots.info': {
    token: 'bot',
    scopes: ['users:read'],
    tier: 3,
    run(world, args) {
      const { identity } = world;
      if ((optionalText(args, 'bot') ?? identity.botId) !== identity.botId) throw new SlackApiError('bot_not_found');
      return {
        bot: {
          id: identity.botId,
          deleted: false,
          name: identity.appName,
          updated: 0,
          app_id: identity.appId,
          user_id: identity.botUserId,
          icons: {},
        },
      };
    },
  },
};

function authTest(world: World): { [key: string]: string | boolean } {
  const { identity } = world;
  return {
    url: `https://${identity.team.domain}.slack.com/`,
    team: identity.team.name,
    user: world.store.get('user', identity.botUserId)?.name ?? 'placet',
    team_id: identity.team.id,
    user_id: identity.botUserId,
    bot_id: identity.botId,
    is_enterprise_install: false,
  };
}
