// Every statement of src/db, with arguments that name another tenant's rows. The type makes it complete: a new statement
// does not compile without its line here. New rows get fresh ids; whatever they refer to is the victim's.
import { numberEvent } from '../../src/audit/record.ts';
import type { Tx } from '../../src/db/database.ts';
import { APPROVED, CARD } from '../../src/db/record-parts.ts';
import { CLOCK } from '../../src/domain/people/principal.ts';
import { newId } from '../../src/process/wiring.ts';
import { CREDENTIAL } from '../support/builders.ts';
import { STATEMENTS, type Statements } from '../support/statements.ts';
import { adminAttemptsOn } from './admin-statements.ts';
import { attemptsOnGroups } from './group-statements.ts';
import { attemptsOnLog } from './log-statements.ts';
import type { Victim } from './victim.ts';

type Rest<F> = F extends (tx: never, ...rest: infer R) => unknown ? R : never;
export type Attempts = {
  readonly [File in keyof Statements]: { readonly [Name in keyof Statements[File]]: Rest<Statements[File][Name]> };
};

const soon = () => new Date(Date.now() + 60_000);
const long_ago = new Date(0);
const QUEUE = { team_id: 'T0VICTIM', method: 'chat.postMessage', channel: 'C0PAYMENTS' };
const HASH = Buffer.alloc(32, 5);

/** The arguments after `tx`, for each statement. */
function attemptsOn(victim: Victim): Attempts {
  const { request_id, digest, grant_id, lease_id, agent_id, person_id, group_id, message_id, place, subject } = victim;
  const account = { provider: 'slack', subject } as const;
  const drawn = { revision: 99, drawn_at: soon() };
  const event = numberEvent({ newId }, new Date(), {
    type: 'lease.used',
    outcome: 'success',
    actor: CLOCK,
    facts: { use: 1 },
  });
  const news = { event, tell_seconds: 0 };
  const message = { request_id, kind: 'card', destination: place.channel_id } as const;
  return {
    ...adminAttemptsOn(victim),
    ...attemptsOnLog(request_id),
    ...attemptsOnGroups(victim),
    analyze: { analyzeGrown: [] },
    decisions: {
      insertDecision: [
        {
          id: newId('decision'),
          ...{ request_id, person_id, digest, stage: 0, decision: 'approve', reason: null, decided_at: soon() },
          ...{ via: 'slack', account: 'T0EVIL/U0EVE', group_ids: [], evidence: [], stands_in_for: null },
        },
      ],
    },
    escalations: {
      insertEscalations: [[{ request_id, stage: 0, group_id, name: 'evil', escalated_at: soon() }]],
    },
    requestRecords: {
      readRequestRecord: [request_id, CARD],
      readRecordOfLease: [lease_id, APPROVED],
      listByAgent: [{ agent_id, state: null, before: null, limit: 100 }],
      listAll: [{ state: null, limit: 100 }],
      listRevocable: [{ person_id, is_any: true, limit: 10 }],
      listWaitingFor: [
        {
          person_id,
          account: 'T0ACME/U0EVE',
          group_ids: [group_id],
          joined: [{ group_id, part_id: group_id }],
          limit: 100,
        },
      ],
    },
    sweepQueries: {
      enqueueLate: [{ before: soon(), fresh: soon(), since: long_ago, limit: 100 }],
      listOverdue: [{ before: soon(), limit: 100 }],
      listRequestIds: [{ after: '', limit: 100 }],
      enqueueOpen: [{ ids: [request_id], per_second: 100 }],
    },
    grants: {
      insertGrant: [
        {
          ...{ id: newId('grant'), request_id, digest, credential: CREDENTIAL },
          ...{ created_at: new Date(), claim_expires_at: soon(), ends_at: null, uses_max: 100 },
        },
      ],
      readGrant: [request_id],
      redeemGrant: [
        {
          ...{
            id: newId('lease'),
            grant_id,
            request_id,
            digest,
            use: 1,
            idempotency_key: null,
            jkt: null,
            kid: victim.kid,
          },
          ...{ state: 'active', issued_at: new Date(), expires_at: soon() },
        },
        news,
      ],
      redeemWithoutLease: [grant_id],
    },
    leases: {
      readLease: [lease_id],
      spendLease: [{ id: lease_id, request_id, digest }, news],
      endLease: [lease_id, 'revoked'],
    },
    messages: {
      listMessages: [request_id],
      claimMessage: [{ id: newId('message'), ...message }],
      markPosted: [message_id, { ...place, ...drawn }],
      markDrawn: [message_id, drawn],
      markRefused: [
        { id: message_id, state: 'posted' },
        { error: 'evil', next_attempt_at: null, has_failed: true },
      ],
      markLost: [{ id: message_id, ts: place.ts }, 'evil'],
      insertNotices: [[{ id: newId('message'), request_id, destination: 'C0EVIL' }]],
      insertCopy: [{ id: newId('message'), request_id, ...place }],
      findByPlace: [place.channel_id, place.ts],
      adoptPlace: [{ ...place, ...message }],
    },
    queues: {
      lockQueue: [QUEUE],
      holdQueue: [QUEUE, { id: message_id, pace_ms: 60_000 }],
      takeFreeTurns: [[{ ...QUEUE, id: newId('message'), revision: 0 }], []],
      freeTurn: [{ ...QUEUE, id: message_id }],
      listNext: [[QUEUE]],
      freeQueue: [QUEUE, { id: message_id, not_before: soon(), pace_ms: 60_000 }],
      listWaiting: ['T0VICTIM/chat.postMessage/C0PAYMENTS'],
      joinQueue: [message_id, { queue: 'T0VICTIM/chat.postMessage/C0PAYMENTS', until: soon() }],
      leaveQueue: [message_id],
      forgetTry: [{ id: message_id, tried_at: null }],
    },
    outbox: {
      enqueue: [request_id, 'nudge'],
      enqueueAll: [[request_id], 'nudge'],
      takeBatch: [100],
      remove: [[victim.outbox_id]],
      removeOf: [request_id],
      postpone: [[victim.outbox_id], 3_600],
    },
    people: {
      insertPerson: [{ id: newId('person'), address: victim.email, name: 'Eve' }],
      renamePeople: [[{ person_id, name: 'Eve' }]],
      listPeople: [[person_id]],
      mergePeople: [{ person_id, into_person_id: newId('person') }],
      readWhole: [person_id],
      countExecutedWithout: [[person_id]],
      listAddressesOf: [[person_id]],
    },
    addresses: {
      lockAddress: [victim.email],
      findOwners: [[victim.email]],
      findOwner: [victim.email],
      listOwnersAmong: [{ person_ids: [person_id], addresses: [victim.email] }],
      addAddress: [person_id, victim.email],
      endAddresses: [[victim.email]],
      listAddresses: [person_id],
      listOwned: [[person_id]],
    },
    identities: {
      readAccountFacts: [account, victim.email],
      isBehindRequest: [{ request_id, account, address: victim.email }],
      listBehindRequest: [request_id, [person_id]],
      listAccounts: [[person_id]],
      listUntied: [{ request_id, team_id: 'T0ACME' }],
      listLastLinks: [[subject]],
      linkAccount: [{ ...account, person_id, linked_by: 'email' }],
      vouchByPolicy: [[subject]],
      unlinkOthersOfPolicy: [[]],
      unlinkAccount: [account],
    },
    requests: {
      insertRequests: [
        [
          {
            request: {
              ...{ id: newId('request'), agent_id, environment: 'x', idempotency_key: victim.idempotency_key, digest },
              ...{
                body_digest: HASH,
                action: 'a',
                resource: 'r',
                parameters: {},
                canonical: HASH,
                justification: null,
              },
              ...{ on_behalf_of: null, on_behalf_of_person_id: null, excluded_people: [] },
              ...{ effect: 'allow', state: 'approved', rule: null },
              ...{
                policy_id: victim.policy_id,
                policy_number: 1,
                requirement: null,
                credential: null,
                presentation: null,
                ...{ salts_sealed: null, members_when_made: null, denial: null },
              },
              ...{ needs_review: false, created_at: new Date(), expires_at: null, closed_at: new Date() },
            },
            events: [],
            grant: null,
          },
        ],
      ],
      findByIdempotencyKey: [agent_id, victim.idempotency_key],
      findRequester: [request_id],
      lockRequest: [request_id],
      behindLock: [request_id, async () => null],
      closeRequest: [request_id, 'cancelled'],
      expireRequest: [request_id],
      tellRequest: [request_id, 0],
      touchRequest: [request_id],
      readExpiry: [request_id],
      listEscalatable: [100],
      touchOpenOf: [[person_id]],
    },
    results: {
      insertResult: [{ request_id, lease_id, status: 'succeeded', detail: 'evil', result_digest: null }, event],
      readReported: [{ request_id, lease_id }],
    },
    tenants: { ensureTenant: [] },
  };
}

export type Statement = { readonly name: string; readonly run: (tx: Tx) => Promise<unknown> };

/** All of them by name, with those arguments. */
export function everyStatement(victim: Victim): Statement[] {
  const attempts: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = attemptsOn(victim);
  return Object.entries(STATEMENTS).flatMap(([file, functions]) =>
    Object.entries(functions).map(([name, run]) => {
      const rest = attempts[file]?.[name];
      if (rest === undefined) throw new Error(`${file}.${name} is not tried with another tenant's ids`);
      const call = run as (tx: Tx, ...rest: readonly unknown[]) => Promise<unknown>;
      return { name: `${file}.${name}`, run: (tx: Tx) => call(tx, ...rest) };
    }),
  );
}
