// What is read from Slack's payloads, and whose word it is: which workspace, which account, which place.

import { describe, expect, test } from '@jest/globals';
import { installedTeam, readClick, readSubmission, textAt } from '../../src/slack/receive/payload.ts';

test.each<[kind: string, body: object, team: string | null]>([
  ['a click', { type: 'block_actions', team: { id: 'T1' } }, 'T1'],
  ['a click without a team', { type: 'block_actions', view: { app_installed_team_id: 'T1' } }, null],
  [
    'a submission from a shared channel',
    { type: 'view_submission', team: { id: 'T9' }, view: { app_installed_team_id: 'T1' } },
    'T1',
  ],
  ['a submission at home', { type: 'view_submission', team: { id: 'T1' }, view: {} }, 'T1'],
  ['a view that was closed', { type: 'view_closed', team: { id: 'T9' }, view: { app_installed_team_id: 'T1' } }, 'T1'],
  ['a command', { command: '/placet', team_id: 'T1', team: { id: 'T9' } }, 'T1'],
  ['an event from a shared channel', { event: {}, team_id: 'T9', authorizations: [{ team_id: 'T1' }] }, 'T1'],
  ['an event at home', { event: {}, team_id: 'T1', authorizations: [] }, 'T1'],
  ['nothing that we know', {}, null],
])('the workspace of the installation is read from %s', (_kind, body, team) => {
  expect(installedTeam(body)).toBe(team);
});

test('the home of whoever submits is the account’s own, else that of the payload', () => {
  const body = { user: { id: 'U1', team_id: 'T9' }, team: { id: 'T1' } };
  expect(readSubmission(body).actor).toEqual({ user_id: 'U1', payload_team_id: 'T9' });
  expect(readSubmission({ ...body, user: { id: 'U1' } }).actor).toEqual({ user_id: 'U1', payload_team_id: 'T1' });
});

describe('a click', () => {
  const body = { user: { id: 'U1' }, container: { channel_id: 'C1', message_ts: '1.5' }, trigger_id: 'x' };

  test('has the home of the account only where it stands with the account', () => {
    expect(readClick({ ...body, team: { id: 'T1' } }, {}).actor).toEqual({ user_id: 'U1', payload_team_id: null });
  });

  test('has a place only when both channel and time are known', () => {
    expect(readClick(body, {}).place).toEqual({ channel_id: 'C1', ts: '1.5' });
    expect(readClick({ ...body, container: { channel_id: 'C1' } }, {}).place).toBeNull();
    expect(readClick({ ...body, container: { message_ts: '1.5' } }, {}).place).toBeNull();
  });

  test('has no digest but that of a block of ours', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const id = `apr_${'0'.repeat(36)}`;
    expect(readClick(body, { block_id: `${id}.3.${digest}` }).shown_digest).toBe(digest);
    for (const block_id of [digest, `${id}.${digest}`, `${id}.3.${digest}0`, `x${id}.3.${digest}`, 7, null]) {
      expect(readClick(body, { block_id }).shown_digest).toBe('');
    }
  });
});

test('a text is found only where the payload itself has it', () => {
  expect(textAt({ a: { b: 'x' } }, 'a', 'b')).toBe('x');
  for (const value of [{ a: { b: '' } }, { a: { b: 7 } }, { a: null }, null, 'text', []])
    expect(textAt(value, 'a', 'b')).toBeNull();
  expect(textAt(Object.create({ a: { b: 'x' } }), 'a', 'b')).toBeNull();
});
