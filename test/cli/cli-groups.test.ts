// placet group set|delete: what is asked of the API, and what is told of its answer.

import { expect, test } from '@jest/globals';
import type { GroupChange, RemoteChange } from '../../src/cli/operations.ts';
import { run } from './support.ts';

const APPLIED: RemoteChange = {
  kind: 'applied',
  id: 'pol_1',
  number: 5,
  digest: 'sha256:00',
  plan: ['somebody joins'],
};

test('a group is set whole, over the version that was looked at or the newest', async () => {
  const inputs: GroupChange[] = [];
  const changeGroup = async (input: GroupChange) => {
    inputs.push(input);
    return APPLIED;
  };
  const set = ['group', 'set', 'leads', '--channel', 'C0LEADS'];
  const first = await run([...set, '--member', 'Lea@Example.com', '--member', 'lou@example.com'], { changeGroup });
  expect(first).toMatchObject({ code: 0, out: '  somebody joins\nApplied as version 5 of the policy.\n' });
  await run([...set, '--slack-user-group', 'S0LEADS', '--base', '4', '--alone'], { changeGroup });
  await run(['group', 'delete', 'leads'], { changeGroup });
  expect(inputs).toEqual([
    {
      ...{ name: 'leads', base: null, is_alone_confirmed: false },
      entry: { members: ['lea@example.com', 'lou@example.com'], channel: 'C0LEADS' },
    },
    { name: 'leads', base: 4, is_alone_confirmed: true, entry: { slack_user_group: 'S0LEADS', channel: 'C0LEADS' } },
    { name: 'leads', base: null, is_alone_confirmed: false, entry: null },
  ]);
});

test('what waits is told with its request; as JSON it is what the API answered', async () => {
  const waiting: RemoteChange = {
    kind: 'proposed',
    request_id: 'apr_1',
    expires_at: '2026-01-16T14:03:00.000Z',
    plan: [],
  };
  const changeGroup = async () => waiting;
  const result = await run(['group', 'delete', 'leads'], { changeGroup });
  expect(result.out).toBe('Waits for a second person as apr_1 until 2026-01-16T14:03:00Z.\n');
  expect(JSON.parse((await run(['group', 'delete', 'leads', '--json'], { changeGroup })).out)).toEqual(waiting);
});

test('people and a user group at once, neither, or what is no id are wrong usage', async () => {
  const set = ['group', 'set', 'leads', '--channel', 'C0LEADS'];
  for (const more of [
    [],
    ['--member', 'lea@example.com', '--slack-user-group', 'S0LEADS'],
    ['--member', 'lea'],
    ['--slack-user-group', 'dba'],
  ])
    expect((await run([...set, ...more])).code).toBe(2);
  expect((await run(['group', 'set', 'Leads', '--channel', 'C0LEADS', '--member', 'lea@example.com'])).code).toBe(2);
});
