// Each reader of a request record reads its own parts, as every other reader reads them, and no more.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as readers from '../../src/db/record-parts.ts';
import { readRequestRecord } from '../../src/db/request-records.ts';
import { newId } from '../../src/process/wiring.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeSubmission, type World } from '../support/builders.ts';
import { TENANT, type TestDatabase } from '../support/database.ts';
import { openTestApi, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database, world, api, close } = await openTestApi());
});
afterAll(() => close());

test('whoever reads a part of a record reads the same of it', async () => {
  const { caller } = world;
  const pending = await api.submit(caller, makeSubmission({ on_behalf_of: 'ben@example.com' }));
  const denied = await api.submit(caller, makeSubmission());
  await decide(world.deps, makeClick(denied, 'ann', { decision: 'deny', reason: 'not now' }));
  const reported = await submitApproved(api, world);
  await api.claim(caller, reported.id);
  await api.report({ caller }, reported.id, { status: 'failed', detail: 'no', result_digest: null });
  const started = await submitApproved(api, world);
  await api.start(caller, { id: started.id, idempotency_key: 'once', digest: started.digest });
  for (const request of [pending, denied, reported, started]) {
    for (const kind of ['card', 'undeliverable', 'reminder'])
      await database.asSuperuser(
        `insert into placet.slack_messages
        (tenant_id, id, request_id, kind, destination, state, ts, revision, updated_at, posted_at, undelivered_at)
        values ($1, $2, $3, $4, 'C0', 'posted', $2, 0, now(), now(), now())`,
        [TENANT, newId('message'), request.id, kind],
      );
  }
  for (const { id } of [pending, denied, reported, started]) {
    const read = (reader: readers.Reader<object>) =>
      database.transact(TENANT, (tx) => readRequestRecord<object>(tx, id, reader));
    const whole = Object.assign(
      {},
      ...[await read(readers.VIEWED), await read(readers.OPERATOR), await read(readers.APPROVED)],
    ) as Record<string, unknown>;
    expect(Object.keys(whole)).toHaveLength(15);
    expect(whole['cards']).toHaveLength(1);
    // Who asks and who approves now is read by one reader alone, where an approval is acted upon.
    const { requester, standing } = (await read(readers.APPROVED)) as Record<string, unknown>;
    Object.assign(whole, { requester, standing });
    for (const [name, reader] of Object.entries(readers)) {
      const part = (await read(reader)) ?? {};
      const same = Object.fromEntries(Object.keys(part).map((key) => [key, whole[key]]));
      expect([name, part]).toEqual([name, same]);
      expect(Object.keys(part).length).toBeLessThan(13);
    }
  }
});
