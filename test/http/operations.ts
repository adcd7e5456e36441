// One valid call of every operation of the API. Sends nothing itself.
import type { ApiDeps } from '../../src/http/deps.ts';
import { ADMIN_OPERATIONS } from './admin-operations.ts';
import { ASK, CREDENTIAL, DIGEST, LEASE_ID, REQUEST_ID } from './samples.ts';
import type { Sent } from './support.ts';

export type Operation = {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** Its path in the OpenAPI document. */
  readonly pattern: string;
  readonly sent: Sent;
  /** The use case behind it. */
  readonly dep: keyof ApiDeps;
  readonly status: number;
};

const REQUESTS = '/v1/approval-requests';

/** One valid call of every operation of the API that has a use case behind it. */
export const OPERATIONS: readonly Operation[] = [
  ...ADMIN_OPERATIONS,
  {
    operation: 'submit_approval_request',
    method: 'POST',
    path: REQUESTS,
    pattern: REQUESTS,
    sent: { body: ASK, headers: { 'idempotency-key': 'one' } },
    dep: 'submit',
    status: 201,
  },
  operation('read_approval_request', 'GET', '', { dep: 'readRequest' }),
  {
    ...operation('read_approval_request', 'GET', '', { dep: 'awaitDecision' }),
    path: `${REQUESTS}/${REQUEST_ID}?wait_seconds=60`,
  },
  { ...operation('list_approval_requests', 'GET', '', { dep: 'listRequests' }), path: REQUESTS, pattern: REQUESTS },
  operation('cancel_approval_request', 'POST', '/cancel', { dep: 'cancel' }),
  operation('claim_credential', 'POST', '/credential', { dep: 'claim' }),
  operation('start_execution', 'POST', '/execution', {
    dep: 'start',
    sent: { headers: { 'idempotency-key': 'one' }, body: { digest: DIGEST } },
  }),
  operation('give_back_approval', 'POST', '/revoke', { dep: 'revokeLease' }),
  operation('report_result', 'POST', '/result', { dep: 'report', sent: { body: { status: 'succeeded' } } }),
  {
    operation: 'use_lease',
    method: 'POST',
    path: `/v1/leases/${LEASE_ID}/use`,
    pattern: '/v1/leases/{id}/use',
    sent: { key: CREDENTIAL, body: { digest: DIGEST } },
    dep: 'use',
    status: 200,
  },
  {
    operation: 'list_jwks',
    method: 'GET',
    path: '/.well-known/jwks.json',
    pattern: '/.well-known/jwks.json',
    sent: { key: null },
    dep: 'listJwks',
    status: 200,
  },
  {
    operation: 'read_policy_schema',
    method: 'GET',
    path: '/policy.schema.json',
    pattern: '/policy.schema.json',
    sent: { key: null },
    dep: 'readPolicySchema',
    status: 200,
  },
];

function operation(
  name: string,
  method: string,
  suffix: string,
  more: { readonly dep: keyof ApiDeps; readonly sent?: Sent },
): Operation {
  return {
    operation: name,
    method,
    path: `${REQUESTS}/${REQUEST_ID}${suffix}`,
    pattern: `${REQUESTS}/{id}${suffix}`,
    sent: more.sent ?? {},
    dep: more.dep,
    status: 200,
  };
}
