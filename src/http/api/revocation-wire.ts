// What is asked and answered when something is taken back: the zod schemas.

import { z } from 'zod';
import * as example from './examples.ts';
import { id } from './wire.ts';

export const revocationBody = z
  .union([z.strictObject({ request_id: id('apr') }), z.strictObject({ lease_id: id('lse') })])
  .meta({ examples: [example.NEW_REVOCATION] });

export const revoked = z
  .object({
    revocation: z.object({
      kind: z.enum(['revoked', 'unchanged']),
      request_id: id('apr'),
      lease_id: id('lse').nullable(),
      revoked_at: z.date(),
    }),
  })
  .meta({ id: 'Revoked', examples: [example.REVOKED] });
