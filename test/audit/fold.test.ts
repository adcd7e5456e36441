// The log tells all: what became of a request is what its events say, whatever happened to it and in which order.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { compareRequest } from '../../src/audit/compare.ts';
import { makeLeaf } from '../../src/audit/leaf.ts';
import { openEvent } from '../../src/audit/open.ts';
import type { Tx } from '../../src/db/database.ts';
import { listOfRequest } from '../../src/db/logged-events.ts';
import { type Recorded, readRecorded } from '../../src/db/recorded.ts';
import { foldRequest } from '../../src/domain/audit/fold.ts';
import { ERASED, type FoldedRequest } from '../../src/domain/audit/fold-input.ts';
import { eventSchemas } from '../../src/domain/audit/schema.ts';
import { verifyAudit } from '../../src/service/admin/verify.ts';
import { CREDENTIAL, makePolicy, makeRule, makeRuleFor, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { shifted } from '../support/shifted.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';
import { ALWAYS, CLAIM, CLAIM_AGAIN, DONE, histories, playSteps, type Start, type Step } from './histories.ts';

const HISTORIES = 30;

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let pass: (seconds: number) => void;
beforeAll(async () => {
  database = await createTestDatabase();
  const moved = shifted(database.transact);
  pass = moved.pass;
  const { match } = makeRule();
  const free = makeRule({ name: 'free', match: { ...match, resource: 'free/*' }, effect: 'allow', approvers: [] });
  const two = makeRule({ name: 'two', match: { ...match, resource: 'two/*' }, quorum: 2 });
  const bare = makeRule({ name: 'bare', match: { ...match, resource: 'bare/*' }, credential: null });
  const several = makeRuleFor('batch/*', { credential: { ...CREDENTIAL, uses: 3, window_seconds: 600 } });
  const gone = makeRuleFor('gone/*', { approvers: ['ghosts'], quorum: 2 });
  const made = makePolicy([free, two, bare, several, gone, makeRule()]);
  const away = { until: '2999-12-24', delegate: 'eve@example.com' };
  const ghosts = { members: ['olga@example.com', 'gus@example.com'], slack_user_group: null, channel: 'C0GHOSTS' };
  world = await makeWorld(
    { ...database, transact: moved.transact },
    {
      ...made,
      people: [
        ...made.people,
        { email: 'cat@example.com', name: 'Cat', slack: [], away },
        { email: 'gus@example.com', name: 'Gus', slack: [], away: { until: away.until } },
      ],
      approver_groups: { ...made.approver_groups, ghosts },
      fallback: ['payments'],
    },
  );
  api = createTestUseCases({ ...database, transact: moved.transact });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const play = (first: Partial<Start>, steps: readonly Step[]) => playSteps({ world, api, pass }, first, steps);
const read = <T>(work: (tx: Tx) => Promise<T>) => database.transact(TENANT, work);

async function rowsOf(request_id: string): Promise<Recorded> {
  const rows = await read((tx) => readRecorded(tx, request_id));
  if (rows === null) throw new Error('no such request');
  return rows;
}

async function eventsOf(request_id: string) {
  const placed = await read((tx) => listOfRequest(tx, request_id));
  return placed.map((row) => {
    const event = openEvent(row);
    if ('why' in event) throw new Error(`${row.id}: ${event.why}`);
    return { ...event, row };
  });
}

function mustFold(events: Parameters<typeof foldRequest>[0]): FoldedRequest {
  const fold = foldRequest(events);
  if (fold.kind === 'fault') throw new Error(`${fold.event_id}: ${fold.why}`);
  return fold.folded;
}

test('whatever happens to a request, its events alone say what its rows say, and each is as its schema has it', async () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  const validators = new Map(Object.entries(eventSchemas()).map(([name, schema]) => [name, ajv.compile(schema)]));
  const ended = new Set<string>();
  await fc.assert(
    fc.asyncProperty(histories, async ([first, before, steps]) => {
      const id = await play(first, [...before, ...steps]);
      const events = await eventsOf(id);
      const folded = mustFold(events);
      const rows = await rowsOf(id);
      expect(compareRequest(id, { placed: events.map(({ row }) => row), rows })).toBeNull();
      expect(Object.keys(folded).sort()).toEqual(Object.keys(rows).sort());
      const { leases, results, execution } = folded;
      const last = leases.at(-1)?.state ?? (execution === null ? 'none' : 'started');
      ended.add(`${folded.request.state}/${last}`);
      if (leases.length > 1) ended.add('several uses');
      if (folded.decisions.some(({ stands_in_for }) => stands_in_for !== null)) ended.add("in another's place");
      if (folded.request.requirement?.stages[0]?.stand_ins !== undefined)
        ended.add(`stood in, ${folded.request.state}`);
      if (results.length > 1) ended.add('several results');
      if (events.some(({ type }) => type === 'credential.repeated')) ended.add('a claim again');
      for (const { row } of events) {
        const leaf = JSON.parse(Buffer.from(makeLeaf(row)).toString('utf8'));
        const isValid = validators.get(`${leaf.type}@${leaf.version}`);
        expect(isValid?.(leaf) === true ? [] : [leaf, isValid?.errors]).toEqual([]);
      }
    }),
    { numRuns: HISTORIES, examples: ALWAYS.map((each) => [each]) },
  );
  const states = [
    'approved/used',
    'approved/revoked',
    'approved/active',
    'denied/none',
    'expired/none',
    'cancelled/none',
  ];
  const ways = ['several uses', 'several results', 'a claim again', "in another's place", 'stood in, approved'];
  for (const end of [...states, ...ways]) expect(ended).toContain(end);
});

test('a request whose event was dropped, swapped or altered is told by the first event that does not fit', async () => {
  const steps: Step[] = [
    { kind: 'decide', name: 'ann', decision: 'approve', reason: 'It is what they asked for.' },
    CLAIM,
    { kind: 'use' },
    DONE,
    CLAIM_AGAIN,
    { kind: 'use' },
    DONE,
  ];
  const events = await eventsOf(await play({ resource: 'batch/1' }, steps));
  const whole = mustFold(events);
  expect(whole.results.map(({ use, status }) => [use, status])).toEqual([1, 2].map((use) => [use, 'succeeded']));
  // A result is missed by the log alone: without it the use simply has no result yet.
  const telling = events.filter(({ type }) => type !== 'notify.sent');
  for (const [place, event] of telling.slice(0, -1).entries()) {
    if (event.type === 'result.reported') continue;
    const dropped = foldRequest(telling.filter((each) => each !== event));
    expect({ dropped: event.type, kind: dropped.kind }).toEqual({ dropped: event.type, kind: 'fault' });
    const next = telling[place + 1];
    const swapped = foldRequest(telling.map((each) => (each === event && next ? next : each === next ? event : each)));
    expect({ swapped: event.type, kind: swapped.kind }).toEqual({ swapped: event.type, kind: 'fault' });
  }
});

test('whoever decides although somebody stood in for them, or for one who has decided, is told', async () => {
  const approve = (name: string): Step => ({ kind: 'decide', name, decision: 'approve', reason: null });
  const events = await eventsOf(await play({ resource: 'two/1' }, [approve('eve'), approve('ann')]));
  const [cat] = mustFold(events).decisions[0]?.stands_in_for ?? [];
  expect(cat).toBeDefined();
  const second = events.filter(({ type }) => type === 'decision.recorded')[1];
  const altered = (changes: object) =>
    foldRequest(events.map((each) => (each === second ? { ...each, ...changes } : each)));
  const actor = { kind: 'person', id: cat?.person_id };
  expect(altered({ actor })).toMatchObject({ kind: 'fault', event_id: second?.id });
  const facts = { ...second?.facts, stands_in_for: [cat] };
  expect(altered({ facts })).toMatchObject({ kind: 'fault', event_id: second?.id });
  expect(altered({ facts: { ...facts, stands_in_for: [] } })).toMatchObject({ kind: 'fault', event_id: second?.id });
});

test('a value that was erased is told as erased, and all else as it was', async () => {
  const events = await eventsOf(await play({ justification: 'They asked for it.' }, []));
  const whole = mustFold(events);
  const erased = mustFold(events.map((event) => ({ ...event, values: { digest: event.values['digest'] } })));
  const { justification, resource, parameters } = erased.request;
  expect([justification, resource, parameters]).toEqual([ERASED, ERASED, ERASED]);
  expect(erased.request).toEqual({ ...whole.request, justification, resource, parameters });
});

test('a row that was altered is told by its field, and placet audit verify finds it', async () => {
  const id = await play({}, [{ kind: 'decide', name: 'ann', decision: 'deny', reason: 'No.' }]);
  const verify = () => verifyAudit({ ...world.service, anchors: [] }, { tenant_id: TENANT });
  expect((await verify()).findings).toEqual([]);
  await database.asSuperuser(
    `alter table placet.decisions disable trigger all; update placet.decisions set decision = 'approve' where request_id = '${id}';
     alter table placet.decisions enable trigger all; alter table placet.decisions enable always trigger append_only;
     alter table placet.decisions enable always trigger append_only_truncate`,
  );
  expect((await verify()).findings).toEqual([
    { event_id: null, request_id: id, why: 'the row says another decisions.0.decision' },
  ]);
});
