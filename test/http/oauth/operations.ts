// One valid call of every OAuth endpoint and grant. Sends nothing itself.
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
  /** Whether an admin token that may check credentials comes in, and not agents alone. */
  readonly mayTool: boolean;
};

const token = { method: 'POST', pattern: '/oauth/token', dep: 'exchange', mayTool: false } as const;
export const OAUTH_OPERATIONS: readonly OAuthOperation[] = [
  { ...token, form: { grant_type: EXCHANGE, subject_token: REQUEST_ID, subject_token_type: REQUEST_TYPE } },
  { ...token, form: { grant_type: POLL, auth_req_id: REQUEST_ID } },
  {
    ...{ method: 'POST', pattern: '/oauth/bc-authorize', dep: 'submit', mayTool: false },
    form: { authorization_details: DETAILS },
  },
  {
    ...{ method: 'POST', pattern: '/oauth/introspect', dep: 'introspect', mayTool: true },
    form: { token: CREDENTIAL },
  },
];
