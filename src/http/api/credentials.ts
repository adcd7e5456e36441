// Each kind of credential on the wire: as it is asked for, as it is shown, and as it is given out. Schemas only.

import { z } from 'zod';
import {
  AUDIENCE_CHARACTERS_MAX,
  AUDIENCE_FORM,
  fitsToken,
  LIFETIME_SECONDS_MAX,
  LIFETIME_SECONDS_MIN,
  SCOPE_CHARACTERS_MAX,
  SCOPE_FORM,
  SCOPES_CHARACTERS_MAX,
  SCOPES_MAX,
} from '../../domain/credential/scope.ts';
import type { CredentialKind } from '../../domain/request/request.ts';

const scope = z.string().max(SCOPE_CHARACTERS_MAX).regex(SCOPE_FORM, 'must be a scope token (RFC 6749 section 3.3)');

const NO_URI = 'must be an absolute URI without a fragment';
const TOO_LONG = `at most ${SCOPES_CHARACTERS_MAX} characters together`;

export const askedCredentials = {
  jwt: z.strictObject({
    type: z.literal('jwt'),
    audience: z
      .string()
      .max(AUDIENCE_CHARACTERS_MAX)
      .regex(AUDIENCE_FORM, { error: NO_URI, abort: true })
      .refine((text) => URL.canParse(text), NO_URI),
    scopes: z
      .array(scope)
      .min(1)
      .max(SCOPES_MAX)
      .refine((scopes) => new Set(scopes).size === scopes.length, 'must not name a scope twice')
      .refine(fitsToken, TOO_LONG)
      .meta({ uniqueItems: true, description: `With a space between, ${TOO_LONG}.` }),
    lifetime_seconds: z.int().min(LIFETIME_SECONDS_MIN).max(LIFETIME_SECONDS_MAX),
  }),
} satisfies Record<CredentialKind, z.ZodType>;

export const credentials = {
  jwt: z.object({
    type: z.literal('jwt'),
    audience: z.string(),
    scopes: z.array(z.string()),
    lifetime_seconds: z.int(),
    sender: z.literal('dpop').exactOptional(),
    uses: z.int().exactOptional(),
    window_seconds: z.int().exactOptional(),
    claim_within_seconds: z.int().exactOptional(),
  }),
} satisfies Record<CredentialKind, z.ZodType>;

/** What a claim gives out of each kind, this once. */
export const claimed = {
  jwt: z.object({ type: z.literal('jwt'), token: z.string() }),
} satisfies Record<CredentialKind, z.ZodType>;

const PROOF_CHARACTERS_MAX = 4_096;
const URL_CHARACTERS_MAX = 2_000;

/** The DPoP proof that the tool was shown with the credential, and the call that it was made for. */
export const forwardedProof = z.strictObject({
  proof: z.string().max(PROOF_CHARACTERS_MAX),
  method: z.string().regex(/^[A-Z]{1,20}$/),
  url: z.string().max(URL_CHARACTERS_MAX),
});
