// How a click's answer comes: never before the record, always in the end, and to that person alone.

import { describe, expect, test } from '@jest/globals';
import { approver, words } from '@placet/playground';
import type { DecideAnswer } from '../../src/service/approver/decide.ts';
import { later } from '../support/later.ts';
import { approvedRecord, makeRecord } from './draw/request-records.ts';
import { answerTo, counted, depsAround, open, post, webClient } from './support.ts';

describe('the answer', () => {
  test('comes ephemerally when the click’s own address fails, and as a DM when that fails too', async () => {
    const record = makeRecord();
    const table = await open(depsAround(record, { decide: counted(record) }));
    const at = await post(table, record);
    await table.slack.faults({ kind: 'http_error', method: 'response_url', count: 1 });
    await approver.click(table, 'U0FINLEAD', at);
    expect(await answerTo(table, 'U0FINLEAD')).toContain('Your approval counts.');
    await table.slack.faults([
      { kind: 'http_error', method: 'response_url' },
      { kind: 'api_error', method: 'chat.postEphemeral', error: 'user_not_in_channel' },
    ]);
    await approver.click(table, 'U0TREASURER', at);
    const dm = await table.slack.waitFor(async () => (await table.slack.dms('U0TREASURER')).map(words).at(-1));
    expect(dm).toContain('Your approval counts.');
  });

  test('never comes before the decision is recorded, and neither does the acknowledgement', async () => {
    const record = makeRecord();
    const recorded = later<DecideAnswer>();
    const called = later<void>();
    const decide = () => {
      called.resolve();
      return recorded.promise;
    };
    const table = await open(depsAround(record, { decide }));
    const at = await post(table, record);
    const act = approver.click(table, 'U0FINLEAD', at);
    await called.promise;
    expect(await table.slack.ephemerals('U0FINLEAD')).toEqual([]);
    expect(await Promise.race([act, Promise.resolve('not acknowledged')])).toBe('not acknowledged');
    recorded.resolve({ kind: 'counted', record });
    expect(await act).toMatchObject({ ok: true });
    expect(await answerTo(table, 'U0FINLEAD')).toContain('Your approval counts.');
  });

  test('still comes when Slack had to be acknowledged before the decision was done', async () => {
    const record = makeRecord();
    const recorded = later<DecideAnswer>();
    const table = await open(depsAround(record, { decide: () => recorded.promise }), { config: { ack_after_ms: 0 } });
    const at = await post(table, record);
    expect(await approver.click(table, 'U0FINLEAD', at)).toMatchObject({ ok: true, acked: true });
    expect(await table.slack.ephemerals('U0FINLEAD')).toEqual([]);
    recorded.resolve({ kind: 'counted', record });
    expect(await answerTo(table, 'U0FINLEAD')).toContain('Your approval counts.');
  });

  test('does not change the card: that is left to whoever draws it after the commit', async () => {
    const record = makeRecord();
    const table = await open(depsAround(record, { decide: counted(approvedRecord()) }));
    const at = await post(table, record);
    await approver.click(table, 'U0FINLEAD', at);
    await answerTo(table, 'U0FINLEAD');
    expect((await table.slack.messages(at.channel))[0]?.revision).toBe(1);
  });

  test('comes for a button that is not ours any more', async () => {
    const table = await open(depsAround(makeRecord()));
    const client = webClient(table);
    const text = { type: 'plain_text', text: 'Old' } as const;
    const posted = await client.chat.postMessage({
      channel: 'C0PAYMENTS',
      text: 'old',
      blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'approve_v0', text, value: 'x' }] }],
    });
    const at = { channel: 'C0PAYMENTS', ts: posted.ts ?? '' };
    expect(await approver.click(table, 'U0FINLEAD', at, 'approve_v0')).toMatchObject({ ok: true });
    expect(await answerTo(table, 'U0FINLEAD')).toContain('This button does nothing any more.');
  });
});
