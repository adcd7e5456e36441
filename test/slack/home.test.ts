// What waits for me: the Home tab and /placet, private and fresh.

import { describe, expect, test } from '@jest/globals';
import { approver, words } from '@placet/playground';
import type { RequestRecord } from '../../src/domain/request/record.ts';
import type { DecideAnswer } from '../../src/service/approver/decide.ts';
import type { SlackDeps } from '../../src/slack/receive/listener-context.ts';
import { deniedRecord, makeRecord } from './draw/request-records.ts';
import { answerTo, depsAround, open, recorder, type Table } from './support.ts';

const AS = 'U0DBA';

function waitingDeps(items: readonly RequestRecord[], more: Partial<SlackDeps> = {}): SlackDeps {
  const [first] = items;
  const listWaitingFor: SlackDeps['listWaitingFor'] = async () => ({ kind: 'listed', items, has_more: false });
  return depsAround(first ?? makeRecord(), { listWaitingFor, ...more });
}

async function homeOf(table: Table): Promise<string> {
  await table.slack.openHome({ as: AS });
  return table.slack.waitFor(async () => {
    const view = await table.slack.home(AS);
    return view === null ? null : words(view);
  });
}

function requests(count: number): RequestRecord[] {
  return Array.from({ length: count }, (_, n) => makeRecord({ resource: `order/${n}` }));
}

describe('the Home tab', () => {
  test('shows the queue of the person who opens it', async () => {
    const table = await open(waitingDeps(requests(2)));
    const home = await homeOf(table);
    expect(home).toContain('2 requests, the next to expire first');
    expect(home).toContain('orders.refund on order/0\norders-agent, run by Support, expires 2026-11-21 14:30 UTC');
    expect(home).toContain('orders.refund on order/1');
  });

  test('shows fifteen requests and says how many more there are', async () => {
    const table = await open(waitingDeps(requests(20)));
    const home = await homeOf(table);
    expect(home).toContain('orders.refund on order/14');
    expect(home).not.toContain('orders.refund on order/15');
    expect(home).toContain('5 more');
  });

  test('says so when nothing waits', async () => {
    const table = await open(waitingDeps([]));
    expect(await homeOf(table)).toContain('Nothing waits for your decision.');
  });

  test('says so, rather than "nothing", when what waits cannot be read', async () => {
    const table = await open(waitingDeps([]));
    await table.slack.faults({ kind: 'api_error', method: 'users.info', error: 'internal_error' });
    expect(await homeOf(table)).toContain('We could not read what waits for you.');
  });

  test('asks with what the sources of all groups say', async () => {
    const inputs: unknown[] = [];
    const listSources = async () =>
      (['S0DBA', 'S0NONE'] as const).map((id) => ({ kind: 'slack_user_group' as const, id }));
    const listWaitingFor: SlackDeps['listWaitingFor'] = async (what) => {
      inputs.push(what);
      return { kind: 'listed', items: [], has_more: false };
    };
    const table = await open(waitingDeps([], { listSources, listWaitingFor }));
    await homeOf(table);
    const answers = [
      { source: { id: 'S0DBA' }, members: expect.arrayContaining([`T0ACME/${AS}`]) },
      { source: { id: 'S0NONE' }, members: [] },
    ];
    expect(inputs).toMatchObject([{ answers, profile: { user_id: AS } }]);
    // Slack lists a group once for all who look within a minute.
    await table.slack.command({ as: AS, channel: 'C0DBA', command: '/placet' });
    expect(inputs).toHaveLength(2);
    const lists = (await table.slack.calls()).filter(({ method }) => method === 'usergroups.users.list');
    expect(lists.filter(({ args }) => args['usergroup'] === 'S0DBA')).toHaveLength(1);
  });

  test('denies from its own button, with no card to compare, and is drawn anew afterwards', async () => {
    const record = makeRecord();
    let items = [record];
    const { decide, inputs } = recorder(async (): Promise<DecideAnswer> => {
      items = [];
      return { kind: 'counted', record: deniedRecord() };
    });
    const listWaitingFor: SlackDeps['listWaitingFor'] = async () => ({ kind: 'listed', items, has_more: false });
    const table = await open(waitingDeps(items, { decide, listWaitingFor }));
    await homeOf(table);
    const home = await table.slack.home(AS);
    await table.slack.clickInView({ as: AS, view_id: home?.id ?? '', action_id: 'deny' });
    const view = await approver.openModalOf(table, AS);
    await approver.submit(table, AS, view, { reason: 'Not today.' });
    expect(inputs).toMatchObject([{ request_id: record.request.id, message: null, decision: 'deny' }]);
    const cleared = table.slack.waitFor(async () => {
      const shown = await table.slack.home(AS);
      return shown !== null && words(shown).includes('Nothing waits for your decision.');
    });
    expect(await cleared).toBe(true);
  });

  test('lets the newer reading win when somebody published meanwhile', async () => {
    const table = await open(waitingDeps(requests(1)));
    await table.slack.faults({ kind: 'api_error', method: 'views.publish', error: 'hash_conflict', count: 1 });
    expect(await homeOf(table)).toContain('orders.refund on order/0');
  });
});

describe('/placet', () => {
  test('lists privately what waits for the person', async () => {
    const table = await open(waitingDeps(requests(16)));
    const act = await table.slack.command({ as: AS, channel: 'C0DBA', command: '/placet' });
    expect(act).toMatchObject({ ok: true, acked: true });
    const list = await answerTo(table, AS);
    expect(list).toContain('16 requests waiting for you, the next to expire first');
    expect(list).toContain('Needs 2 people of payments, has 0 of 2');
    expect(list).toContain('1 more');
    expect(await table.slack.ephemerals('U0MEMBER')).toEqual([]);
    expect(await table.slack.messages('C0DBA')).toEqual([]);
  });

  test('says so when nothing waits', async () => {
    const table = await open(waitingDeps([]));
    await table.slack.command({ as: AS, channel: 'C0DBA', command: '/placet' });
    expect(await answerTo(table, AS)).toContain('Nothing waits for your decision.');
  });

  test('tells an account that no person is linked to what to do, rather than that nothing waits', async () => {
    const listWaitingFor: SlackDeps['listWaitingFor'] = async () => ({ kind: 'refused', refusal: 'not_linked' });
    const table = await open(waitingDeps([], { listWaitingFor }));
    await table.slack.command({ as: AS, channel: 'C0DBA', command: '/placet' });
    const sentence = 'we do not know which person your Slack account belongs to. Ask whoever keeps the policy file';
    for (const words of [await answerTo(table, AS), await homeOf(table)]) {
      expect(words).toContain(sentence);
      expect(words).toContain('T0ACME/U0DBA');
      expect(words).not.toContain('Nothing waits');
    }
  });

  test('says so when the record cannot be read', async () => {
    const listWaitingFor = () => Promise.reject(new Error('down'));
    const table = await open(waitingDeps([], { listWaitingFor }));
    await table.slack.command({ as: AS, channel: 'C0DBA', command: '/placet' });
    expect(await answerTo(table, AS)).toContain('We could not read what waits for you.');
  });
});
