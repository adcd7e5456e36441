// What happens while Temporal is away, or has forgotten everything: the outbox and the record bring it all back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Temporal } from '../../dev/temporal.ts';
import { drain } from '../../src/delivery/relay.ts';
import { sweep } from '../../src/delivery/sweep.ts';
import { openTemporal } from '../../src/delivery/temporal.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createFakeMessenger } from '../support/fake-messenger.ts';
import { inputOf, openTestTemporal, quietRuntime, startOwnTemporal, type TestTemporal } from '../support/temporal.ts';

const runtime = quietRuntime();
const folder = mkdtempSync(join(tmpdir(), 'placet-temporal-'));
let database: TestDatabase;
let world: World;
let server: Temporal;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule({ credential: null })]));
});
afterAll(async () => {
  await server.stop();
  await database.drop();
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (): Promise<RequestView> => submit(world.deps, world.caller, makeSubmission());
const approve = async (request: RequestView) =>
  expect((await decide(world.deps, makeClick(request, 'ann'))).kind).toBe('counted');
/** As if the outbox had waited as long as it says. */
const waitForOutbox = () => database.asSuperuser("update placet.outbox set next_attempt_at = now() - interval '1 s'");

test('requests and decisions stay in the outbox and are told when Temporal is back', async () => {
  server = await startOwnTemporal(folder, 'first');
  const { port, address } = server;
  await server.stop();
  const client = openTemporal({ address, namespace: 'default', task_queue: 'away' });
  const errors: unknown[] = [];
  const relayed = {
    ...world.service,
    tenant_id: TENANT,
    post: async () => null,
    start: client.start,
    nudge: client.nudge,
    onOutbox: () => undefined,
    onError: (error: unknown) => void errors.push(error),
  };
  const request = await ask();
  await approve(request);
  expect(await drain(relayed)).toBe(0);
  expect(errors).toEqual([expect.objectContaining({ code: 'unavailable' })]);
  expect(await database.asSuperuser('select kind from placet.outbox order by id')).toEqual([
    { kind: 'start' },
    { kind: 'nudge' },
  ]);
  server = await startOwnTemporal(folder, 'first', port);
  await waitForOutbox();
  const temporal = await openTestTemporal(database, server.address);
  const slack = createFakeMessenger();
  await temporal.startWorker(slack);
  await temporal.tell();
  await temporal.handle(request.id).result();
  expect(slack.textsOf('card')).toEqual([expect.stringContaining('Approved')]);
  expect(slack.textsOf('dm')).toHaveLength(1);
  // The client that met the outage finds the server again.
  await expect(client.start(inputOf(request.id))).resolves.toBeUndefined();
  await temporal.close();
  await client.close();
});

test('after Temporal lost everything, the sweep brings each open request its run again', async () => {
  const request = await ask();
  const slack = createFakeMessenger();
  const before = await openTestTemporal(database, server.address);
  await before.startWorker(slack);
  await before.tell();
  await slack.until((sent) => sent.some(({ kind }) => kind === 'card'));
  await before.close();
  await server.stop();

  server = await startOwnTemporal(folder, 'second', server.port);
  const temporal: TestTemporal = await openTestTemporal(database, server.address);
  await temporal.startWorker(slack);
  await expect(temporal.handle(request.id).describe()).rejects.toThrow('not found');
  const advance = () => Promise.resolve();
  expect(await sweep({ ...world.service, tenant_id: TENANT, advance }, { after: null })).toEqual({
    count: 1,
    isWhole: true,
  });
  await waitForOutbox();
  await temporal.tell();
  await approve(request);
  await temporal.tell();
  await temporal.handle(request.id).result();
  expect(slack.textsOf('card')).toHaveLength(1);
  expect(slack.textsOf('update').at(-1)).toContain('Approved');
  await temporal.close();
});
