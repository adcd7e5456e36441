// Where a rule asks more of whoever approves: no card and no Review approves, only the modal that asks for it.

import { describe, expect, test } from '@jest/globals';
import { approver } from '@placet/playground';
import type { Requirement } from '../../src/domain/request/request.ts';
import { drawCard } from '../../src/slack/draw/card.ts';
import type { SlackDeps } from '../../src/slack/receive/listener-context.ts';
import { buttonsIn, wordsIn } from './draw/drawn.ts';
import { approvedRecord, DIGEST, makeRecord, NOW } from './draw/request-records.ts';
import { AS, counted, depsAround, open, openView, recorder, topView } from './support.ts';

const { requirement } = makeRecord().request;
const asking = (more: Partial<Requirement>) =>
  makeRecord({ requirement: { stages: requirement?.stages ?? [], ...more } });
const REASON = asking({ reason: 'required' });
const CONFIRM = asking({ confirm: true });

describe.each([
  ['a reason', REASON],
  ['a second look', CONFIRM],
])('a rule that asks for %s', (what, record) => {
  test('has no Approve on its card, and one click on a card approves nothing', () => {
    expect(buttonsIn(drawCard(makeRecord(), NOW))).toEqual(['approve', 'review', 'deny']);
    expect(buttonsIn(drawCard(record, NOW))).toEqual(['review', 'deny']);
    expect(wordsIn(drawCard(record, NOW))).toContain(`To approve\n  \n${what}`);
  });

  test('is asked for behind Review, and nothing is decided before', async () => {
    const { decide, inputs } = recorder(counted(approvedRecord()));
    const table = await open(depsAround(record, { decide }));
    const view = await openView(table, record, 'review');
    expect(view.submit).toMatchObject({ text: 'Approve…' });
    await approver.submit(table, AS, view);
    expect(inputs).toEqual([]);
    expect(await topView(table)).toMatch(/^Approve request: orders\.refund on order\/A-1001\?/);
    await approver.submit(table, AS, view, record === REASON ? { reason: 'Looks right.' } : {});
    expect(inputs).toMatchObject([{ decision: 'approve', shown_digest: DIGEST, shown: 'confirmed' }]);
    expect(await topView(table)).toContain('Counted: Your approval counts.');
  });

  test('is asked only of one who may still see the content', async () => {
    const viewed: Awaited<ReturnType<SlackDeps['recordContentView']>>[] = [
      { kind: 'recorded', record },
      { kind: 'refused', refusal: 'not_in_group', record },
    ];
    const recordContentView: SlackDeps['recordContentView'] = async () => viewed.shift() as (typeof viewed)[number];
    const table = await open(depsAround(record, { recordContentView }));
    await approver.submit(table, AS, await openView(table, record, 'review'));
    expect(await topView(table)).toContain('Not counted: Nothing was recorded: members of payments decide on this');
  });
});

test('a reason that is required is demanded before anything is decided, and reaches the record', async () => {
  const { decide, inputs } = recorder(counted(approvedRecord()));
  const table = await open(depsAround(REASON, { decide }));
  const view = await openView(table, REASON, 'review');
  await approver.submit(table, AS, view);
  const act = await approver.submit(table, AS, view, { reason: '  \u0000 .. ' });
  expect(act).toMatchObject({ response_action: 'errors' });
  expect(inputs).toEqual([]);
  await approver.submit(table, AS, view, { reason: ' The parcel came back. ' });
  expect(inputs).toMatchObject([{ reason: 'The parcel came back.' }]);
});

test('a second look alone asks for no reason', async () => {
  const { decide, inputs } = recorder(counted(approvedRecord()));
  const table = await open(depsAround(CONFIRM, { decide }));
  const view = await openView(table, CONFIRM, 'review');
  await approver.submit(table, AS, view);
  expect(await topView(table)).not.toContain('Reason');
  await approver.submit(table, AS, view);
  expect(inputs).toMatchObject([{ reason: null, shown: 'confirmed' }]);
});
