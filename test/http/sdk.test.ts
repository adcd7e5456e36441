// The SDK speaks of what the API does: the same members in what is asked and in what is answered.

import { expect, test } from '@jest/globals';
import { type ApprovalAsk, type ApprovalRequest, createPlacet } from '@placet/sdk';
import { APPROVAL_REQUEST } from '../../src/http/api/examples.ts';
import * as wire from '../../src/http/api/wire.ts';

test("each member of the API's answer is one of the SDK's type, and none is invented", () => {
  const members: Readonly<Record<keyof ApprovalRequest, true>> = {
    ...{ id: true, state: true, action: true, resource: true, parameters: true, masked: true, justification: true },
    ...{ on_behalf_of: true, digest: true, created_at: true, expires_at: true, requirement: true, policy: true },
    ...{ credential: true, presentation: true, decisions: true, outcome: true, undeliverable: true },
  };
  expect(Object.keys(members).sort()).toEqual(Object.keys(wire.approvalRequest.shape).sort());
});

test('each member of a body that the API takes is one that the SDK can send', async () => {
  const ask: Required<ApprovalAsk> = {
    action: APPROVAL_REQUEST.action,
    resource: APPROVAL_REQUEST.resource,
    parameters: {},
    justification: 'because',
    onBehalfOf: 'ann@example.com',
    timeoutSeconds: 60,
    credential: { audience: 'https://orders.example', scopes: ['orders:refund'], lifetimeSeconds: 60 },
  };
  let body: unknown;
  const fetch = (_url: unknown, init?: { readonly body?: unknown }) => {
    body = JSON.parse(String(init?.body));
    return Promise.resolve(new Response('{}', { status: 201 }));
  };
  const placet = createPlacet({ url: 'https://placet.example', apiKey: 'plk_any', fetch });
  await placet.request(ask).catch(() => undefined);
  expect(Object.keys(body ?? {}).sort()).toEqual(Object.keys(wire.newApprovalRequest.shape).sort());
  expect(wire.newApprovalRequest.safeParse(body).error).toBeUndefined();
});
