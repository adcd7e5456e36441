// What the workflow has to do and until when it waits: by tables, and by properties over every kind of record.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Grant, Lease } from '../../src/domain/credential/lease.ts';
import type { RequestRecord } from '../../src/domain/request/record.ts';
import type { KnownMessage } from '../../src/domain/work/message.ts';
import { dueNow, MESSAGE_PATIENCE_HOURS, pendingWorkOf, staleCards } from '../../src/domain/work/pending-work.ts';
import { at, DIGEST, EXPIRES_AT, makeRecord, message, OWNER } from '../slack/draw/request-records.ts';

const CLOSED = at(10);
const CLAIM_UNTIL = at(15);
const LEASE_UNTIL = at(17);

const credential = { type: 'jwt', audience: 'https://a.example', scopes: ['a:b'], lifetime_seconds: 300 } as const;
const grant: Grant = {
  id: 'grt_1',
  request_id: 'apr_1',
  digest: DIGEST,
  credential,
  claim_expires_at: CLAIM_UNTIL,
  ends_at: null,
  uses_max: 1,
  redeemed_at: null,
  redemptions: 0,
  uses: 0,
};
const taken: Grant = { ...grant, redeemed_at: at(12), redemptions: 1 };
/** One use of three was claimed. */
const several: Grant = { ...taken, uses_max: 3, claim_expires_at: at(60) };
const lease = (state: Lease['state']): Lease => ({
  id: 'lse_1',
  grant_id: 'grt_1',
  request_id: 'apr_1',
  digest: DIGEST,
  use: 1,
  idempotency_key: null,
  jkt: null,
  state,
  issued_at: at(12),
  expires_at: LEASE_UNTIL,
  used_at: state === 'used' ? at(13) : null,
});
const result = { status: 'succeeded', detail: null, result_digest: null, reported_at: at(14) } as const;
const approved = (more: Partial<RequestRecord>) => makeRecord({ state: 'approved', closed_at: CLOSED }, more);

describe('until when it waits', () => {
  test.each<[string, RequestRecord, number, Date | null]>([
    ['a new request wakes for its reminder at half time', makeRecord(), 1, at(15)],
    ['after half time it wakes for its expiry', makeRecord(), 15, EXPIRES_AT],
    ['a denied request is over', makeRecord({ state: 'denied', closed_at: CLOSED }), 11, null],
    ['an expired request is over', makeRecord({ state: 'expired', closed_at: EXPIRES_AT }), 31, null],
    ['an approval without a grant is over', approved({}), 11, null],
    ['a grant is waited for until its claim window ends', approved({ grant }), 11, CLAIM_UNTIL],
    ['a grant that was never claimed is over', approved({ grant }), 15, null],
    ['a lease is waited for until it ends', approved({ grant: taken, lease: lease('active') }), 13, LEASE_UNTIL],
    [
      'a used lease waits for its result until it ends',
      approved({ grant: taken, lease: lease('used') }),
      13,
      LEASE_UNTIL,
    ],
    ['a used lease without a result is over at its end', approved({ grant: taken, lease: lease('used') }), 17, null],
    ['a result ends it', approved({ grant: taken, lease: lease('used'), result }), 14, null],
    [
      'an active lease ends on time, though a failure was reported',
      approved({ grant: taken, lease: lease('active'), result }),
      14,
      LEASE_UNTIL,
    ],
    ['a grant of more uses waits for its end', approved({ grant: several, lease: lease('expired') }), 18, at(60)],
    ['between two uses, too', approved({ grant: several, lease: lease('used'), result }), 14, at(60)],
    [
      'before that, for the end of what was used without a result',
      approved({ grant: several, lease: lease('used') }),
      13,
      LEASE_UNTIL,
    ],
    ['and no longer', approved({ grant: several, lease: lease('expired') }), 60, null],
    ['an expired lease is over', approved({ grant: taken, lease: lease('expired') }), 18, null],
    ['a revoked lease is over', approved({ grant: taken, lease: lease('revoked') }), 13, null],
  ])('%s', (_title, record, minutes, wake_at) => {
    const { is_open, wake_at_ms } = pendingWorkOf(record, [message()], at(minutes));
    expect(wake_at_ms).toBe(wake_at?.getTime() ?? null);
    expect(is_open).toBe(wake_at !== null);
  });
});

describe('what time demands', () => {
  test.each<[string, RequestRecord, Date, string | null]>([
    ['nothing before the expiry', makeRecord(), new Date(EXPIRES_AT.getTime() - 1), null],
    ['the expiry at its very moment', makeRecord(), EXPIRES_AT, 'expire'],
    ['nothing of a request that ended otherwise', makeRecord({ state: 'denied', closed_at: CLOSED }), at(60), null],
    [
      'the end of a lease at its very moment',
      approved({ grant: taken, lease: lease('active') }),
      LEASE_UNTIL,
      'end_lease',
    ],
    ['nothing of a lease that was used', approved({ grant: taken, lease: lease('used') }), at(60), null],
  ])('%s', (_title, record, now, due) => {
    expect(dueNow(record, now)).toBe(due);
  });
});

describe('what is left to say', () => {
  const channels = (record: RequestRecord, messages: readonly KnownMessage[], minutes: number) =>
    staleCards(record, messages, at(minutes));
  const later = (state: RequestRecord['request']['state']) => makeRecord({ state, closed_at: CLOSED, revision: 2 });

  test('each channel of a group gets one card, however many groups share it', () => {
    const group = { id: 'grp_2', name: 'dba', channel: 'C0DBA', slack_user_group: null };
    const approvers = ['grp_1', 'grp_2', 'grp_3'].map((group_id) => ({ group_id, name: group_id }));
    const record = makeRecord({ requirement: { stages: [{ approvers, quorum: 1 }] } });
    const many = { ...record, groups: [...record.groups, group, { ...group, id: 'grp_3' }] };
    expect(channels(many, [], 1)).toEqual(['C0PAYMENTS', 'C0DBA']);
  });
  test('a post whose answer was lost is made again', () => {
    expect(channels(makeRecord(), [message({ state: 'posting' })], 1)).toEqual(['C0PAYMENTS']);
  });
  test('a card of an earlier revision is drawn again, a current one is not, a failed one never', () => {
    expect(channels(later('denied'), [message()], 11)).toEqual(['C0PAYMENTS']);
    expect(channels(later('denied'), [message({ revision: 2 })], 11)).toEqual([]);
    expect(channels(later('denied'), [message({ state: 'failed' })], 11)).toEqual([]);
  });
  test('a card stays ours when its group moved to another channel, and a closed request gets no card there', () => {
    expect(channels(later('denied'), [message({ destination: 'C0OLD' })], 11)).toEqual(['C0OLD']);
    const pending = makeRecord({ revision: 2 });
    expect(channels(pending, [message({ destination: 'C0OLD' })], 11)).toEqual(['C0PAYMENTS', 'C0OLD']);
  });
  test('words that time alone changes are drawn again, once', () => {
    const unclaimed = approved({ grant });
    expect(channels(unclaimed, [message({ drawn_at: CLOSED })], 14)).toEqual([]);
    expect(channels(unclaimed, [message({ drawn_at: CLOSED })], 15)).toEqual(['C0PAYMENTS']);
    expect(channels(unclaimed, [message({ drawn_at: at(15) })], 16)).toEqual([]);
  });
  test('the owner is told when it has ended, and again only by drawing that message anew', () => {
    const outcome = (changes: Partial<KnownMessage>) => message({ kind: 'outcome', destination: OWNER.id, ...changes });
    const isStale = (record: RequestRecord, messages: readonly KnownMessage[]) =>
      pendingWorkOf(record, messages, at(11)).is_outcome_stale;
    expect(isStale(makeRecord(), [])).toBe(false);
    expect(isStale(later('denied'), [])).toBe(true);
    expect(isStale(later('denied'), [outcome({ revision: 2 })])).toBe(false);
    expect(isStale(later('denied'), [outcome({ revision: 1 })])).toBe(true);
    expect(isStale(later('denied'), [outcome({ state: 'failed' })])).toBe(false);
  });
  test('what a rule allowed by itself is told to nobody', () => {
    const allowed = makeRecord(
      { effect: 'allow', state: 'approved', closed_at: CLOSED, requirement: null },
      { groups: [] },
    );
    expect(pendingWorkOf(allowed, [], at(11))).toMatchObject({ is_card_stale: false, is_outcome_stale: false });
  });
});

const ends = fc.constantFrom('approved', 'denied', 'expired', 'cancelled');
const states = fc.oneof(fc.constant('pending' as const), ends);
const leases = fc.constantFrom(null, lease('active'), lease('used'), lease('expired'), lease('revoked'));
const service = fc
  .record({ state: states, hasGrant: fc.boolean(), lease: leases, hasResult: fc.boolean() })
  .map((facts) => {
    const { state } = facts;
    const isApproved = state === 'approved';
    const closed_at = state === 'pending' ? null : CLOSED;
    const revision = state === 'pending' ? 1 : 3;
    return makeRecord(
      { state: state as 'pending', closed_at, revision },
      {
        grant: isApproved && facts.hasGrant ? grant : null,
        lease: isApproved && facts.hasGrant ? facts.lease : null,
        result: isApproved && facts.hasResult ? result : null,
      },
    );
  });
const moments = fc.integer({ min: 0, max: 120 }).map(at);
const some = fc.constantFrom<KnownMessage['state']>('posting', 'posted', 'failed');
const messages = fc.array(
  fc.record({
    kind: fc.constantFrom<KnownMessage['kind']>('card', 'reminder', 'outcome', 'undeliverable', 'copy'),
    destination: fc.constantFrom('C0PAYMENTS', 'C0OLD', OWNER.id),
    state: some,
    revision: fc.integer({ min: 0, max: 3 }),
    drawn_at: moments,
    error: fc.constantFrom(null, 'is_archived'),
    attempts: fc.integer({ min: 0, max: 9 }),
    next_attempt_at: fc.oneof(fc.constant(null), moments),
    undelivered_at: fc.oneof(fc.constant(null), moments),
    posted_at: fc.oneof(fc.constant(null), moments),
  }),
  { maxLength: 6 },
);

describe('always', () => {
  test('unless something is due now, the moment to wake is in the future', () => {
    fc.assert(
      fc.property(service, messages, moments, (record, known, now) => {
        const { wake_at_ms } = pendingWorkOf(record, known, now);
        if (dueNow(record, now) === null && wake_at_ms !== null) expect(wake_at_ms).toBeGreaterThan(now.getTime());
      }),
    );
  });

  test('once everything is said, nothing is left to say at that moment: the workflow cannot turn in circles', () => {
    fc.assert(
      fc.property(service, moments, (record, now) => {
        const drawn = { state: 'posted', revision: record.request.revision, drawn_at: now } as const;
        const messages = [
          message({ ...drawn }),
          message({ ...drawn, kind: 'reminder' }),
          message({ ...drawn, kind: 'outcome', destination: OWNER.id }),
        ];
        expect(pendingWorkOf(record, messages, now)).toMatchObject({
          is_card_stale: false,
          is_reminder_due: false,
          is_outcome_stale: false,
        });
      }),
    );
  });

  test('a day after the last news nothing is said any more, and every run ends', () => {
    const late = new Date(at(120).getTime() + MESSAGE_PATIENCE_HOURS * 3_600_000);
    fc.assert(
      fc.property(service, messages, (record, known) => {
        const { is_card_stale, is_reminder_due, is_outcome_stale, is_open } = pendingWorkOf(record, known, late);
        expect([is_card_stale, is_reminder_due, is_outcome_stale]).toEqual([false, false, false]);
        if (dueNow(record, late) === null) expect(is_open).toBe(false);
      }),
    );
  });
});
