// Random rows of requests, as the database may hold them, whatever led there. Expects nothing itself.

import fc from 'fast-check';
import type pg from 'pg';
import { newId } from '../../src/process/wiring.ts';
import { TENANT } from '../support/database.ts';

const CHANNELS = ['C0PAYMENTS', 'C0DBA'] as const;
/** Who decides, and who is excluded. */
export const NAMES = ['ann', 'ben', 'cat', 'dan'] as const;

/** Seconds from now; never so near that the time of the test itself matters. */
const seconds = (min: number, max: number) => fc.integer({ min, max }).map((tens) => tens * 10 + 5);

const message = fc.record({
  kind: fc.constantFrom('card', 'outcome'),
  channel: fc.constantFrom(...CHANNELS),
  state: fc.constantFrom('posting', 'posted', 'posted', 'failed'),
  revision: fc.integer({ min: 1, max: 3 }),
  drawn_s: seconds(-60, -1),
  again_s: fc.option(seconds(-20, 20)),
});

/** A request with all that hangs on it, in whatever state. */
export const shape = fc.record({
  state: fc.constantFrom('pending', 'approved', 'approved', 'approved', 'denied', 'expired', 'cancelled'),
  closed_s: seconds(-60, -10),
  expires_s: seconds(-30, 60),
  claim_s: fc.option(seconds(-50, 30)),
  lease: fc.option(
    fc.record({ state: fc.constantFrom('active', 'used', 'expired', 'revoked'), ends_s: seconds(-40, 30) }),
  ),
  // How often the grant may be used, and which use the lease is of.
  uses_max: fc.constantFrom(1, 3),
  use: fc.constantFrom(1, 2, 3),
  has_started: fc.boolean(),
  has_result: fc.boolean(),
  is_revoked: fc.constantFrom(true, false, false),
  messages: fc.uniqueArray(message, {
    maxLength: 4,
    selector: ({ kind, channel }) => kind + (kind === 'card' ? channel : ''),
  }),
  // Where a copy of the card stands, and whether it has its buttons.
  copy: fc.option(fc.record({ revision: fc.constantFrom(0, 2), again_s: fc.option(seconds(-20, 20)) })),
  decided: fc.option(fc.record({ by: fc.constantFrom(...NAMES), at_s: seconds(-25, -10) })),
  excluded: fc.subarray([...NAMES], { maxLength: 2 }),
});
export type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;

type Store = {
  readonly client: pg.Client;
  readonly people: ReadonlyMap<string, string>;
  readonly owner: string;
};

/** Makes the rows of a request those of the shape; `people` by their names. */
export async function store({ client, people, owner }: Store, id: string, at: Shape): Promise<void> {
  const isApproved = at.state === 'approved';
  const lease = isApproved && at.claim_s !== null ? at.lease : null;
  const use = Math.min(at.use, at.uses_max);
  await client.query(
    `update placet.approval_requests set state = $2, revision = 2, created_at = now() - interval '1 hour',
       closed_at = case when $2 = 'pending' then null else now() + make_interval(secs => $3) end,
       expires_at = now() + make_interval(secs => $4), excluded_people = $5 where id = $1`,
    [id, at.state, at.closed_s, at.expires_s, at.excluded.map((name) => people.get(name))],
  );
  if (at.decided !== null) {
    await client.query(
      `insert into placet.decisions (tenant_id, id, request_id, stage, person_id, decision, digest, via, account, decided_at)
       select tenant_id, $2, id, 0, $3, 'approve', digest, 'slack', $4, now() + make_interval(secs => $5)
       from placet.approval_requests where id = $1`,
      [id, newId('decision'), people.get(at.decided.by), `T0ACME/U0${at.decided.by.toUpperCase()}`, at.decided.at_s],
    );
  }
  if (isApproved && at.claim_s !== null) {
    await client.query(
      `insert into placet.grants (tenant_id, id, request_id, digest, credential, created_at, claim_expires_at, redeemed_at,
         uses_max, redemptions)
       select tenant_id, $2, id, digest, '{}', now(), now() + make_interval(secs => $3), $4, $5, $6
       from placet.approval_requests where id = $1`,
      [id, newId('grant'), at.claim_s, lease === null ? null : new Date(), at.uses_max, lease === null ? 0 : use],
    );
  }
  if (lease !== null) {
    await client.query(
      `insert into placet.leases (tenant_id, id, grant_id, request_id, digest, kid, state, issued_at, expires_at, used_at, ended_at, use)
       select tenant_id, $2, 'grt' || id, id, digest, 'kid', $3, e - interval '5 min', e,
         case when $3 = 'used' then e - interval '4 min' end, case when $3 <> 'active' then e end, $5
       from placet.approval_requests, lateral (select now() + make_interval(secs => $4) as e) as t where id = $1`,
      [id, newId('lease'), lease.state, lease.ends_s, use],
    );
  }
  // An approval is one run: begun without a credential, or by the claim of one.
  if (isApproved && at.has_started && lease === null) {
    await client.query(
      `insert into placet.executions (tenant_id, request_id, idempotency_key, digest, started_at)
       select tenant_id, id, 'run', digest, now() from placet.approval_requests where id = $1`,
      [id],
    );
  }
  if (isApproved && at.is_revoked && lease?.state !== 'active') {
    await client.query(
      `insert into placet.revocations (tenant_id, request_id, by_kind, by_id, revoked_at)
       values ($1, $2, 'operator', 'test', now() - interval '1 min')`,
      [TENANT, id],
    );
  }
  if (isApproved && at.has_result) {
    await client.query(
      `insert into placet.results (tenant_id, request_id, status, reported_at, use) values ($1, $2, 'succeeded', now(), $3)`,
      [TENANT, id, lease === null ? 1 : use],
    );
  }
  // Nobody is told how it ended before it has.
  for (const each of at.messages.filter(({ kind }) => kind === 'card' || at.state !== 'pending')) {
    await client.query(
      `insert into placet.slack_messages (tenant_id, id, request_id, kind, destination, state, ts, revision, updated_at, next_attempt_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), now() + make_interval(secs => $10))`,
      [TENANT, newId('message'), id, each.kind, each.kind === 'card' ? each.channel : owner, each.state]
        .concat([each.state === 'posted' ? `${Math.random()}` : null] as string[])
        .concat([each.revision, each.drawn_s, each.again_s] as never[]),
    );
  }
  if (at.copy !== null) await storeCopy(client, id, at.copy);
}

async function storeCopy(
  client: pg.Client,
  id: string,
  { revision, again_s }: NonNullable<Shape['copy']>,
): Promise<void> {
  await client.query(
    `insert into placet.slack_messages (tenant_id, id, request_id, kind, destination, state, ts, revision, next_attempt_at)
     values ($1, $2, $3, 'copy', 'C0PAYMENTS/' || $4, 'posted', $4, $5, now() + make_interval(secs => $6))`,
    [TENANT, newId('message'), id, `${Math.random()}`, revision, again_s],
  );
}
