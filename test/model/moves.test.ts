// Proof of the checker where an operator moves an account: what it allows of that, and what it refuses.

import { describe, expect, test } from '@jest/globals';
import { approved, COUNTS_1_OF_2, COUNTS_WITH_ANN, claimed, created, history } from './histories.ts';
import { faultOf } from './history.ts';
import { FIRST_POLICY } from './world.ts';

type Heard = Parameters<typeof history>[0][number];

/** The file names both accounts of ann, and cyd, who is one of those who decide. */
const POLICY = { ...FIRST_POLICY, pay: ['ann', 'ben', 'cyd', 'own', 'beh'], accounts: ['ann', 'ann2', 'cyd'] } as const;
const APPLIED: Heard = [{ kind: 'apply', policy: POLICY }, 'applied 2'];
const MOVED: Heard = [{ kind: 'move' }, 'changed'];
/** The account shows an address that is nobody's. */
const RENAMED: Heard = [{ kind: 'rename', who: 'ann2', is_new: true }, 'done'];
const ALREADY = 'Your approval was already counted at T. 0 of 2 approvals so far.';
const OF_ANOTHER =
  'Nothing was recorded: the address that Slack shows for your account is another person’s here. If both are you, ask ' +
  'an operator to join them (placet person merge); else correct your address in Slack.';

describe('an account that was moved to another person', () => {
  test.each<[string, readonly Heard[]]>([
    [
      'no longer counts for whom it decided before, and does not decide again',
      [approved('ann2', COUNTS_1_OF_2), MOVED, RENAMED, approved('ann2', ALREADY), approved('ann', ALREADY)],
    ],
    ['leaves room for the one it went to', [approved('ann2', COUNTS_1_OF_2), MOVED, approved('cyd', COUNTS_1_OF_2)]],
    ['decides as that person from then on', [MOVED, RENAMED, approved('ann2', COUNTS_1_OF_2)]],
    ['is nobody’s while it shows an address of whom it was', [MOVED, approved('ann2', OF_ANOTHER)]],
    [
      'takes the quorum from what it approved',
      [
        approved('ann2', COUNTS_1_OF_2),
        approved('ben', COUNTS_WITH_ANN.replace('@ann', '@ann2')),
        MOVED,
        claimed('quorum_lost'),
      ],
    ],
    ['is not taken back by the file', [MOVED, [APPLIED[0], 'unchanged 2'], [{ kind: 'move' }, 'unchanged']]],
  ])('%s', (_what, heard) => {
    expect(faultOf(history([created(), APPLIED, ...heard]))).toBeNull();
  });

  test.each<[string, readonly Heard[]]>([
    ['counts on', [approved('ann2', COUNTS_1_OF_2), MOVED, approved('ben', COUNTS_WITH_ANN.replace('@ann', '@ann2'))]],
    ['counts twice', [approved('ann2', COUNTS_1_OF_2), MOVED, RENAMED, approved('ann2', COUNTS_1_OF_2)]],
    ['counts with an address of whom it was', [MOVED, approved('ann2', COUNTS_1_OF_2)]],
    [
      'is good for a credential all the same',
      [approved('ann2', COUNTS_1_OF_2), approved('ben', COUNTS_WITH_ANN.replace('@ann', '@ann2')), MOVED, claimed()],
    ],
    [
      'is moved back by a file',
      [MOVED, [{ kind: 'apply', policy: { ...POLICY, quorum: 1 } }, 'applied 3'], approved('ann2', COUNTS_1_OF_2)],
    ],
  ])('never %s', (_what, heard) => {
    expect(faultOf(history([created(), APPLIED, ...heard]))).toContain('No order of these calls');
  });
});
