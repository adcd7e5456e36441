// The payloads that only ask what waits, /placet and the Home tab: whose name they bear decides what is shown, so it is
// forged, dropped and swapped like a decision's.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FINANCE_LEAD, PAYMENTS, words } from '@placet/playground';
import { until } from '../support/wait.ts';
import { openSlackDoor, type SlackDoor } from './slack-door.ts';

let door: SlackDoor;
beforeAll(async () => {
  door = await openSlackDoor();
  await door.card('order/waiting');
});
afterAll(() => door.close());

const COMMAND = {
  command: '/placet',
  api_app_id: '',
  team_id: 'T0ACME',
  user_id: FINANCE_LEAD,
  channel_id: PAYMENTS,
  trigger_id: '1.2.x',
};

/** Sends a signed /placet with these fields changed, or dropped where they are undefined. */
function command(changes: Readonly<Record<string, string | undefined>>) {
  const fields = Object.entries({ ...COMMAND, api_app_id: door.appId, ...changes });
  const present = fields.filter((field): field is [string, string] => field[1] !== undefined);
  return door.send(new URLSearchParams(present).toString());
}

/** What this person was told in private, as soon as it is there. */
const toldTo = (user_id: string) =>
  door.slack.waitFor(async () => {
    const [ephemerals, dms] = [await door.slack.ephemerals(user_id), await door.slack.dms(user_id)];
    return [...ephemerals, ...dms].map(words).at(-1);
  });

describe('/placet', () => {
  test('lists what waits for the one who typed it', async () => {
    expect((await command({})).status).toBe(200);
    expect(await toldTo(FINANCE_LEAD)).toContain('order/waiting');
  });

  test.each([
    ['a member who decides nothing', 'U0MEMBER'],
    ['a guest', 'U0GUEST'],
    ['a Slack Connect stranger', 'U0OUTSIDE'],
  ])('lists nothing of it to %s', async (_who, user_id) => {
    expect((await command({ user_id })).status).toBe(200);
    expect(await toldTo(user_id)).not.toContain('order/waiting');
  });

  test('of another app or workspace, of none, or by another name is not even acknowledged', async () => {
    const foreign = [
      { api_app_id: 'A0OTHER' },
      { api_app_id: undefined },
      { team_id: 'T0OTHER' },
      { team_id: undefined },
      { command: '/approve' },
    ];
    // Bolt answers what nobody acknowledged after three seconds.
    const answers = await Promise.all(foreign.map(command));
    expect(answers.map(({ status }) => status)).toEqual(foreign.map(() => 404));
  });

  test('without a name lists nothing to anyone', async () => {
    const before = await door.slack.ephemerals(FINANCE_LEAD);
    expect((await command({ user_id: undefined })).status).toBe(200);
    await until(() => door.logged.some((line) => line.includes('nobody could be told an answer')));
    expect(await door.slack.ephemerals(FINANCE_LEAD)).toEqual(before);
  });
});

describe('an opened Home tab', () => {
  const opened = (event: object, more: object = {}) => ({
    type: 'event_callback',
    api_app_id: door.appId,
    team_id: 'T0ACME',
    authorizations: [{ team_id: 'T0ACME', user_id: 'U0BOT', is_bot: true }],
    event: { type: 'app_home_opened', tab: 'home', user: FINANCE_LEAD, channel: 'D0X', ...event },
    ...more,
  });
  const send = (payload: object) => {
    const body = JSON.stringify(payload);
    return door.send(body, { ...door.sign(body), 'content-type': 'application/json' });
  };
  const homeOf = (user_id: string) =>
    door.slack.waitFor(async () => {
      const view = await door.slack.home(user_id);
      return view === null ? null : words(view);
    });

  test('shows each person their own queue, whoever else opens it', async () => {
    expect((await send(opened({}))).status).toBe(200);
    expect((await send(opened({ user: 'U0MEMBER' }))).status).toBe(200);
    expect(await homeOf(FINANCE_LEAD)).toContain('order/waiting');
    expect(await homeOf('U0MEMBER')).not.toContain('order/waiting');
  });

  test.each([
    ['another app', { api_app_id: 'A0OTHER' }],
    ['another workspace', { authorizations: [{ team_id: 'T0OTHER' }] }],
    ['no workspace', { authorizations: [], team_id: undefined }],
  ])('of %s draws nothing', async (_what, more) => {
    const dropped = () => door.logged.filter((line) => line.includes('a payload was dropped: it is of another')).length;
    const before = dropped();
    await send(opened({ user: 'U0TREASURER' }, more));
    await until(() => dropped() > before);
    expect(await door.slack.home('U0TREASURER')).toBeNull();
  });
});
