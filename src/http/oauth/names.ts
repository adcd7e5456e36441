// The names by which OAuth clients know our endpoints, grants and types. Data only.

export const TOKEN_PATH = '/oauth/token';
export const BACKCHANNEL_PATH = '/oauth/bc-authorize';
export const INTROSPECTION_PATH = '/oauth/introspect';
export const REVOCATION_PATH = '/oauth/revoke';

export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const POLL_GRANT = 'urn:openid:params:grant-type:ciba';

/** The kind of subject token that names an approval request by its id; the client's key proves that it may redeem it. */
export const APPROVAL_REQUEST_TYPE = 'https://placet.dev/token-types/approval-request';
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
export const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';

/** How a client may say who it is, by the names of RFC 8414; a bearer is our own API's way. */
export const CLIENT_METHODS = ['client_secret_basic', 'client_secret_post'] as const;

/** A client waits this long between two polls (CIBA section 7.3). */
export const POLL_SECONDS = 5;
