// How often the record of a request is read where it is judged: once, after its lock was got, so that what is judged, what is
// written and what is answered are of one moment. Through the real door and the playground.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approver } from '@placet/playground';
import type { Transact, Tx } from '../../src/db/database.ts';
import * as messages from '../../src/db/messages.ts';
import { APPROVED, CARD, CLICK, GROUPS, VIEW, VIEWED } from '../../src/db/record-parts.ts';
import { newId } from '../../src/process/wiring.ts';
import { readCard } from '../../src/service/approver/approver.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { APPROVER_USE_CASES, bind, SETTINGS_USE_CASES } from '../../src/service/use-cases.ts';
import { AS, answerTo, open, post, type Table, topView } from '../slack/support.ts';
import {
  makeClick,
  makePolicy,
  makeRule,
  makeSubmission,
  makeWorld,
  sha256,
  TEAM,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';

const CHANNEL = 'C0DBA';
const READERS = Object.entries({ APPROVED, CARD, CLICK, GROUPS, VIEW, VIEWED });

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let read: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  const match = { ...makeRule().match, action: 'table.drop', resource: '*' };
  world = await makeWorld(database, makePolicy([makeRule(), makeRule({ name: 'tables', approvers: ['dba'], match })]));
  api = createTestUseCases({ ...database, transact: noting(database.transact) });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Notes each lock of a request, and each reading of one record by the name of its reader. */
function noting(transact: Transact): Transact {
  return (tenant_id, work) =>
    transact(tenant_id, (tx) => {
      const query: Tx['query'] = (text, values) => {
        if (text.includes('placet.approval_requests where id = $1 for update')) read.push('lock');
        const reader = READERS.find(([, { select }]) => text.startsWith(select))?.[0];
        if (reader !== undefined) read.push(reader);
        else if (text.endsWith('where r.id = $1'))
          read.push(text.includes('as lease_state') ? 'reported' : 'nobody we know');
        return tx.query(text, values);
      };
      return work({ ...tx, query });
    });
}

async function readBy(work: () => Promise<unknown>): Promise<string[]> {
  read = [];
  await work();
  return read;
}

describe('a click', () => {
  let table: Table;
  const atCard = async (work: (at: { channel: string; ts: string }) => Promise<unknown>) => {
    const { id } = await api.submit(
      world.caller,
      makeSubmission({ action: 'table.drop', parameters: { table: 'old' } }),
    );
    const record = await readCard(world.service, TENANT, id);
    const at = await post(table, record, CHANNEL);
    await database.transact(TENANT, async (tx) => {
      const row = { id: newId('message'), request_id: id, kind: 'card', destination: CHANNEL } as const;
      const { id: message_id } = await messages.claimMessage(tx, row);
      const place = { team_id: TEAM, channel_id: CHANNEL, ts: at.ts, tried_at: null };
      await messages.markPosted(tx, message_id, { ...place, revision: 0, drawn_at: new Date() });
    });
    return work(at);
  };
  test('reads the record once and under the lock, whichever button or modal it is of', async () => {
    const deps = { ...world.deps, transact: noting(database.transact) };
    table = await open(
      { ...bind(deps, APPROVER_USE_CASES), ...bind({ ...deps, sha256 }, SETTINGS_USE_CASES) },
      { config: { tenant_id: TENANT } },
    );
    await atCard(async (at) => {
      const approving = async () => {
        await approver.press(table, AS, at);
        expect(await answerTo(table, AS)).toContain('Your approval counts. Approved by treasurer@example.com');
      };
      expect(await readBy(approving)).toEqual(['GROUPS', 'lock', 'CLICK']);
    });
    await atCard(async (at) => {
      // Opening decides nothing, so nothing is locked: the modal is drawn from one reading.
      expect(await readBy(() => approver.press(table, AS, at, 'deny'))).toEqual(['GROUPS', 'CARD']);
      const view = await approver.openModalOf(table, AS);
      const values = { reason: 'Not now, please.' };
      const denying = async () => {
        await approver.submit(table, AS, view, values);
        expect(await topView(table)).toContain('Your denial counts. Denied by treasurer@example.com');
      };
      expect(await readBy(denying)).toEqual(['GROUPS', 'lock', 'CLICK']);
      await approver.closeModals(table, AS);
    });
    await atCard(async (at) => {
      expect(await readBy(() => approver.press(table, AS, at, 'review'))).toEqual(['GROUPS', 'lock', 'VIEWED']);
      const view = await approver.openModalOf(table, AS);
      expect(await readBy(() => approver.submit(table, AS, view))).toEqual(['GROUPS', 'lock', 'CLICK']);
    });
  });

  test('answers from what it read and wrote what the record says then', async () => {
    const request = await api.submit(world.caller, makeSubmission());
    const answer = await decide(world.deps, makeClick(request, 'ann'));
    const { request: stands, groups, decisions, cards } = await readCard(world.service, TENANT, request.id);
    expect(answer).toEqual({
      kind: 'counted',
      record: { request: stands, groups, decisions, cards, parts: expect.any(Array) },
    });
    expect(stands).toMatchObject({ state: 'approved', revision: 2 });
  });
});

test('an agent that claims, reports or cancels reads the record once and under the lock', async () => {
  const { caller } = world;
  const approved = await submitApproved(api, world);
  // The first claim of a tenant makes its key, and looks again.
  await api.claim(caller, approved.id);
  const started = await submitApproved(api, world);
  const key = { id: started.id, idempotency_key: 'once', digest: started.digest };
  expect(await readBy(() => api.start(caller, key))).toEqual(['lock', 'APPROVED']);
  const succeeded = { status: 'succeeded', detail: null, result_digest: null } as const;
  expect(await readBy(() => api.report({ caller }, started.id, succeeded))).toEqual(['lock', 'reported']);
  const claimed = await submitApproved(api, world);
  let token = '';
  const claiming = async () => ({ token } = await api.claim(caller, claimed.id));
  expect(await readBy(claiming)).toEqual(['lock', 'APPROVED']);
  const failed = { ...succeeded, status: 'failed' } as const;
  expect(await readBy(() => api.report({ token }, claimed.id, failed))).toEqual(['lock', 'reported']);
  const withdrawn = await api.submit(caller, makeSubmission());
  expect(await readBy(() => api.cancel(caller, withdrawn.id))).toEqual(['lock', 'VIEW']);
  expect(await api.cancel(caller, withdrawn.id)).toEqual(await api.readRequest(caller, withdrawn.id));
});
