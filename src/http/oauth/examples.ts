// Examples of the OAuth endpoints that stand in /openapi.json, of the same story as the others. Data only.

import { APPROVAL_REQUEST, CLAIMED_CREDENTIAL, DIGEST } from '../api/examples.ts';

const { id: txn, credential, action, resource } = APPROVAL_REQUEST;
const { audience: aud, scopes } = credential;

export const DETAIL = {
  type: 'placet_action',
  actions: [action],
  locations: [aud],
  identifier: resource,
  digest: DIGEST,
  approval_request_id: txn,
} as const;

export const TOKEN = { token: CLAIMED_CREDENTIAL.credential.token } as const;

export const INTROSPECTION = {
  active: true,
  token_type: 'Bearer',
  iss: 'https://placet.example',
  sub: 'prs_000000cqg0000000000000000000000000000',
  act: { sub: 'agt_000000cqg0000000000000000000000000000' },
  client_id: 'agt_000000cqg0000000000000000000000000000',
  aud,
  scope: scopes.join(' '),
  jti: CLAIMED_CREDENTIAL.lease.id,
  iat: 1_768_485_900,
  nbf: 1_768_485_900,
  exp: 1_768_486_200,
  txn,
  max_uses: 1,
  authorization_details: [DETAIL],
} as const;

const REQUEST_TYPE = 'https://placet.dev/token-types/approval-request';

export const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token: txn,
  subject_token_type: REQUEST_TYPE,
} as const;

export const POLL = { grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: txn } as const;

export const TOKEN_ANSWER = {
  access_token: CLAIMED_CREDENTIAL.credential.token,
  token_type: 'Bearer',
  expires_in: 300,
  scope: scopes.join(' '),
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  authorization_details: [DETAIL],
} as const;

const { parameters } = APPROVAL_REQUEST;
export const BACKCHANNEL = {
  authorization_details: JSON.stringify([
    { type: 'placet_action', actions: [action], identifier: resource, parameters },
  ]),
  binding_message: 'The parcel arrived broken.',
} as const;

export const BACKCHANNEL_ANSWER = { auth_req_id: txn, expires_in: 600, interval: 5 } as const;
