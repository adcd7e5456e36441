// Which client calls an OAuth endpoint (RFC 6749 section 2.3): its id and secret are an agent's id and key, or an admin token's.
// They come in the Authorization header, there also as a bearer, or in the form. Judged by the guards; kept nowhere.

import type { FastifyRequest } from 'fastify';
import { PlacetError } from '../../domain/errors.ts';
import type { AgentPrincipal, Client } from '../../domain/people/principal.ts';
import type { Permission } from '../../domain/people/roles.ts';
import type { Guards, PresentedClient } from '../auth.ts';
import { invalidRequest } from '../problem.ts';
import { decode } from './form.ts';

const BASIC = /^Basic +([A-Za-z0-9+/]{1,1024}={0,2})$/i;
const BEARER = /^Bearer +([A-Za-z0-9_]{1,512})$/i;

type Clients = {
  /** Hooks: whoever says who they are in the header is judged before a body is read, the others after it. */
  readonly hooks: {
    readonly onRequest: (request: FastifyRequest) => Promise<void>;
    readonly preValidation: (request: FastifyRequest) => Promise<void>;
  };
  readonly of: (request: FastifyRequest) => Client;
};

/** Of a route that agents may call, and whoever has this permission; null where agents alone may. */
export function createClients(guards: Guards, permission: Permission | null): Clients {
  const clients = new WeakMap<FastifyRequest, Client>();
  const judge = async (request: FastifyRequest, presented: PresentedClient) => {
    clients.set(request, await guards.requireClient(request, presented, permission));
  };
  return {
    hooks: {
      async onRequest(request) {
        if (request.headers.authorization !== undefined)
          await judge(request, fromHeader(request.headers.authorization));
      },
      async preValidation(request) {
        const { client_id, client_secret } = (request.body ?? {}) as Readonly<Record<string, string>>;
        const known = clients.get(request);
        if (known === undefined) return judge(request, { id: client_id ?? null, secret: client_secret ?? null });
        // One way at a time (RFC 6749 section 2.3), and one client.
        if (client_secret !== undefined) throw invalidRequest([{ path: 'client_secret', message: 'comes twice' }]);
        if (client_id !== undefined && client_id !== known.id) throw new PlacetError('client_invalid');
      },
    },
    of(request) {
      const client = clients.get(request);
      if (client === undefined) throw new PlacetError('client_invalid');
      return client;
    },
  };
}

/** The agent that calls; throws permission_missing for whoever else is a client: nobody else asks or redeems. */
export function requireAgent(client: Client): AgentPrincipal {
  if (client.kind !== 'agent') throw new PlacetError('permission_missing', { permission: 'requests.ask' });
  return client;
}

/** What an Authorization header says: nobody, where it says it in a way that is not ours. */
function fromHeader(header: string): PresentedClient {
  const bearer = BEARER.exec(header)?.[1];
  if (bearer !== undefined) return { id: null, secret: bearer, is_bearer: true };
  const pair = Buffer.from(BASIC.exec(header)?.[1] ?? '', 'base64').toString('latin1');
  const colon = pair.indexOf(':');
  if (colon < 0) return { id: null, secret: null };
  return { id: decode(pair.slice(0, colon)), secret: decode(pair.slice(colon + 1)) };
}
