// Leases, scopes and ids as data: who may claim and start, what lies within what, and ids that sort and cannot be guessed.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { claimRefusal, type Grant, type Lease, startRefusal } from '../../src/domain/credential/lease.ts';
import { isWithin, LIFETIME_SECONDS_MIN } from '../../src/domain/credential/scope.ts';
import { ID_PREFIXES, ID_RANDOM_BYTES, type IdKind, isId, makeId } from '../../src/domain/ids.ts';
import { type CredentialSpec, REQUEST_STATES } from '../../src/domain/request/request.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

const SPEC: CredentialSpec = { type: 'jwt', audience: 'https://a.example', scopes: ['a', 'b'], lifetime_seconds: 300 };

const GRANT: Grant = {
  id: 'grt_1',
  request_id: 'apr_1',
  digest: 'sha256:right',
  credential: SPEC,
  claim_expires_at: at(1),
  ends_at: null,
  uses_max: 1,
  redeemed_at: null,
  redemptions: 0,
  uses: 0,
};

const EXECUTION = { idempotency_key: 'one', digest: 'sha256:right', started_at: NOW };

describe('a claim', () => {
  const facts = {
    state: 'approved',
    grant: GRANT,
    lease: null,
    execution: null,
    revocation: null,
    has_quorum: true,
    has_result: false,
    idempotency_key: null,
    jkt: null,
  } as const;
  const LEASE: Lease = {
    id: 'lse_1',
    grant_id: 'grt_1',
    request_id: 'apr_1',
    digest: 'sha256:right',
    use: 1,
    idempotency_key: 'one',
    jkt: null,
    state: 'active',
    issued_at: NOW,
    expires_at: at(300_000),
    used_at: null,
  };
  const redeemed = { grant: { ...GRANT, redeemed_at: NOW, redemptions: 1 }, lease: LEASE };
  const several = { ...redeemed, grant: { ...redeemed.grant, uses_max: 2 } };

  test('goes on when all is well', () => {
    expect(claimRefusal(facts, NOW)).toBeNull();
  });

  test.each([
    ['the grant was redeemed before (INV-6)', redeemed, 'already_claimed'],
    ['it comes again under another key', { ...redeemed, idempotency_key: 'two' }, 'already_claimed'],
    [
      'what it was given before is used',
      { ...redeemed, lease: { ...LEASE, state: 'used' as const }, idempotency_key: 'one' },
      'already_claimed',
    ],
    ['a lease of the grant is still active', { ...several, idempotency_key: 'two' }, 'already_claimed'],
    [
      'its key was answered before with a lease that is over',
      { ...several, lease: { ...LEASE, state: 'used' as const }, idempotency_key: 'one' },
      'already_claimed',
    ],
    [
      'it comes again after its result',
      { ...redeemed, idempotency_key: 'one', has_result: true },
      'result_already_reported',
    ],
    ['the window closes at this very moment', { grant: { ...GRANT, claim_expires_at: NOW } }, 'claim_expired'],
    ['an approver lost the right', { has_quorum: false }, 'quorum_lost'],
    ['the rule grants none', { grant: null }, 'no_credential'],
    ['its result was told already', { has_result: true }, 'result_already_reported'],
    ['it was begun without a credential (INV-10)', { execution: EXECUTION }, 'already_started'],
  ])('is refused when %s', (_title, changes, refusal) => {
    expect(claimRefusal({ ...facts, ...changes }, NOW)).toBe(refusal);
  });

  test('comes again within a minute, while nothing has become of its lease, also after the time to claim', () => {
    const again = { ...redeemed, idempotency_key: 'one' };
    expect(claimRefusal({ ...facts, ...again }, NOW)).toBeNull();
    expect(claimRefusal({ ...facts, ...again }, at(59_999))).toBeNull();
    expect(claimRefusal({ ...facts, ...again }, at(60_000))).toBe('already_claimed');
    expect(claimRefusal({ ...facts, ...again, has_quorum: false }, NOW)).toBe('quorum_lost');
  });

  test('goes on for the next use once the lease before is used or over, as often as the grant says', () => {
    for (const lease of [
      { ...LEASE, state: 'used' as const },
      { ...LEASE, expires_at: NOW },
    ]) {
      expect(claimRefusal({ ...facts, ...several, lease, idempotency_key: 'two' }, NOW)).toBeNull();
      expect(claimRefusal({ ...facts, ...redeemed, lease, idempotency_key: 'two' }, NOW)).toBe('already_claimed');
    }
  });

  test('is refused in every state but approved (INV-1)', () => {
    for (const state of REQUEST_STATES.filter((one) => one !== 'approved')) {
      expect(claimRefusal({ ...facts, state }, NOW)).toBe('not_approved');
    }
  });
});

describe('a start without a credential', () => {
  const facts = {
    state: 'approved',
    grant: GRANT,
    execution: null,
    revocation: null,
    has_quorum: true,
    has_result: false,
    approved_at: NOW,
    approved_digest: 'sha256:right',
    digest: 'sha256:right',
  } as const;
  const late = new Date(NOW.getTime() - 300_000);

  test.each([
    ['whose rule grants a credential', {}],
    ['whose rule grants none', { grant: null }],
    ['approved a moment less than five minutes ago', { approved_at: new Date(late.getTime() + 1), grant: null }],
  ])('goes on for a request %s', (_title, changes) => {
    expect(startRefusal({ ...facts, ...changes }, NOW)).toBeNull();
  });

  test.each([
    ['its credential was claimed (INV-10)', { grant: { ...GRANT, redeemed_at: NOW } }, 'already_claimed'],
    ['it was begun before (INV-10)', { execution: EXECUTION }, 'already_started'],
    ['its result was told already', { has_result: true }, 'result_already_reported'],
    ['the time to claim is over', { grant: { ...GRANT, claim_expires_at: NOW } }, 'claim_expired'],
    ['it was approved five minutes ago, without a grant', { approved_at: late, grant: null }, 'claim_expired'],
    ['an approver lost the right', { has_quorum: false }, 'quorum_lost'],
    ['what would run is not what was approved (INV-1)', { digest: 'sha256:other' }, 'digest_mismatch'],
    ['that is so of what was begun, too', { digest: 'sha256:other', execution: EXECUTION }, 'digest_mismatch'],
  ])('is refused when %s', (_title, changes, refusal) => {
    expect(startRefusal({ ...facts, ...changes }, NOW)).toBe(refusal);
  });

  test('is refused in every state but approved (INV-1)', () => {
    for (const state of REQUEST_STATES.filter((one) => one !== 'approved')) {
      expect(startRefusal({ ...facts, state }, NOW)).toBe('not_approved');
    }
  });
});

describe('a credential that is asked for lies within the one that is allowed (INV-5)', () => {
  test.each<[title: string, input: Partial<CredentialSpec>, isInside: boolean]>([
    ['the same', {}, true],
    ['fewer scopes', { scopes: ['b'] }, true],
    ['a shorter life', { lifetime_seconds: LIFETIME_SECONDS_MIN }, true],
    ['one more scope', { scopes: ['a', 'b', 'c'] }, false],
    ['a scope that only starts alike', { scopes: ['a '] }, false],
    ['no scope', { scopes: [] }, false],
    ['another audience', { audience: 'https://a.example/' }, false],
    ['a second more', { lifetime_seconds: 301 }, false],
    ['too short a life to be of use', { lifetime_seconds: LIFETIME_SECONDS_MIN - 1 }, false],
    ['no number at all', { lifetime_seconds: Number.NaN }, false],
  ])('%s: %#', (_title, input, isInside) => {
    expect(isWithin({ ...SPEC, ...input }, SPEC)).toBe(isInside);
  });

  test('what lies within is never wider in any respect', () => {
    const scopes = fc.subarray(['a', 'b', 'c']);
    const specs = fc.record({
      type: fc.constant('jwt' as const),
      audience: fc.constantFrom('x', 'y'),
      scopes,
      lifetime_seconds: fc.integer({ min: -10, max: 1_000 }),
    });
    fc.assert(
      fc.property(specs, specs, (input, allowed) => {
        if (!isWithin(input, allowed)) return true;
        const isNoWider = input.scopes.every((scope) => allowed.scopes.includes(scope));
        return isNoWider && input.audience === allowed.audience && input.lifetime_seconds <= allowed.lifetime_seconds;
      }),
    );
  });
});

describe('ids', () => {
  const kinds = Object.keys(ID_PREFIXES) as IdKind[];
  const random = fc.uint8Array({ minLength: ID_RANDOM_BYTES, maxLength: ID_RANDOM_BYTES });
  const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

  test('have the prefix of their kind and the form that the database checks', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), time, random, (kind, now_ms, bytes) => {
        const id = makeId(kind, now_ms, bytes);
        return isId(kind, id) && /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{36}$/.test(id) && id.startsWith(ID_PREFIXES[kind]);
      }),
    );
  });

  test('sort as text in the order of their time', () => {
    fc.assert(
      fc.property(time, time, random, random, (one, two, a, b) => {
        if (one === two) return true;
        return one < two === makeId('request', one, a) < makeId('request', two, b);
      }),
    );
  });

  test('keep all of their 128 random bits', () => {
    fc.assert(
      fc.property(time, random, random, (now_ms, a, b) => {
        return Buffer.from(a).equals(b) === (makeId('lease', now_ms, a) === makeId('lease', now_ms, b));
      }),
    );
    expect(() => makeId('lease', 0, new Uint8Array(15))).toThrow(RangeError);
  });

  test.each(['', 'apr_', 'apr_x', `apr_${'i'.repeat(36)}`, `lse_${'0'.repeat(36)}`, `apr_${'0'.repeat(36)} `])(
    '%j is no id of a request',
    (text) => {
      expect(isId('request', text)).toBe(false);
    },
  );

  test('no two kinds share a prefix', () => {
    expect(new Set(Object.values(ID_PREFIXES)).size).toBe(kinds.length);
  });
});
