// Audit events are read in the order in which they were written, whatever their ids and whoever's clock made those.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { recordEvent } from '../../src/audit/record.ts';
import * as auditEvents from '../../src/db/audit-events.ts';
import { ID_RANDOM_BYTES, makeId } from '../../src/domain/ids.ts';
import { CLOCK } from '../../src/domain/people/principal.ts';
import { newId } from '../../src/process/wiring.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('events of one transaction, of one millisecond and of a clock that went back keep their order', async () => {
  const request_id = newId('request');
  const whys = ['first', 'second', 'third', 'fourth'];
  await database.transact(TENANT, async (tx) => {
    for (const [place, refusal] of whys.entries()) {
      // Each id sorts below the one before.
      const id = makeId('event', 1_000_000 - Math.floor(place / 2), new Uint8Array(ID_RANDOM_BYTES).fill(9 - place));
      const facts = { refusal, decision: 'approve' };
      const event = { type: 'decision.refused', outcome: 'failure', actor: CLOCK, request_id, facts } as const;
      await recordEvent({ newId: () => id }, tx, event);
    }
  });
  for (const filter of [request_id, null]) {
    const listed = await database.transact(TENANT, (tx) =>
      auditEvents.listEvents(tx, { request_id: filter, type: null, limit: 4 }),
    );
    expect(listed.map(({ facts }) => facts['refusal'])).toEqual([...whys].reverse());
  }
});
