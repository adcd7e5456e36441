// Who acted, from what Slack answers: whose word is believed, and what is taken for nobody. The client is a plain object.

import { describe, expect, test } from '@jest/globals';
import { WebAPIPlatformError } from '@slack/web-api';
import type { Profile } from '../../src/domain/people/account.ts';
import { askMemberships, readProfile } from '../../src/slack/receive/profile.ts';
import { askSourcesWith, createAskChat } from '../../src/slack/send/member-sources.ts';
import type { SlackClient } from '../../src/slack/send/web-api.ts';

const ANN = { id: 'U1', team_id: 'T1', profile: { real_name: 'Ann', email: 'ann@example.com' } };
const ACTOR = { user_id: 'U1', payload_team_id: 'T1' };

const refusal = (error: string) => new WebAPIPlatformError({ ok: false, error });

/** A door whose Slack answers so; an error is thrown. */
function doorTo(answers: { readonly user?: unknown; readonly members?: Readonly<Record<string, unknown>> }) {
  const or = (answer: unknown) => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
  const client = {
    users: { info: async () => ({ user: await or(answers.user) }) },
    usergroups: {
      users: {
        list: async ({ usergroup }: { usergroup: string }) => ({ users: await or(answers.members?.[usergroup]) }),
      },
    },
  } as unknown as SlackClient;
  const silent = () => undefined;
  return {
    client,
    installation: { team_id: 'T1', app_id: 'A1' },
    log: { info: silent, warn: silent, error: silent },
  };
}

describe('the profile of whoever clicked', () => {
  test.each<[what: string, user: object, profile: Partial<Profile>]>([
    ['a member', {}, { team_id: 'T1', is_guest: false, is_bot: false, is_deactivated: false, is_stranger: false }],
    ['a guest of many channels', { is_restricted: true }, { is_guest: true }],
    ['a guest of one channel', { is_ultra_restricted: true }, { is_guest: true }],
    ['a bot', { is_bot: true }, { is_bot: true }],
    ['a workflow', { is_workflow_bot: true }, { is_bot: true }],
    ['one who left', { deleted: true }, { is_deactivated: true }],
    ['a stranger', { is_stranger: true }, { is_stranger: true }],
    ['one whose address is not confirmed', {}, { is_email_confirmed: false }],
    ['one whose address is', { is_email_confirmed: true }, { is_email_confirmed: true }],
    ['one whose home is another workspace', { team_id: 'T9' }, { team_id: 'T9' }],
    ['a flag that is a text', { is_email_confirmed: 'true' }, { is_email_confirmed: false }],
  ])('says what Slack says of %s', async (_what, user, profile) => {
    expect(await readProfile(doorTo({ user: { ...ANN, ...user } }), ACTOR)).toMatchObject(profile);
  });

  test('believes the foreign workspace where payload and Slack disagree', async () => {
    const profile = await readProfile(doorTo({ user: ANN }), { ...ACTOR, payload_team_id: 'T9' });
    expect(profile).toMatchObject({ team_id: 'T9' });
  });

  test('is none when Slack answers with another account, or with none', async () => {
    for (const user of [{ ...ANN, id: 'U2' }, {}, null, []]) {
      expect(await readProfile(doorTo({ user }), ACTOR)).toBeNull();
    }
  });

  test('is that of a stranger only when a foreign account is not visible to us', async () => {
    const door = doorTo({ user: refusal('user_not_found') });
    const foreign = await readProfile(door, { ...ACTOR, payload_team_id: 'T9' });
    expect(foreign).toMatchObject({ team_id: 'T9', is_stranger: true, is_email_confirmed: false });
    expect(await readProfile(door, ACTOR)).toBeNull();
    expect(await readProfile(doorTo({ user: refusal('fatal_error') }), { ...ACTOR, payload_team_id: 'T9' })).toBeNull();
  });
});

describe('what the sources of the groups that decide say', () => {
  const sources = ['S1', 'S3'].map((id) => ({ kind: 'slack_user_group', id }) as const);
  const ask = (members: Readonly<Record<string, unknown>>) => {
    const door = doorTo({ members });
    const askChat = createAskChat(async () => ({ client: door.client, team_id: 'T1', bot_user_id: null }));
    const askOnCall = () => Promise.reject(new Error('nobody is on call here'));
    return askMemberships({ ...door, askSources: askSourcesWith(askChat, askOnCall) }, ACTOR, {
      sources,
      accounts: [],
    });
  };

  test('are those in each Slack user group, and nobody in a group that is gone', async () => {
    expect(await ask({ S1: ['U1', 'U2'], S3: refusal('no_such_subteam') })).toMatchObject([
      { source: sources[0], members: ['T1/U1', 'T1/U2'], fault: null },
      { source: sources[1], members: [], fault: 'no_such_subteam' },
    ]);
  });

  test('are not known when one of the groups could not be asked for', async () => {
    expect(await ask({ S1: ['U1'], S3: refusal('internal_error') })).toBeNull();
  });
});
