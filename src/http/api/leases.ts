// The lease as a resource: the tool spends it, once, with the credential itself as the proof.

import { proofOf } from '../proof.ts';
import type { RouteContext } from '../route-context.ts';
import { answers, CREDENTIAL, codes } from './openapi.ts';
import * as wire from './wire.ts';

/** Registers every route under /v1/leases. */
export function registerLeases({ app, deps, guards, public_url }: RouteContext): void {
  app.post(
    '/v1/leases/:id/use',
    {
      schema: {
        operationId: 'use_lease',
        summary: 'Spend a lease just before the action runs, with the digest of what is about to run.',
        tags: ['leases'],
        security: CREDENTIAL,
        params: wire.leaseParams,
        body: wire.spendBody,
        response: answers({ status: 200, description: 'Spent: the action may run now.', schema: wire.usedLease }, [
          ...codes.body,
          'agent_revoked',
          'denied_by_policy',
          'dpop_proof_invalid',
          'quorum_lost',
          'already_used',
          'result_already_reported',
          'credential_invalid',
          'digest_mismatch',
          'lease_expired',
          'lease_revoked',
          'not_found',
          'rate_limited',
          'unavailable',
        ]),
      },
      onRequest: guards.requireCredential,
    },
    async (request) => {
      const proof = proofOf(request, public_url);
      const { digest } = request.body;
      const spent = { lease_id: request.params.id, ...guards.credentialOf(request), proof, digest };
      return { lease: await guards.countFailures(request, () => deps.use(spent)) };
    },
  );
}
