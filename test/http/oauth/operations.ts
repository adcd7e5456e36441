// One valid call of every OAuth endpoint and grant. Sends nothing itself.
import type { Permission } from '../../../src/domain/people/roles.ts';
import type { ApiDeps } from '../../../src/http/deps.ts';
import { CREDENTIAL, REQUEST_ID } from '../samples.ts';

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const POLL = 'urn:openid:params:grant-type:ciba';
export const REQUEST_TYPE = 'https://placet.dev/token-types/approval-request';

const DETAILS = JSON.stringify([{ type: 'placet_action', actions: ['orders.refund'], identifier: 'order/A-1' }]);

export type OAuthOperation = {
  readonly method: 'POST';
  readonly pattern: string;
  readonly form: Readonly<Record<string, string>>;
  /** The use case behind it. */
  readonly dep: keyof ApiDeps;
  /** The permission by which admin tokens come in; null where agents alone do. */
  readonly permission: Permission | null;
};

const token = { method: 'POST', pattern: '/oauth/token', dep: 'exchange', permission: null } as const;
export const OAUTH_OPERATIONS: readonly OAuthOperation[] = [
  { ...token, form: { grant_type: EXCHANGE, subject_token: REQUEST_ID, subject_token_type: REQUEST_TYPE } },
  { ...token, form: { grant_type: POLL, auth_req_id: REQUEST_ID } },
  {
    ...{ method: 'POST', pattern: '/oauth/bc-authorize', dep: 'submit', permission: null },
    form: { authorization_details: DETAILS },
  },
  {
    ...{ method: 'POST', pattern: '/oauth/introspect', dep: 'introspect', permission: 'credentials.check' },
    form: { token: CREDENTIAL },
  },
  {
    ...{ method: 'POST', pattern: '/oauth/revoke', dep: 'revokeCredential', permission: 'leases.revoke' },
    form: { token: CREDENTIAL },
  },
];
