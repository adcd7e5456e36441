// What OAuth clients and tools find out by themselves: where the endpoints are and what they take (RFC 8414), and by whom and how
// the API is protected (RFC 9728). Made from the routes' own constants, so that no page says what no route does.

import { z } from 'zod';
import { PROOF_ALGORITHMS } from '../../domain/credential/proof.ts';
import { answers } from '../api/openapi.ts';
import type { RouteContext } from '../route-context.ts';
import { DETAIL_TYPE } from './detail.ts';
import * as names from './names.ts';

export const SERVER_METADATA_PATH = '/.well-known/oauth-authorization-server';
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';
/** As for the keys. */
const METADATA_AGE_SECONDS_MAX = 300;
const DETAIL_TYPES = [DETAIL_TYPE];

const url = z.string();
const list = z.array(z.string());

const serverMetadata = z
  .object({
    issuer: url,
    jwks_uri: url,
    token_endpoint: url,
    token_endpoint_auth_methods_supported: list,
    backchannel_authentication_endpoint: url,
    backchannel_token_delivery_modes_supported: list,
    backchannel_user_code_parameter_supported: z.boolean(),
    revocation_endpoint: url,
    revocation_endpoint_auth_methods_supported: list,
    introspection_endpoint: url,
    introspection_endpoint_auth_methods_supported: list,
    response_types_supported: list,
    grant_types_supported: list,
    dpop_signing_alg_values_supported: list,
    authorization_details_types_supported: list,
    protected_resources: z.array(url),
  })
  .meta({ id: 'AuthorizationServerMetadata', examples: [serverMetadataAt('https://placet.example')] });

const resourceMetadata = z
  .object({
    resource: url,
    resource_name: z.string(),
    authorization_servers: z.array(url),
    bearer_methods_supported: list,
    dpop_signing_alg_values_supported: list,
    dpop_bound_access_tokens_required: z.boolean(),
    authorization_details_types_supported: list,
  })
  .meta({ id: 'ProtectedResourceMetadata', examples: [resourceMetadataAt('https://placet.example')] });

function serverMetadataAt(issuer: string) {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    token_endpoint: issuer + names.TOKEN_PATH,
    token_endpoint_auth_methods_supported: [...names.CLIENT_METHODS],
    backchannel_authentication_endpoint: issuer + names.BACKCHANNEL_PATH,
    backchannel_token_delivery_modes_supported: ['poll'],
    backchannel_user_code_parameter_supported: false,
    revocation_endpoint: issuer + names.REVOCATION_PATH,
    revocation_endpoint_auth_methods_supported: [...names.CLIENT_METHODS],
    introspection_endpoint: issuer + names.INTROSPECTION_PATH,
    introspection_endpoint_auth_methods_supported: [...names.CLIENT_METHODS],
    // There is no authorization endpoint: people decide in Slack.
    response_types_supported: [],
    grant_types_supported: [names.EXCHANGE_GRANT, names.POLL_GRANT],
    dpop_signing_alg_values_supported: [...PROOF_ALGORITHMS],
    authorization_details_types_supported: DETAIL_TYPES,
    protected_resources: [issuer],
  };
}

function resourceMetadataAt(resource: string) {
  return {
    resource,
    resource_name: 'Placet',
    authorization_servers: [resource],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: [...PROOF_ALGORITHMS],
    // Each grant says whether its credentials are bound; agents' keys never are.
    dpop_bound_access_tokens_required: false,
    authorization_details_types_supported: DETAIL_TYPES,
  };
}

/** Registers both documents. */
export function registerMetadata({ app, public_url }: RouteContext): void {
  const cached = `public, max-age=${METADATA_AGE_SECONDS_MAX}`;
  app.get(
    SERVER_METADATA_PATH,
    {
      schema: {
        operationId: 'read_server_metadata',
        summary: 'Where the OAuth endpoints are and what they take (RFC 8414).',
        tags: ['documents'],
        response: answers({ status: 200, description: 'The metadata.', schema: serverMetadata }),
      },
    },
    async (_request, reply) => reply.header('cache-control', cached).send(serverMetadataAt(public_url)),
  );
  app.get(
    RESOURCE_METADATA_PATH,
    {
      schema: {
        operationId: 'read_resource_metadata',
        summary: 'By whom and how this API is protected (RFC 9728).',
        tags: ['documents'],
        response: answers({ status: 200, description: 'The metadata.', schema: resourceMetadata }),
      },
    },
    async (_request, reply) => reply.header('cache-control', cached).send(resourceMetadataAt(public_url)),
  );
}
