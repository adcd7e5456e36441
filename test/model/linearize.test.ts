// Proof of the checker: small histories that break a promise are refused, and those that keep it under some order fit.

import { describe, expect, test } from '@jest/globals';
import { viewOf } from './doors.ts';
import {
  approval,
  approved,
  BODY,
  COUNTS_1_OF_2,
  COUNTS_WITH_ANN,
  cancelled,
  claimed,
  created,
  denied,
  during,
  ended,
  failed,
  givenBack,
  got,
  history,
  request,
  used,
} from './histories.ts';
import { faultOf } from './history.ts';

const BOTH = [created(), approved('ann', COUNTS_1_OF_2), approved('ben', COUNTS_WITH_ANN)];
const ALREADY_1_OF_2 = 'Your approval was already counted at T. 1 of 2 approvals so far.';
const DENIED = 'Your denial counts. Denied by ben (@ben) at T. Reason: “not now”';
const CANCELLED = viewOf(request({ state: 'cancelled' }));
const OVER = 'Nothing was recorded: this is already over.';
const EXPIRED = 'Nothing was recorded: this expired at T with 0 of 2 approvals. Nothing runs.';
const approvedByBoth = request({ state: 'approved', decisions: [approval('ann'), approval('ben')] });

describe('a history is refused', () => {
  test.each([
    ['one person counts twice', [created(), approved('ann', COUNTS_1_OF_2), approved('ann', COUNTS_WITH_ANN)]],
    [
      'one person counts twice, with a second account that no file names',
      [
        created(),
        approved('ann', COUNTS_1_OF_2),
        approved('ann2', COUNTS_WITH_ANN.replace('ben (@ben)', 'ann (@ann2)')),
      ],
    ],
    ["the owner's click counts", [created(), approved('own', COUNTS_1_OF_2)]],
    ['whoever it was asked for counts', [created({ ...BODY, is_for_beh: true }), approved('beh', COUNTS_1_OF_2)]],
    ['somebody in no group counts', [created(), approved('cyd', COUNTS_1_OF_2)]],
    ['a guest counts', [created(), approved('gus', COUNTS_1_OF_2)]],
    ['a stranger counts', [created(), approved('oly', COUNTS_1_OF_2)]],
    ['a deactivated account counts', [created(), approved('gon', COUNTS_1_OF_2)]],
    ['a credential is given out twice', [...BOTH, claimed(), claimed()]],
    ['a credential is given out before the quorum', [created(), approved('ann', COUNTS_1_OF_2), claimed()]],
    ['a lease is spent twice', [...BOTH, claimed(), used(), used()]],
    ['an approval counts after a denial', [created(), denied('ben', DENIED), approved('ann', COUNTS_1_OF_2)]],
    ['an approval counts after a cancel', [created(), cancelled(CANCELLED), approved('ann', COUNTS_1_OF_2)]],
    ['a lease is spent after it was given back', [...BOTH, claimed(), givenBack('revoked'), used()]],
    ['a credential is given out after its approval was given back', [...BOTH, givenBack('revoked'), claimed()]],
    ['a credential is given out after a cancel', [created(), cancelled(CANCELLED), claimed()]],
    ['a credential is given out after its window', [...BOTH, ended('end_claim_window'), claimed()]],
    ['a lease is spent after its end', [...BOTH, claimed(), ended('end_lease'), used()]],
    ['a lease ends that is spent', [...BOTH, claimed(), used(), ended('end_lease')]],
    ['a window ends that nobody opened', [created(), ended('end_claim_window')]],
    ['a lease shows as over before its end', [...BOTH, claimed(), got({ ...approvedByBoth, lease: 'expired' })]],
    ['a modal that names other content counts', [created(), denied('ben', DENIED, true)]],
    ['a cancel is heard, and then it was approved', [created(), cancelled(CANCELLED), got(approvedByBoth)]],
    [
      'a click is told another tally than there is',
      [created(), approved('ann', COUNTS_1_OF_2.replace('1 of', '2 of'))],
    ],
    ['a decision is shown that nobody made', [created(), got(request({ decisions: [approval('ann')] }))]],
    ['a decision that was counted is not shown', [created(), approved('ann', COUNTS_1_OF_2), got(request())]],
    ['the same key with another body is taken for the same', [created(), created({ ...BODY, seconds: 60 })]],
    [
      'an agent lists the request of another',
      [created(), [{ kind: 'list', agent: 'one', slot: 0, by: 'two', key: 0 }, viewOf(request())]],
    ],
    [
      'two who click at once both hear that they were the first',
      [
        during(0, 10, created()),
        during(20, 50, approved('ann', COUNTS_1_OF_2)),
        during(25, 45, approved('ben', COUNTS_1_OF_2)),
      ],
    ],
  ] as const)('%s', (_what, heard) => {
    expect(faultOf(history(heard))).toContain('No order of these calls');
  });

  test('an approval counts when the time is long over', () => {
    expect(faultOf(history([created(), approved('ann', COUNTS_1_OF_2)], 700))).toContain('time_over');
  });

  test('a click is refused as late before the time is over', () => {
    expect(faultOf(history([created(), approved('ann', EXPIRED)], 9_000))).toContain('No order of these calls');
  });

  test('a key works after the call that ended it', () => {
    const ended = { kind: 'rotate', agent: 'one', overlap_seconds: 0 } as const;
    expect(faultOf(history([created(), [ended, 'rotated'], got(request())]))).toContain('agent_key_invalid');
  });

  test('a key works after the overlap of the rotation that replaced it', () => {
    const rotated = { kind: 'rotate', agent: 'one', overlap_seconds: 1 } as const;
    const beyond = during(4_000, 4_500, got(request()));
    expect(faultOf(history([created(), [rotated, 'rotated'], beyond, got(request())]))).toContain('agent_key_invalid');
  });

  test('somebody decides who left the group before the click', () => {
    const without = { pay: ['ben', 'own', 'beh'], dba: 'S1', quorum: 2, vary: 'require', accounts: ['ann'] } as const;
    const left = { kind: 'apply', policy: without } as const;
    const heard = [created(), [left, 'applied 2'], approved('ann', COUNTS_1_OF_2)] as const;
    expect(faultOf(history(heard))).toContain('members of pay decide on this');
  });

  test('with the calls, the order that got furthest, and what would have been allowed', () => {
    const fault = faultOf(history([created(), approved('own', COUNTS_1_OF_2)]));
    expect(fault).toContain('approve agent=one slot=0 who=own → Your approval counts.');
    expect(fault).toContain('allowed: Nothing was recorded: this was asked for you or by your agent');
  });
});

describe('a history fits', () => {
  const fits = (heard: Parameters<typeof history>[0], expires_at_ms: number | null = null) =>
    expect(faultOf(history(heard, expires_at_ms))).toBeNull();

  test('two approve, one credential is given out and spent once', () =>
    fits([
      ...BOTH,
      got(approvedByBoth),
      claimed(),
      claimed('already_claimed'),
      used(),
      used('already_used'),
      got({ ...approvedByBoth, lease: 'used' }),
    ]));

  test('two click at once: either may have been the first', () => {
    const reversed = COUNTS_WITH_ANN.replace('ann (@ann) at T, ben (@ben) at T', 'ben (@ben) at T, ann (@ann) at T');
    fits([
      during(0, 10, created()),
      during(20, 50, approved('ann', reversed)),
      during(25, 45, approved('ben', COUNTS_1_OF_2)),
    ]);
  });

  test('one person clicks twice at once: one of both is already counted', () =>
    fits([
      during(0, 10, created()),
      during(20, 50, approved('ann', ALREADY_1_OF_2)),
      during(21, 50, approved('ann', COUNTS_1_OF_2)),
    ]));

  test('a cancel and an approval meet: whichever came first, the other hears of it', () => {
    const body = { ...BODY, action: 'one' } as const;
    const one = { body, rule: 'one', quorum: 1 } as const;
    const cancelFirst = viewOf(request({ ...one, state: 'cancelled' }));
    fits([
      during(0, 10, created(body)),
      during(20, 50, approved('ann', `${OVER} Cancelled by the agent at T. Nothing runs.`)),
      during(25, 60, cancelled(cancelFirst)),
    ]);
    fits([
      during(0, 10, created(body)),
      during(20, 50, approved('ann', 'Your approval counts. Approved by ann (@ann) at T.')),
      during(25, 60, cancelled('not_pending')),
    ]);
  });

  test('a click around the end of the time: counted or late', () => {
    fits([during(0, 10, created()), during(2_000, 4_000, approved('ann', COUNTS_1_OF_2))], 3_000);
    fits([during(0, 10, created()), during(2_000, 4_000, approved('ann', EXPIRED))], 3_000);
  });

  test('a lease that is over spends nothing, before its row says so and after', () =>
    fits([
      ...BOTH,
      claimed(),
      ended('end_lease'),
      used('lease_expired'),
      got({ ...approvedByBoth, lease: 'active' }),
      got({ ...approvedByBoth, lease: 'expired' }),
      used('lease_expired'),
      failed(),
      used('lease_expired'),
    ]));

  test('within the overlap of a rotation the old key works, beyond it no longer', () => {
    const rotated = { kind: 'rotate', agent: 'one', overlap_seconds: 1 } as const;
    fits([
      during(0, 100, created()),
      [rotated, 'rotated', [200, 400]],
      during(500, 900, got(request())),
      during(2_000, 2_400, [got(request())[0], 'agent_key_invalid']),
      during(2_500, 2_900, got(request(), 1)),
    ]);
  });

  test('what ended in trouble may have happened, or not', () => {
    const unclear = approved('ann', 'We could not confirm that this was recorded. Try again in a moment.');
    fits([created(), unclear, got(request())]);
    fits([created(), unclear, got(request({ decisions: [approval('ann')] }))]);
  });
});
