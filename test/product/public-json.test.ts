// What is public of a request record is named member by member at each door: a member that a type of ours comes to have, however
// deep, reaches nobody by itself.

import { expect, test } from '@jest/globals';
import type { OperatorRecord } from '../../src/domain/request/record.ts';
import * as wire from '../../src/http/api/wire.ts';
import { toView } from '../../src/service/agent/request-view.ts';
import { run } from '../cli/support.ts';
import { approvedRecord, CREATED_AT, DIGEST } from '../slack/draw/request-records.ts';

const OURS = 'inner';
/** Where the agent's own JSON begins: what it said is public as it said it. */
const THEIRS = 'parameters';

/** The same value with one more member in every object of ours. */
function withMore<V>(value: V): V {
  if (Array.isArray(value)) return value.map(withMore) as V;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const members = Object.entries(value).map(([name, member]) => [name, name === THEIRS ? member : withMore(member)]);
  return { ...Object.fromEntries(members), [OURS]: OURS };
}

const { request, ...known } = approvedRecord();
const credential = { type: 'jwt', audience: 'https://a.example', scopes: ['a:b'], lifetime_seconds: 60 } as const;
const RECORD: OperatorRecord = {
  ...known,
  request: { ...request, credential, id: `apr_${'0'.repeat(36)}` },
  grant: {
    id: 'grt_1',
    request_id: 'apr_1',
    digest: DIGEST,
    credential,
    claim_expires_at: CREATED_AT,
    ends_at: null,
    uses_max: 1,
    redeemed_at: null,
    redemptions: 0,
    uses: 0,
  },
  lease: {
    ...{
      id: 'lse_1',
      grant_id: 'grt_1',
      request_id: 'apr_1',
      digest: DIGEST,
      use: 1,
      idempotency_key: null,
      jkt: null,
      state: 'used',
    },
    ...{ issued_at: CREATED_AT, expires_at: CREATED_AT, used_at: CREATED_AT },
  },
  execution: { idempotency_key: 'once', digest: DIGEST, started_at: CREATED_AT },
  result: { status: 'failed', detail: 'no', result_digest: null, reported_at: CREATED_AT },
};

test('the API and the command line say nothing of a record that they do not name', async () => {
  const more = withMore(RECORD);
  expect(JSON.stringify(more).split(OURS).length).toBeGreaterThan(20);
  expect(wire.approvalRequest.parse(toView(more))).toEqual(wire.approvalRequest.parse(toView(RECORD)));
  const shown = { showRequest: async () => more, listRequests: async () => [more] };
  const before = { showRequest: async () => RECORD, listRequests: async () => [RECORD] };
  for (const command of ['request show apr_1 --json', 'request list --json']) {
    const { out } = await run(command.split(' '), shown);
    expect(out).toContain('"reported_at"');
    expect(out).toBe((await run(command.split(' '), before)).out);
  }
});
