// When a lease may be spent: once, in its time, for the digest that was approved.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LEASE_STATES, type Lease, useRefusal } from '../../src/domain/credential/lease.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

describe('a use', () => {
  const lease: Lease & { has_result: boolean } = {
    id: 'lse_1',
    grant_id: 'grt_1',
    request_id: 'apr_1',
    digest: 'sha256:right',
    use: 1,
    idempotency_key: null,
    jkt: null,
    state: 'active',
    issued_at: NOW,
    expires_at: at(1),
    used_at: null,
    has_result: false,
  };

  test('goes on once, for the digest that was approved', () => {
    expect(useRefusal(lease, 'sha256:right', NOW)).toBeNull();
  });

  test.each([
    ['another digest', lease, 'sha256:other', 'digest_mismatch'],
    ['a used lease (INV-6)', { ...lease, state: 'used' }, 'sha256:right', 'already_used'],
    ['a revoked lease (INV-6)', { ...lease, state: 'revoked' }, 'sha256:right', 'lease_revoked'],
    ['an expired lease', { ...lease, state: 'expired' }, 'sha256:right', 'lease_expired'],
    ['a lease whose result was told', { ...lease, has_result: true }, 'sha256:right', 'result_already_reported'],
    ['a lease that ends at this very moment', { ...lease, expires_at: NOW }, 'sha256:right', 'lease_expired'],
  ] as const)('is refused for %s', (_title, input, digest, refusal) => {
    expect(useRefusal(input, digest, NOW)).toBe(refusal);
  });

  test('goes on only for an active lease in time and its own digest, over all combinations (INV-6)', () => {
    const facts = [fc.constantFrom(...LEASE_STATES), fc.integer({ min: -5, max: 5 }), fc.boolean()] as const;
    fc.assert(
      fc.property(...facts, (state, offset, isRight) => {
        const refusal = useRefusal({ ...lease, state, expires_at: at(offset) }, isRight ? lease.digest : 'x', NOW);
        return (refusal === null) === (state === 'active' && offset > 0 && isRight);
      }),
    );
  });
});
