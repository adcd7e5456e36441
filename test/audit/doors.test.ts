// No door changes the record in silence: every use case that changes something is played on real rows, and each transaction that
// changed one has its event.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decide } from '../../src/service/approver/decide.ts';
import { advance } from '../../src/service/clock/advance.ts';
import { APPROVER_USE_CASES, SETTINGS_USE_CASES } from '../../src/service/use-cases.ts';
import { OAUTH_OPERATIONS } from '../http/oauth/operations.ts';
import { OPERATIONS } from '../http/operations.ts';
import {
  makeClick,
  makePolicy,
  makeProfile,
  makeRule,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { shifted } from '../support/shifted.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';
import { type AdminPlays, adminPlays } from './admin-plays.ts';
import { ASKED_BY_POST, COMMAND_EVENTS, type EventTypes, SLACK, USE_CASE_EVENTS, type UseCase } from './event-types.ts';

/** Tables that say how things are on their way, not what is so: what is of interest there has events of its own. */
const ON_THEIR_WAY = ['outbox', 'slack_messages', 'slack_queues', 'tenants', 'audit_events', 'doubts'];

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let admin: AdminPlays;
let pass: (seconds: number) => void;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.asSuperuser('create table public.changes (xid xid8 not null, name text not null)');
  await database.asSuperuser('grant insert on public.changes to public');
  await database.asSuperuser(`create function public.note_change() returns trigger language plpgsql as $$
    begin
      -- Rising a number so that cards are drawn again changes nothing of the record.
      if tg_op = 'UPDATE' and (to_jsonb(old) - 'revision') = (to_jsonb(new) - 'revision') then return null; end if;
      insert into public.changes values (pg_current_xact_id(), tg_table_name);
      return null;
    end $$`);
  const tables = await database.asSuperuser<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'placet'::regnamespace and relkind = 'r' and relname <> all ($1)`,
    [ON_THEIR_WAY.filter((table) => table !== 'audit_events')],
  );
  for (const { name } of tables) {
    await database.asSuperuser(`create trigger note_change after insert or update or delete on placet.${name}
      for each row execute function public.note_change()`);
  }
  const moved = shifted(database.transact);
  pass = moved.pass;
  const { match } = makeRule();
  const bare = makeRule({ name: 'bare', match: { ...match, resource: 'bare/*' }, credential: null });
  world = await makeWorld({ ...database, transact: moved.transact }, makePolicy([bare, makeRule()]));
  api = createTestUseCases({ ...database, transact: moved.transact });
  admin = adminPlays({ world, transact: moved.transact, ask: () => ask() });
  // What the world was made with went past every door.
  await database.asSuperuser('delete from public.changes');
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** The types of the events that the work made; throws when a transaction changed a table without one. */
async function eventsOf(work: () => Promise<unknown>): Promise<string[]> {
  await database.asSuperuser('delete from public.changes');
  const [before] = await database.asSuperuser<{ at: string }>(
    'select coalesce(max(position), 0) as at from placet.audit_events',
  );
  await work();
  const silent = await database.asSuperuser<{ name: string }>(
    `select distinct name from public.changes c where not exists (
      select from public.changes e where e.xid = c.xid and e.name = 'audit_events')`,
  );
  expect(silent.map(({ name }) => name)).toEqual([]);
  const types = await database.asSuperuser<{ type: string }>(
    'select distinct type from placet.audit_events where position > $1',
    [before?.at],
  );
  return types.map(({ type }) => type);
}

const ask = (resource = 'order/A-1001') => api.submit(world.caller, makeSubmission({ resource }));
async function approved(resource?: string) {
  const request = await ask(resource);
  await decide(world.deps, makeClick(request, 'ann'));
  return request;
}
async function claimed() {
  const request = await approved();
  return { request, ...(await api.claim(world.caller, request.id)) };
}
const RESULT = { status: 'succeeded', detail: null, result_digest: null } as const;

/** What makes ready, and what the use case then does. */
const PLAYED: { readonly [U in UseCase]?: () => Promise<() => Promise<unknown>> } = {
  submit: async () => () => ask(),
  cancel: async () => {
    const { id } = await ask();
    return () => api.cancel(world.caller, id);
  },
  claim: async () => {
    const { id } = await approved();
    return () => api.claim(world.caller, id);
  },
  revokeCredential: async () => {
    const { token } = await claimed();
    return () => api.revokeCredential(world.caller, token);
  },
  exchange: async () => {
    const { id: request_id } = await approved();
    const wanted = { audience: null, scopes: null, idempotency_key: null };
    return () => api.exchange(world.caller, { request_id, ...wanted });
  },
  start: async () => {
    const { id, digest } = await approved('bare/1');
    return () => api.start(world.caller, { id, idempotency_key: randomUUID(), digest });
  },
  use: async () => {
    const { request, token, lease } = await claimed();
    return () => api.use({ lease_id: lease.id, token, digest: request.digest });
  },
  report: async () => {
    const { id } = await approved('bare/1');
    return () => api.report({ caller: world.caller }, id, RESULT);
  },
  revokeLease: async () => {
    const { request, lease } = await claimed();
    const input = { tenant_id: TENANT, of: { lease_id: lease.id }, by: world.caller };
    return () => api.revokeLease(input).then(() => request);
  },
  revokeByPerson: async () => {
    const { request } = await claimed();
    const input = { tenant_id: TENANT, request_id: request.id, profile: makeProfile('ann') };
    return () => APPROVER_USE_CASES.revokeByPerson(world.deps, input);
  },
  decide: async () => {
    const request = await ask();
    return () => decide(world.deps, makeClick(request, 'ben'));
  },
  recordContentView: async () => {
    const { id: request_id } = await ask();
    const input = { tenant_id: TENANT, request_id, profile: makeProfile('ann'), answers: [] };
    return () => APPROVER_USE_CASES.recordContentView(world.deps, input);
  },
};

const changing = <K extends string>(of: { readonly [N in K]: EventTypes }): K[] =>
  (Object.keys(of) as K[]).filter((name) => of[name].length > 0);

describe('what changes the record makes its event in the same transaction (INV-7)', () => {
  test.each(changing(USE_CASE_EVENTS))('%s', async (name) => {
    const play =
      PLAYED[name] ?? admin.useCases[name] ?? (async () => () => Promise.reject(new Error('nothing plays it')));
    const types = await eventsOf(await play());
    expect(types).toEqual(expect.arrayContaining([...USE_CASE_EVENTS[name]]));
  });

  test('what time demands', async () => {
    const { id: request_id } = await ask();
    const { request } = await claimed();
    pass(3_600);
    const undeliverable = { after_seconds: 86_400, admin_channel: null };
    const types = await eventsOf(async () => {
      for (const id of [request_id, request.id])
        await advance({ ...world.service, undeliverable }, { tenant_id: TENANT, request_id: id });
    });
    expect(types.sort()).toEqual(['approval_request.expired', 'lease.expired']);
  });

  test('a change of policy that waits for a second person', async () => {
    const types = await eventsOf(await admin.waiting());
    expect(types).toEqual(expect.arrayContaining(['policy.proposed', 'approval_request.created']));
  });

  test.each(changing(COMMAND_EVENTS))('placet: %s', async (name) => {
    const play = admin.commands[name] ?? (async () => () => Promise.reject(new Error('nothing plays it')));
    const types = await eventsOf(await play());
    expect(types).toEqual(expect.arrayContaining([...COMMAND_EVENTS[name]]));
  });
});

test('a route that is not read by GET leads to a use case that tells what it changed, and a GET to one that only reads', () => {
  for (const { method, pattern, dep } of [...OPERATIONS, ...OAUTH_OPERATIONS]) {
    const types = USE_CASE_EVENTS[dep as UseCase];
    expect({ route: `${method} ${pattern}`, changes: types !== undefined && types.length > 0 }).toEqual({
      route: `${method} ${pattern}`,
      changes: method !== 'GET' && !ASKED_BY_POST.includes(dep as UseCase),
    });
  }
});

test('whatever people press in Slack leads to use cases of this list, and each of theirs that changes something is reached', () => {
  const reached = new Set(Object.values(SLACK).flat());
  const changes = changing(USE_CASE_EVENTS).filter((name) => name in APPROVER_USE_CASES || name in SETTINGS_USE_CASES);
  expect(changes.filter((name) => !reached.has(name))).toEqual([]);
});
