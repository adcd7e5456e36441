// How often a use case waits for the database: each time costs the agent, or the person who clicked, a round trip.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Transact, Tx } from '../../src/db/database.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';

/** A begin and a commit. */
const AROUND = 2;

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let trips = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  api = createTestUseCases({ ...database, transact: counting(database.transact) });
  // The first claim makes the key.
  await api.claim(world.caller, (await submitApproved(api, world)).id);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Statements that are sent while one is under way travel with it. */
function counting(transact: Transact): Transact {
  return (tenant_id, work) => {
    trips += AROUND;
    return transact(tenant_id, (tx) => {
      let under_way = 0;
      const query: Tx['query'] = async (text, values) => {
        if (under_way === 0) trips += 1;
        under_way += 1;
        try {
          return await tx.query(text, values);
        } finally {
          under_way -= 1;
        }
      };
      return work({ ...tx, query });
    });
  };
}

async function tripsOf(work: () => Promise<unknown>): Promise<number> {
  trips = 0;
  await work();
  return trips;
}

test('a create, a click and a claim wait for the database no more often than this', async () => {
  const deps = { ...world.deps, transact: counting(database.transact) };
  const submitted = await tripsOf(() => api.submit(world.caller, makeSubmission()));
  const request = await api.submit(world.caller, makeSubmission());
  // Her account is linked by the first one.
  await decide(deps, makeClick(await api.submit(world.caller, makeSubmission()), 'ann'));
  const clicked = await tripsOf(() => decide(deps, makeClick(request, 'ann')));
  const claimed = await tripsOf(() => api.claim(world.caller, request.id));
  expect({ submitted, clicked, claimed }).toEqual({ submitted: 6, clicked: 7, claimed: 6 });
});
