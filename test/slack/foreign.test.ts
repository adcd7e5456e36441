// Payloads that are not for us are dropped with their cause, and a token of a whole organisation is refused.
import { describe, expect, test } from '@jest/globals';
import { requireWorkspace } from '../../src/process/slack-faults.ts';
import { foreignness } from '../../src/slack/receive/guard.ts';

const OURS = { team_id: 'T1', app_id: 'A1' };
const click = { type: 'block_actions', api_app_id: 'A1', team: { id: 'T1' }, is_enterprise_install: false };
const event = { api_app_id: 'A1', team_id: 'T1', event: { type: 'app_home_opened' } };
const command = { api_app_id: 'A1', command: '/placet', team_id: 'T1' };
const ORG = /installed org-wide, which is not supported/;
const SIBLING = /another workspace of an Enterprise Grid/;

test.each<[what: string, body: object, cause: RegExp | null]>([
  ['a click', click, null],
  ['an event', event, null],
  ['a command', command, null],
  ['a click in a workspace of a Grid, which is ours', { ...click, enterprise: { id: 'E1' } }, null],
  ['a click on another app', { ...click, api_app_id: 'A2' }, /another app/],
  ['a click in another workspace', { ...click, team: { id: 'T2' } }, /another workspace than the bot token/],
  ['a click in a sibling', { ...click, team: { id: 'T2', enterprise_id: 'E1' }, enterprise: { id: 'E1' } }, SIBLING],
  ['a command in a sibling', { ...command, team_id: 'T2', enterprise_id: 'E1' }, SIBLING],
  ['an event in a sibling', { ...event, authorizations: [{ team_id: 'T2', enterprise_id: 'E1' }] }, SIBLING],
  ['a click org-wide', { ...click, team: null, enterprise: { id: 'E1' }, is_enterprise_install: true }, ORG],
  ['a command org-wide', { ...command, is_enterprise_install: 'true', enterprise_id: 'E1' }, ORG],
  ['an event org-wide', { ...event, authorizations: [{ team_id: null, is_enterprise_install: true }] }, ORG],
  ['a payload without a workspace', { api_app_id: 'A1', type: 'block_actions' }, /another workspace/],
])('%s', (_what, body, cause) => {
  const found = foreignness(body, OURS);
  if (cause === null) expect(found).toBeNull();
  else expect(found).toMatch(cause);
});

describe('a bot token', () => {
  test('of a whole organisation is refused by that name', () => {
    expect(() => requireWorkspace({ is_enterprise_install: true, enterprise_id: 'E1' })).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ reason: expect.stringContaining('org-wide installation (E1)') }),
      }),
    );
  });

  test('of one workspace is taken, within a Grid too', () => {
    requireWorkspace({});
    requireWorkspace({ is_enterprise_install: false, enterprise_id: 'E1' });
  });
});
