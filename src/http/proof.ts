// The DPoP proof of a request (RFC 9449): in its header, made for our own address, or in the body by a tool that was shown it
// with a call of its own. Judges nothing.

import type { FastifyRequest } from 'fastify';
import { PlacetError } from '../domain/errors.ts';
import type { PresentedProof } from '../service/agent/proof.ts';

type Forwarded = { readonly dpop?: { readonly proof: string; readonly method: string; readonly url: string } };

/** The one proof that came, or null; throws dpop_proof_invalid for more than one. */
export function proofOf(request: FastifyRequest, public_url: string): PresentedProof | null {
  // Node joins equal headers with a comma, which no JWT holds.
  const header = request.headers['dpop'];
  const forwarded = (request.body as Forwarded | undefined)?.dpop;
  if (header !== undefined && (typeof header !== 'string' || header.includes(',') || forwarded !== undefined)) {
    throw new PlacetError('dpop_proof_invalid');
  }
  if (header !== undefined) return { jwt: header, method: request.method, url: addressOf(request, public_url) };
  return forwarded === undefined ? null : { jwt: forwarded.proof, method: forwarded.method, url: forwarded.url };
}

/** By the address that we are known by, whatever a header of the request says of its host. */
function addressOf({ url }: FastifyRequest, public_url: string): string {
  return `${public_url.replace(/\/$/, '')}${url.split('?', 1)[0] ?? ''}`;
}
