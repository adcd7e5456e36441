// Review and Deny: the modals open at once, check everything again when submitted, and end as the answer.

import { describe, expect, test } from '@jest/globals';
import { approver, words } from '@placet/playground';
import { PlacetError } from '../../src/domain/errors.ts';
import type { RequestRecord } from '../../src/domain/request/record.ts';
import type { DecideAnswer } from '../../src/service/approver/decide.ts';
import type { SlackDeps } from '../../src/slack/receive/listener-context.ts';
import { later } from '../support/later.ts';
import { APPROVAL, approvedRecord, DIGEST, deniedRecord, makeRecord, NOW } from './draw/request-records.ts';
import {
  AS,
  answerTo,
  clickOn,
  counted,
  depsAround,
  open,
  openView,
  recorder,
  type Table,
  topView,
} from './support.ts';

const LONG = makeRecord({ parameters: { text: 'x'.repeat(5_000) } });
const REASON = { reason: 'Paid back already.' };

async function expectNoView(table: Table, record: RequestRecord, action_id: string): Promise<void> {
  await clickOn(table, record, action_id);
  expect(await table.slack.views(AS)).toEqual([]);
}

describe('Deny', () => {
  test('asks for the reason in a modal that repeats what it is about', async () => {
    const table = await open(depsAround(makeRecord()));
    const view = await openView(table, makeRecord(), 'deny');
    expect(view.callback_id).toBe('deny_submit');
    expect(words(view)).toContain('orders.refund on order/A-1001?\nAsked by orders-agent, run by Support.');
    expect(JSON.stringify(view.blocks)).toContain('The agent sees this.');
  });

  test('records the reason and turns the modal into the answer', async () => {
    const record = makeRecord();
    const { decide, inputs } = recorder(counted(deniedRecord()));
    const table = await open(depsAround(record, { decide }));
    const view = await openView(table, record, 'deny');
    const act = await approver.submit(table, AS, view, REASON);
    expect(act).toMatchObject({ ok: true, response_action: 'update' });
    expect(await topView(table)).toContain('Counted: Your denial counts. Denied by Treasurer');
    const [at] = await table.slack.messages('C0PAYMENTS');
    expect(inputs).toMatchObject([
      {
        request_id: record.request.id,
        decision: 'deny',
        reason: 'Paid back already.',
        shown_digest: DIGEST,
        profile: { user_id: AS, team_id: 'T0ACME' },
        message: `C0PAYMENTS/${at?.ts}`,
      },
    ]);
  });

  test.each([['  x  '], ['   ']])('without a real reason stays open and says what is missing: %j', async (reason) => {
    const { decide, inputs } = recorder(counted(deniedRecord()));
    const table = await open(depsAround(makeRecord(), { decide }));
    const view = await openView(table, makeRecord(), 'deny');
    const act = await approver.submit(table, AS, view, { reason });
    expect(act).toMatchObject({ ok: false, error: 'field_errors' });
    expect(Object.keys(act.errors ?? {})).toEqual(['reason']);
    expect(inputs).toEqual([]);
  });

  test('records the reason without the character that no database takes', async () => {
    const { decide, inputs } = recorder(counted(deniedRecord()));
    const table = await open(depsAround(makeRecord(), { decide }));
    const view = await openView(table, makeRecord(), 'deny');
    await approver.submit(table, AS, view, { reason: 'Paid \u0000back.' });
    expect(inputs).toMatchObject([{ reason: 'Paid back.' }]);
  });

  test('of what is over meanwhile is answered with how it ended', async () => {
    const decide = async (): Promise<DecideAnswer> => ({
      kind: 'refused',
      refusal: 'closed',
      record: approvedRecord(),
      person_id: null,
    });
    const table = await open(depsAround(makeRecord(), { decide }));
    const view = await openView(table, makeRecord(), 'deny');
    await approver.submit(table, AS, view, REASON);
    expect(await topView(table)).toContain(
      'Not counted: Nothing was recorded: this is already over. Approved by Finance',
    );
  });

  test.each([
    ['closed', makeRecord({ state: 'cancelled', closed_at: NOW }), 'this is already over. Cancelled by the agent'],
    [
      'already_counted',
      makeRecord({}, { decisions: [{ ...APPROVAL, account: `T0ACME/${AS}` }] }),
      'was already counted',
    ],
  ])('opens no modal when there is nothing left to deny: %s', async (_why, record, line) => {
    const table = await open(depsAround(record));
    await expectNoView(table, makeRecord(), 'deny');
    expect(await answerTo(table, AS)).toContain(line);
  });
});

describe('Review', () => {
  test('shows all of the content, is recorded as opened, and holds the approve button', async () => {
    const viewed: unknown[] = [];
    const recordContentView: SlackDeps['recordContentView'] = async (inputs) => {
      viewed.push(inputs);
      return { kind: 'recorded', record: LONG };
    };
    const table = await open(depsAround(LONG, { recordContentView }));
    const view = await openView(table, LONG, 'review');
    expect(words(view)).toContain('x'.repeat(2_000));
    expect(words(view).match(/x/g)?.length).toBeGreaterThanOrEqual(5_000);
    expect(view.submit).toMatchObject({ text: 'Approve' });
    expect(viewed).toMatchObject([{ tenant_id: 'main', request_id: LONG.request.id, profile: { user_id: AS } }]);
  });

  test('approves what the modal showed, though the card that opened it was drawn from other content', async () => {
    const changed = { ...LONG, request: { ...LONG.request, digest: `sha256:${'9'.repeat(64)}` } };
    const { decide, inputs } = recorder(counted(approvedRecord()));
    const recordContentView: SlackDeps['recordContentView'] = async () => ({ kind: 'recorded', record: changed });
    const table = await open(depsAround(LONG, { decide, recordContentView }));
    const view = await openView(table, LONG, 'review');
    await approver.submit(table, AS, view);
    expect(inputs).toMatchObject([{ shown_digest: changed.request.digest }]);
  });

  test.each<[action: string, values: Record<string, string>]>([
    ['review', {}],
    ['deny', REASON],
  ])(
    '%s decides on the content that its modal was opened for, whatever the record says by then',
    async (action, values) => {
      const changed = { ...LONG, request: { ...LONG.request, digest: `sha256:${'8'.repeat(64)}` } };
      const { decide, inputs } = recorder(counted(approvedRecord()));
      const table = await open(depsAround(LONG, { decide, readCard: async () => changed }));
      const view = await openView(table, LONG, action);
      await approver.submit(table, AS, view, values);
      expect(inputs).toMatchObject([{ shown_digest: DIGEST }]);
    },
  );

  test('approves from the modal only as one who saw all of it', async () => {
    const { decide, inputs } = recorder(counted(approvedRecord()));
    const table = await open(depsAround(LONG, { decide }));
    const view = await openView(table, LONG, 'review');
    await approver.submit(table, AS, view);
    expect(inputs).toMatchObject([{ decision: 'approve', reason: null, shown_digest: DIGEST, shown: 'whole' }]);
    expect(await topView(table)).toContain('Counted: Your approval counts.');
  });

  test('is refused with the reason to those who may not see it', async () => {
    const recordContentView = async () => ({ kind: 'refused', refusal: 'not_in_group', record: LONG }) as const;
    const table = await open(depsAround(LONG, { recordContentView }));
    await expectNoView(table, LONG, 'review');
    expect(await answerTo(table, AS)).toContain('members of payments decide on this');
  });

  test('shows nothing when Slack cannot say who clicked', async () => {
    const table = await open(depsAround(LONG));
    await table.slack.faults({ kind: 'api_error', method: 'users.info', error: 'internal_error' });
    await expectNoView(table, LONG, 'review');
    expect(await answerTo(table, AS)).toContain('We could not check with Slack who you are.');
  });

  test('says so when Slack does not open the modal', async () => {
    const table = await open(depsAround(LONG));
    await table.slack.faults({ kind: 'api_error', method: 'views.open', error: 'expired_trigger_id' });
    await expectNoView(table, LONG, 'review');
    expect(await answerTo(table, AS)).toContain('We could not show this in time.');
  });
});

describe('a submission', () => {
  test('by somebody whom Slack cannot name records nothing and says so', async () => {
    const { decide, inputs } = recorder(counted(approvedRecord()));
    const table = await open(depsAround(LONG, { decide }));
    const view = await openView(table, LONG, 'review');
    await table.slack.faults({ kind: 'http_error', method: 'users.info' });
    await approver.submit(table, AS, view);
    expect(await topView(table)).toContain('Not recorded: We could not check with Slack who you are.');
    expect(inputs).toEqual([]);
  });

  test('that cannot be recorded says so', async () => {
    const decide = () => Promise.reject(new PlacetError('unavailable'));
    const table = await open(depsAround(LONG, { decide }));
    const view = await openView(table, LONG, 'review');
    await approver.submit(table, AS, view);
    expect(await topView(table)).toContain('Not recorded: We could not confirm that this was recorded.');
  });

  test('that takes long shows that it is being recorded, and then the answer', async () => {
    const recorded = later<DecideAnswer>();
    const deps = depsAround(LONG, { decide: () => recorded.promise });
    const table = await open(deps, { config: { ack_after_ms: 0 } });
    const view = await openView(table, LONG, 'review');
    const act = await approver.submit(table, AS, view);
    expect(act).toMatchObject({ ok: true, response_action: 'update' });
    expect(await topView(table)).toContain('Your decision is being recorded.');
    recorded.resolve({ kind: 'counted', record: approvedRecord() });
    const shown = table.slack.waitFor(async () => (await topView(table)).startsWith('Counted: Your approval counts.'));
    expect(await shown).toBe(true);
  });

  test('of a modal that was closed meanwhile is answered outside of it', async () => {
    const recorded = later<DecideAnswer>();
    const deps = depsAround(LONG, { decide: () => recorded.promise });
    const table = await open(deps, { config: { ack_after_ms: 0 } });
    const view = await openView(table, LONG, 'review');
    await approver.submit(table, AS, view);
    await table.slack.closeView({ as: AS, view_id: view.id });
    recorded.resolve({ kind: 'counted', record: approvedRecord() });
    expect(await answerTo(table, AS)).toContain('Your approval counts.');
  });
});
