// The checker of the record sees each kind of wrong: a sound row has no fault, and each single change of it has one.
import { expect, test } from '@jest/globals';
import { faultsOf, faultsOfStory, type RecordRow } from './check-record.ts';
import type { Story } from './stories.ts';

/** A request that two approved, that ran and told so. */
const ROW: RecordRow = {
  id: 'apr_1',
  idempotency_key: 'story-1',
  resource: 'order/story-1-end',
  effect: 'require',
  state: 'approved',
  revision: 5,
  events: [
    'approval_request.created',
    'decision.recorded',
    'decision.recorded',
    'approval_request.approved',
    'grant.created',
    'credential.issued',
    'lease.used',
    'result.reported',
  ],
  approvals: 2,
  denials: 0,
  decisions: 2,
  late_decisions: 0,
  quorum: 2,
  has_credential: true,
  grants: 1,
  redeemed: 1,
  leases: 1,
  leases_are_within: true,
  lease_state: 'used',
  result: 'succeeded',
  closed_late: false,
  lease_is_over: false,
  is_awaited: false,
};
const STORY: Story = {
  plan: 'ran, two approved',
  key: 'story-1',
  resource: 'order/story-1-end',
  id: 'apr_1',
  heard: 'approved',
  claimed: 'credential',
  used: 'used',
  runs: 1,
  reported: true,
  failure: null,
};
const withMore = (type: string) => ({ events: [...ROW.events, type] });
const without = (type: string) => ({ events: ROW.events.filter((each) => each !== type) });
/** What people were not asked about. */
const BY_RULE = { ...without('decision.recorded'), decisions: 0, approvals: 0, quorum: 0 };

test('a sound request and a sound story have no fault', () => {
  expect([...faultsOf(ROW), ...faultsOfStory(STORY, [ROW])]).toEqual([]);
  expect(faultsOf({ ...ROW, ...BY_RULE, effect: 'allow' })).toEqual([]);
});

test.each<[string, Partial<RecordRow>, string]>([
  ['is left pending', { state: 'pending' }, 'is still pending'],
  ['was created twice', withMore('approval_request.created'), 'was not created exactly once'],
  ['was approved twice', withMore('approval_request.approved'), 'ended 2 times'],
  ['is denied by nobody', { state: 'denied', approvals: 1 }, 'may not be denied'],
  ['is denied after its quorum', { state: 'denied', denials: 1 }, 'may not be denied'],
  ['is denied after its time', { state: 'denied', denials: 1, approvals: 1, closed_late: true }, 'may not be denied'],
  ['expired before its time', { state: 'expired', approvals: 1 }, 'may not be expired'],
  ['expired after its quorum', { state: 'expired', closed_late: true }, 'may not be expired'],
  ['expired after a denial', { state: 'expired', closed_late: true, approvals: 1, denials: 1 }, 'may not be expired'],
  ['was cancelled after its quorum', { state: 'cancelled' }, 'may not be cancelled'],
  ['was cancelled after a denial', { state: 'cancelled', approvals: 1, denials: 1 }, 'may not be cancelled'],
  ['has a second end', withMore('approval_request.expired'), 'its events say approved, expired'],
  ['ends without its event', without('approval_request.approved'), 'its events say nothing'],
  ['is approved short of its quorum', { approvals: 1 }, 'may not be approved'],
  ['is approved against a denial', { denials: 1 }, 'may not be approved'],
  ['is approved after its time', { closed_late: true }, 'may not be approved'],
  ['is approved by a rule that denies', { ...BY_RULE, effect: 'deny' }, 'may not be approved'],
  ['is allowed by a rule and decided by people', { effect: 'allow' }, 'may not be approved'],
  ['is decided after its end', { late_decisions: 1 }, 'has a decision after its end'],
  ['was approved before its decisions', { events: ROW.events.toSorted() }, 'its events are out of order'],
  ['has a lease longer than its grant', { leases_are_within: false }, 'has a lease beyond its grant'],
  ['has a decision without its event', { decisions: 3 }, 'decisions without their event'],
  ['has no grant', { grants: 0 }, 'has 0 grants'],
  ['has a grant without its event', without('grant.created'), 'has a grant without its event'],
  ['has a lease without its event', without('credential.issued'), 'has a lease without its event'],
  ["has a lease's end without its event", { lease_state: 'expired' }, "has a lease's end without its event"],
  ['has two leases', { leases: 2 }, 'has 2 leases'],
  ['has a lease of no redeemed grant', { redeemed: 0 }, 'of 0 redeemed grants'],
  ['was used without its event', without('lease.used'), 'a use without its event'],
  ['was used twice', withMore('lease.used'), 'a use without its event'],
  ['keeps a lease past its end', { lease_state: 'active', lease_is_over: true }, 'an active lease past its end'],
  ['succeeded without a use', { lease_state: 'expired' }, 'succeeded without a use'],
  ['has a result without its event', without('result.reported'), 'a result without its event'],
])('a request that %s is found', (_what, change, fault) => {
  expect(faultsOf({ ...ROW, ...change }).join('\n')).toContain(fault);
});

test.each<[string, Partial<Story>, string]>([
  ['stopped on its way', { failure: 'unreachable' }, 'did not come to its end: unreachable'],
  ['heard nothing', { heard: null }, 'heard null'],
  ['heard another outcome', { heard: 'denied' }, 'heard denied'],
  ['was answered for another request', { id: 'apr_2' }, 'was answered for apr_2'],
  ['does not know its lease', { claimed: null }, 'does not know its lease'],
  ['does not know its use', { used: null }, 'does not know its use'],
  ['ran twice', { runs: 2 }, 'ran 2 times'],
  ['ran, and told otherwise', { runs: 0 }, 'result is succeeded'],
])('a story that %s is found', (_what, change, fault) => {
  expect(faultsOfStory({ ...STORY, ...change }, [ROW]).join('\n')).toContain(fault);
});

test.each<[string, Partial<RecordRow>, string]>([
  ['whose credential the record does not know', { leases: 0 }, 'the record has no lease'],
  ['whose use the record does not know', { lease_state: 'expired' }, 'the record has no use'],
  ['that ran although it was denied', { state: 'denied' }, 'ran, and is denied'],
])('a story %s is found', (_what, change, fault) => {
  expect(faultsOfStory(STORY, [{ ...ROW, ...change }]).join('\n')).toContain(fault);
});

test.each([['already_claimed'], ['claimed_elsewhere']])(
  'a story whose claim was answered %s knows its lease',
  (claimed) => {
    const unheard = { ...STORY, claimed, used: null, runs: 0, reported: false };
    expect(faultsOfStory(unheard, [ROW]).join('\n')).not.toContain('does not know its lease');
  },
);

test('a story without its request, or with two, is found', () => {
  expect(faultsOfStory(STORY, []).join()).toContain('has 0 requests');
  expect(faultsOfStory(STORY, [ROW, ROW]).join()).toContain('has 2 requests');
});
