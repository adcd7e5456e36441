// The click contract: what each click asks of the record, and that each gets a visible answer.

import { describe, expect, test } from '@jest/globals';
import { approver, words } from '@placet/playground';
import { PlacetError } from '../../src/domain/errors.ts';
import type { Refusal } from '../../src/domain/request/decision.ts';
import type { RequestRecord } from '../../src/domain/request/record.ts';
import type { DecideAnswer } from '../../src/service/approver/decide.ts';
import {
  APPROVAL,
  approvedRecord,
  DENIAL,
  DIGEST,
  deniedRecord,
  EXPIRES_AT,
  makeRecord,
} from './draw/request-records.ts';
import { answerTo, counted, depsAround, open, post, recorder, webClient } from './support.ts';

const refused = (refusal: Refusal, record: RequestRecord) => async (): Promise<DecideAnswer> => ({
  kind: 'refused',
  refusal,
  record,
  person_id: null,
});

describe('a click on Approve', () => {
  test('is decided with what the card was drawn from and who Slack says it is, and is answered privately', async () => {
    const record = makeRecord();
    const { decide, inputs } = recorder(counted(approvedRecord()));
    const table = await open(depsAround(record, { decide }));
    const at = await post(table, record);
    const act = await approver.click(table, 'U0FINLEAD', at);
    expect(act).toMatchObject({ ok: true, acked: true });
    expect(inputs).toEqual([
      {
        tenant_id: 'main',
        request_id: record.request.id,
        profile: {
          installed_team_id: 'T0ACME',
          team_id: 'T0ACME',
          user_id: 'U0FINLEAD',
          name: 'Finance Lead',
          email: 'finance-lead@example.com',
          is_email_confirmed: true,
          is_bot: false,
          is_deactivated: false,
          is_guest: false,
          is_stranger: false,
        },
        answers: [],
        decision: 'approve',
        reason: null,
        shown_digest: DIGEST,
        shown_stage: 0,
        shown: 'card',
        message: `${at.channel}/${at.ts}`,
      },
    ]);
    expect(await answerTo(table, 'U0FINLEAD')).toContain('Your approval counts. Approved by Finance Lead');
    expect(await table.slack.ephemerals('U0MEMBER')).toEqual([]);
  });

  test('that counts but is not enough says how many are still needed', async () => {
    const partly = makeRecord({ revision: 2 }, { decisions: [APPROVAL] });
    const table = await open(depsAround(makeRecord(), { decide: counted(partly) }));
    await approver.click(table, 'U0FINLEAD', await post(table, partly));
    expect(await answerTo(table, 'U0FINLEAD')).toContain('That makes 1 of 2; it needs 1 more of payments.');
  });

  test.each([
    [
      'already_counted',
      makeRecord({}, { decisions: [APPROVAL] }),
      'Your approval was already counted at 2026-11-21 14:01 UTC. 1 of 2',
    ],
    [
      'closed',
      deniedRecord(),
      'this is already over. Denied by Treasurer (@U0TREASURER) at 2026-11-21 14:01 UTC. Reason: “Paid back already.”',
    ],
    [
      'closed',
      makeRecord({ state: 'cancelled', closed_at: EXPIRES_AT }),
      'Cancelled by the agent at 2026-11-21 14:30 UTC',
    ],
    ['expired', makeRecord({ state: 'expired', closed_at: EXPIRES_AT }), 'this expired at 2026-11-21 14:30 UTC'],
    ['not_in_group', makeRecord(), 'members of payments decide on this, and you are not one of them'],
    ['is_requester', makeRecord(), 'somebody else must decide'],
    ['review_first', makeRecord(), 'Open Review and approve there'],
    ['content_changed', makeRecord(), 'what you were shown is not what would run'],
    ['not_linked', makeRecord(), 'we do not know which person your Slack account belongs to'],
    ['inactive', makeRecord(), 'you are listed as inactive'],
    ['guest', makeRecord(), 'guests do not decide'],
    ['outsider', makeRecord(), 'people of other organisations or workspaces do not decide here'],
    ['bot', makeRecord(), 'only people decide'],
    ['deactivated', makeRecord(), 'your Slack account is deactivated'],
    ['reason_missing', makeRecord(), 'Give a reason of 3 to 500 characters'],
  ] as const)('that does not count says why: %s', async (refusal, record, line) => {
    const table = await open(depsAround(record, { decide: refused(refusal, record) }));
    const act = await approver.click(table, 'U0FINLEAD', await post(table, makeRecord()));
    expect(act.ok).toBe(true);
    const answer = (await answerTo(table, 'U0FINLEAD')).replace(' ()', ' (U0TREASURER)');
    expect(answer).toContain(line);
    expect(answer).toContain(record.request.id);
    expect(table.logged).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ outcome: refusal }) }),
    );
  });

  test('with a second account is told of the decision that the person made with the first one', async () => {
    const record = deniedRecord();
    const [{ person_id } = DENIAL] = record.decisions;
    const decide = async (): Promise<DecideAnswer> => ({
      kind: 'refused',
      refusal: 'already_counted',
      record,
      person_id,
    });
    const table = await open(depsAround(record, { decide }));
    await approver.click(table, 'U0FINLEAD', await post(table, makeRecord()));
    expect(await answerTo(table, 'U0FINLEAD')).toContain('Your denial was already counted at 2026-11-21 14:01 UTC.');
  });

  test('passes on what Slack says of outsiders, guests and unconfirmed addresses', async () => {
    const { decide, inputs } = recorder(refused('outsider', makeRecord()));
    const table = await open(depsAround(makeRecord(), { decide }));
    const shared = await post(table, makeRecord(), 'C0SHARED');
    await approver.click(table, 'U0OUTSIDE', shared);
    await approver.click(table, 'U0GUEST', await post(table, makeRecord()));
    await table.slack.setUser('U0FINLEAD', { is_email_confirmed: false });
    await approver.click(table, 'U0FINLEAD', await post(table, makeRecord()));
    expect(inputs.map(({ profile }) => profile)).toMatchObject([
      { user_id: 'U0OUTSIDE', team_id: 'T0OTHER', installed_team_id: 'T0ACME', is_stranger: true, email: null },
      { user_id: 'U0GUEST', team_id: 'T0ACME', is_guest: true },
      { user_id: 'U0FINLEAD', is_email_confirmed: false },
    ]);
  });

  test('reads the members of Slack user groups afresh, and a disabled group has none', async () => {
    const groups = [{ id: 'grp_dba', name: 'dba', channel: 'C0DBA', slack_user_group: 'S0DBA' }];
    const record = makeRecord({}, { groups });
    const { decide, inputs } = recorder(counted(record));
    const table = await open(depsAround(record, { decide }));
    const at = await post(table, record);
    const click = () => approver.click(table, 'U0TREASURER', at);
    await click();
    await table.slack.setUserGroup('S0DBA', ['U0DBA']);
    await click();
    await table.slack.setUserGroup('S0DBA', ['U0DBA'], { date_delete: 1 });
    await click();
    expect(inputs.flatMap(({ answers }) => answers.map(({ members, fault }) => [...members, fault]))).toEqual([
      ['T0ACME/U0DBA', 'T0ACME/U0TREASURER', null],
      ['T0ACME/U0DBA', null],
      ['no_such_subteam'],
    ]);
  });

  test.each([
    ['users.info fails', { kind: 'api_error', method: 'users.info', error: 'internal_error' }],
    ['users.info is down', { kind: 'http_error', method: 'users.info' }],
    ['the group cannot be listed', { kind: 'rate_limited', method: 'usergroups.users.list' }],
  ] as const)('records nothing and says so when %s', async (_title, fault) => {
    const groups = [{ id: 'grp_dba', name: 'dba', channel: 'C0DBA', slack_user_group: 'S0DBA' }];
    const record = makeRecord({}, { groups });
    const { decide, inputs } = recorder(counted(record));
    const table = await open(depsAround(record, { decide }));
    const at = await post(table, record);
    await table.slack.faults(fault);
    await approver.click(table, 'U0FINLEAD', at);
    expect(await answerTo(table, 'U0FINLEAD')).toContain(
      'We could not check with Slack who you are. Nothing was recorded',
    );
    expect(inputs).toEqual([]);
  });

  test('says that it could not be confirmed when the record fails', async () => {
    const decide = () => Promise.reject(new PlacetError('unavailable'));
    const table = await open(depsAround(makeRecord(), { decide }));
    await approver.click(table, 'U0FINLEAD', await post(table, makeRecord()));
    expect(await answerTo(table, 'U0FINLEAD')).toContain('We could not confirm that this was recorded.');
  });

  test('says so too when even the card cannot be looked up', async () => {
    const findCard = () => Promise.reject(new PlacetError('unavailable'));
    const table = await open(depsAround(makeRecord(), { findCard }));
    await approver.click(table, 'U0FINLEAD', await post(table, makeRecord()));
    expect(await answerTo(table, 'U0FINLEAD')).toContain('We could not confirm that this was recorded.');
  });

  test('on a card that is not the live one counts nothing, takes the buttons off that copy and says so', async () => {
    const record = makeRecord();
    const table = await open(depsAround(record, { findCard: async () => ({ kind: 'stale', record }) }));
    const at = await post(table, record);
    await approver.click(table, 'U0FINLEAD', at);
    expect(await answerTo(table, 'U0FINLEAD')).toContain('This card is out of date. Nothing was recorded.');
    const [copy] = await table.slack.messages(at.channel);
    expect(JSON.stringify(copy?.blocks)).not.toContain('"actions"');
    expect(copy === undefined ? '' : words(copy)).toContain('This card is out of date.');
  });

  test('on a card that the record does not know counts nothing and says so', async () => {
    const table = await open(depsAround(makeRecord(), { findCard: async () => ({ kind: 'unknown' }) }));
    await approver.click(table, 'U0FINLEAD', await post(table, makeRecord()));
    expect(await answerTo(table, 'U0FINLEAD')).toContain('This card is not one of ours. Nothing was recorded.');
  });

  test('on a revision that the reader had not seen change is answered from the record', async () => {
    const table = await open(depsAround(deniedRecord(), { decide: refused('closed', deniedRecord()) }));
    const at = await post(table, makeRecord());
    const client = webClient(table);
    await client.chat.update({
      channel: at.channel,
      ts: at.ts,
      text: 'over',
      blocks: [
        { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'over' }] }] },
      ],
    });
    const act = await approver.clickLate(table, 'U0FINLEAD', at);
    expect(act.ok).toBe(true);
    expect(await answerTo(table, 'U0FINLEAD')).toContain('this is already over. Denied by Treasurer');
  });
});
