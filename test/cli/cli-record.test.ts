// The commands that read the record: requests, audit events and groups as a terminal shows them.

import { describe, expect, test } from '@jest/globals';
import type { Operations } from '../../src/cli/operations.ts';
import type { RequestRecord } from '../../src/domain/request/record.ts';
import { run } from './support.ts';

const RECORD: RequestRecord = {
  request: {
    id: 'apr_1',
    tenant_id: 'default',
    agent_id: 'agt_1',
    environment: 'production',
    action: 'orders.refund',
    resource: 'order/A-1\u001b[31m',
    parameters: { amount: 120 },
    digest: 'sha256:aa',
    justification: 'the customer\nasked',
    on_behalf_of: null,
    on_behalf_of_person_id: null,
    excluded_people: [],
    effect: 'require',
    state: 'approved',
    policy_id: 'pol_1',
    policy_number: 3,
    rule: 'refunds',
    denial: null,
    requirement: { stages: [{ approvers: [{ group_id: 'grp_1', name: 'payments' }], quorum: 1 }] },
    credential: null,
    presentation: null,
    salts_sealed: null,
    needs_review: false,
    revision: 2,
    created_at: new Date('2029-01-01T00:00:00Z'),
    expires_at: new Date('2029-01-01T00:10:00Z'),
    closed_at: new Date('2029-01-01T00:01:00Z'),
  },
  agent: { id: 'agt_1', name: 'demo', owner: { id: 'prs_1', email: 'ann@example.com', name: 'Ann' } },
  groups: [],
  parts: [],
  decisions: [
    {
      id: 'dec_1',
      request_id: 'apr_1',
      stage: 0,
      person_id: 'prs_2',
      decision: 'approve',
      reason: null,
      digest: 'sha256:aa',
      decided_at: new Date('2029-01-01T00:01:00Z'),
      person: { id: 'prs_2', email: 'bob@example.com', name: 'Bob' },
      via: 'slack',
      account: 'T0ACME/U0BOB',
      account_moved_at: null,
      group_ids: null,
    },
  ],
  grant: null,
  lease: null,
  execution: null,
  revocation: null,
  result: null,
  cards: [],
  undeliverable_at: null,
  same_pending: 0,
};

describe('reading the record', () => {
  test('request show of a request that the policy denied says which rule did', async () => {
    const request = { ...RECORD.request, effect: 'deny', state: 'denied', requirement: null } as const;
    const { out } = await run(['request', 'show', 'apr_1'], { showRequest: async () => ({ ...RECORD, request }) });
    expect(out).toContain('effect         deny: The rule “refunds” denies this.');
  });

  test('request show tells the whole story, and no character of an agent reaches the terminal raw', async () => {
    const { out } = await run(['request', 'show', 'apr_1'], { showRequest: async () => RECORD });
    expect(out).toBe(`id             apr_1
state          approved
agent          demo (owner ann@example.com)
on behalf of   -
action         orders.refund
resource       order/A-1\\u{1b}[31m
parameters     {
                 "amount": 120
               }
justification  the customer
               asked
digest         sha256:aa
policy         version 3, rule refunds
effect         require
requires       1 of payments
created        2029-01-01T00:00:00Z
expires        2029-01-01T00:10:00Z
closed         2029-01-01T00:01:00Z
decisions      approve by bob@example.com at 2029-01-01T00:01:00Z
lease          -
started        -
revoked        -
result         -
`);
  });

  test('request list passes state and limit on', async () => {
    const input: unknown[] = [];
    const listRequests: Operations['listRequests'] = async (filter) => {
      input.push(filter);
      return [RECORD];
    };
    const { out } = await run(['request', 'list', '--state', 'approved', '--limit', '5'], { listRequests });
    expect(input).toEqual([{ state: 'approved', limit: 5 }]);
    expect(out.split('\n')[1]).toBe(
      'apr_1  approved  demo   orders.refund  order/A-1\\u{1b}[31m  2029-01-01T00:00:00Z',
    );
  });

  test('audit list with --json is one object with typed facts', async () => {
    const event = {
      id: 'evt_1',
      type: 'decision.refused',
      outcome: 'failure',
      actor_kind: 'person',
      actor_id: 'prs_1',
      request_id: 'apr_1',
      lease_id: null,
      digest: null,
      facts: { refusal: 'not_in_group', decision: 'approve' },
      occurred_at: new Date('2029-01-01T00:00:00Z'),
    } as const;
    const { out } = await run(['audit', 'list', '--request', 'apr_1', '--json'], {
      listAuditEvents: async (filter) => (filter.request_id === 'apr_1' ? [event] : []),
    });
    expect(JSON.parse(out)).toEqual({ items: [{ ...event, occurred_at: '2029-01-01T00:00:00.000Z' }] });
  });

  test('group show says that the members of a Slack user group are asked each time', async () => {
    const { out } = await run(['group', 'show', 'dba'], {
      showGroup: async () => ({
        id: 'grp_1',
        name: 'dba',
        channel: 'C0DBA',
        slack_user_group: 'S0DBA',
        source: { kind: 'slack_user_group', id: 'S0DBA' },
        is_retired: false,
        member_count: 0,
        members: [],
      }),
    });
    expect(out).toContain('members  asked at each click, claim and use\n');
  });
});
