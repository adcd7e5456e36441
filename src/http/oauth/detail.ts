// The `authorization_details` of Placet (RFC 9396) on the wire: what a client asks for, and what a credential allows.
// Schemas only.

import { z } from 'zod';
import { parameters } from '../api/wire.ts';

export const DETAIL_TYPE = 'placet_action';

/** What a credential allows: exactly one action on one resource at one place. Salts stay in the credential itself. */
export const authorizationDetail = z.object({
  type: z.literal(DETAIL_TYPE),
  actions: z.array(z.string()),
  locations: z.array(z.string()),
  identifier: z.string(),
  digest: z.string(),
  approval_request_id: z.string(),
});

/** The same as it is asked for, with its parameters; the forms of its members are those of an approval request. */
export const askedDetails = z.tuple([
  z.strictObject({
    type: z.literal(DETAIL_TYPE),
    actions: z.tuple([z.string()]),
    locations: z.tuple([z.string()]).exactOptional(),
    identifier: z.string(),
    parameters: parameters.exactOptional(),
    /** How long the credential is to live; only with a place and a scope. */
    lifetime_seconds: z.int().exactOptional(),
  }),
]);
