// The hours of a rule when a request is made: settled then by the database's clock, kept with the request, told when they deny.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { afterOpenSeconds, type Calendar, DAYS } from '../../src/domain/policy/calendar.ts';
import type { Hours, OUTSIDE } from '../../src/domain/policy/hours.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { apply, makeClick, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

/** Open on one whole day in UTC: never today, whenever the test runs. */
const FAR: Calendar = {
  time_zone: 'UTC',
  days: [DAYS[(new Date().getUTCDay() + 3) % 7] ?? 'sun'],
  from_minutes: 0,
  to_minutes: 1_440,
  except: [],
};
const ALWAYS: Calendar = { ...FAR, days: DAYS };
const CALENDARS = { far: FAR, always: ALWAYS };

let database: TestDatabase;
let world: World;
let api: TestUseCases;
const rule = (calendar: string, outside: (typeof OUTSIDE)[number], timeout_seconds = 600) => {
  const hours: Hours = { calendar, outside };
  const name = `${calendar}-${outside}`;
  return makeRule({ name, match: { ...makeRule().match, resource: `${name}/*` }, hours, timeout_seconds });
};
const RULES = [
  ...(['wait', 'deny', 'page'] as const).flatMap((outside) => [rule('far', outside), rule('always', outside)]),
  // Thirty days from its day on hold it five times, those from today on only four.
  { ...rule('far', 'wait', 4.5 * 86_400), name: 'long', match: { ...makeRule().match, resource: 'long/*' } },
];
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, { ...makePolicy(RULES), calendars: CALENDARS });
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const ask = (name: string, changes = {}) =>
  api.submit(world.caller, makeSubmission({ resource: `${name}/1`, ...changes }));

describe('outside the hours', () => {
  test('a request that waits expires after so much open time, a little spread, and keeps that whatever is applied', async () => {
    const request = await ask('far-wait');
    const open_at = afterOpenSeconds(FAR, request.created_at, 600)?.getTime() ?? 0;
    const late_ms = (request.expires_at?.getTime() ?? 0) - open_at;
    expect(late_ms).toBeGreaterThanOrEqual(0);
    expect(late_ms).toBeLessThan(60_000);
    await apply(world.service, { ...makePolicy(RULES), calendars: { ...CALENDARS, far: ALWAYS } });
    expect((await api.readRequest(world.caller, request.id)).expires_at).toEqual(request.expires_at);
    await apply(world.service, { ...makePolicy(RULES), calendars: CALENDARS });
    // A click counts at any hour.
    expect(await decide(world.deps, makeClick(request, 'ann'))).toMatchObject({ kind: 'counted' });
  });

  test('one that is asked for less time gets that much open time', async () => {
    const request = await ask('far-wait', { timeout_seconds: 60 });
    const open_at = afterOpenSeconds(FAR, request.created_at, 60)?.getTime() ?? 0;
    expect((request.expires_at?.getTime() ?? 0) - open_at).toBeLessThan(6_000);
  });

  test('a rule that denies then says so to the agent, and keeps it', async () => {
    const request = await ask('far-deny');
    const reason = 'The rule “far-deny” denies this outside its hours.';
    expect(request).toMatchObject({ state: 'denied', requirement: null, outcome: { reason } });
    expect((await api.readRequest(world.caller, request.id)).outcome?.reason).toBe(reason);
  });

  test('one that pages goes on by the clock, as an urgent one', async () => {
    const request = await ask('far-page');
    expect(request.expires_at?.getTime()).toBe(request.created_at.getTime() + 600_000);
    const rows = await database.asSuperuser<{ urgent: string }>(
      `select requirement ->> 'urgent' as urgent from placet.approval_requests where id = '${request.id}'`,
    );
    expect(rows).toEqual([{ urgent: 'true' }]);
  });

  test('what would wait for more than thirty days is refused with its own code, and leaves nothing', async () => {
    const before = await database.asSuperuser('select id from placet.approval_requests');
    await expect(ask('long')).rejects.toMatchObject({ code: 'outside_hours' });
    expect(await database.asSuperuser('select id from placet.approval_requests')).toHaveLength(before.length);
    expect((await ask('long', { timeout_seconds: 60 })).state).toBe('pending');
  });
});

test('within the hours nothing is other than without them', async () => {
  for (const outside of ['wait', 'deny', 'page'] as const) {
    const request = await ask(`always-${outside}`);
    expect(request.state).toBe('pending');
    expect(request.expires_at?.getTime()).toBe(request.created_at.getTime() + 600_000);
  }
});
