// The pages of very long content: all of it is seen before Approve, and each page is shown only to who may see it by then.

import { expect, test } from '@jest/globals';
import { approver } from '@placet/playground';
import type { RequestRecord } from '../../src/domain/request/record.ts';
import { contentPages } from '../../src/slack/draw/review-modal.ts';
import type { SlackDeps } from '../../src/slack/receive/listener-context.ts';
import { later } from '../support/later.ts';
import { approvedRecord, makeRecord } from './draw/request-records.ts';
import { AS, counted, depsAround, open, openView, recorder, topView } from './support.ts';

const RECORD = makeRecord({ parameters: { text: '\u007f'.repeat(50_000) } });

test('Review leads through the pages of very long content, and only the last one approves', async () => {
  const { decide, inputs } = recorder(counted(approvedRecord()));
  const table = await open(depsAround(RECORD, { decide }));
  const view = await openView(table, RECORD, 'review');
  const pages = contentPages(RECORD).length;
  for (let page = 1; page < pages; page += 1) {
    expect(inputs).toEqual([]);
    await approver.submit(table, AS, view);
    expect(await topView(table)).toContain(`page ${page + 1} of ${pages}`);
  }
  await approver.submit(table, AS, view);
  expect(inputs).toHaveLength(1);
  expect(await topView(table)).toContain('Counted: Your approval counts.');
});

test('Review shows a later page only to one who may still see it', async () => {
  const viewed: Awaited<ReturnType<SlackDeps['recordContentView']>>[] = [
    { kind: 'recorded', record: RECORD },
    { kind: 'recorded', record: RECORD },
    { kind: 'refused', refusal: 'not_in_group', record: RECORD },
  ];
  const viewers: string[] = [];
  const recordContentView: SlackDeps['recordContentView'] = async ({ profile }) => {
    viewers.push(profile.user_id);
    return viewed.shift() as (typeof viewed)[number];
  };
  const table = await open(depsAround(RECORD, { recordContentView }));
  const view = await openView(table, RECORD, 'review');
  await approver.submit(table, AS, view);
  expect(await topView(table)).toContain('page 2 of');
  await approver.submit(table, AS, view);
  expect(await topView(table)).toContain('Not counted: Nothing was recorded: members of payments decide on this');
  expect(viewers).toEqual([AS, AS, AS]);
});

test('Review shows no later page to somebody whom Slack cannot name', async () => {
  const table = await open(depsAround(RECORD));
  const view = await openView(table, RECORD, 'review');
  await table.slack.faults({ kind: 'api_error', method: 'users.info', error: 'internal_error' });
  await approver.submit(table, AS, view);
  expect(await topView(table)).toContain('Not recorded: We could not check with Slack who you are.');
});

test('a page that takes long says so, and comes then', async () => {
  const recorded = later<{ kind: 'recorded'; record: RequestRecord }>();
  const answers = [Promise.resolve({ kind: 'recorded', record: RECORD } as const), recorded.promise];
  const recordContentView: SlackDeps['recordContentView'] = () => answers.shift() ?? recorded.promise;
  const table = await open(depsAround(RECORD, { recordContentView }), { config: { ack_after_ms: 0 } });
  const view = await openView(table, RECORD, 'review');
  await approver.submit(table, AS, view);
  expect(await topView(table)).toContain('The next page is on its way. Nothing was recorded.');
  recorded.resolve({ kind: 'recorded', record: RECORD });
  expect(await table.slack.waitFor(async () => (await topView(table)).includes('page 2 of'))).toBe(true);
});
