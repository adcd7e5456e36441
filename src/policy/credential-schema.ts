// The form of what a rule grants: each kind of credential, with the terms that all of them have.

import { z } from 'zod';
import {
  AUDIENCE_CHARACTERS_MAX,
  AUDIENCE_FORM,
  fitsToken,
  LIFETIME_SECONDS_DEFAULT,
  LIFETIME_SECONDS_MAX,
  LIFETIME_SECONDS_MIN,
  SCOPE_CHARACTERS_MAX,
  SCOPE_FORM,
  SCOPES_CHARACTERS_MAX,
  SCOPES_MAX,
} from '../domain/credential/scope.ts';
import {
  CLAIM_WITHIN_SECONDS_MAX,
  CLAIM_WITHIN_SECONDS_MIN,
  USES_MAX,
  WINDOW_SECONDS_MAX,
  WINDOW_SECONDS_MIN,
} from '../domain/credential/terms.ts';
import type { CredentialKind } from '../domain/request/request.ts';
import { duration, list } from './forms.ts';

const NO_URI = 'write an absolute URI without a fragment, such as https://orders.example';

const scope = z
  .string()
  .max(SCOPE_CHARACTERS_MAX, `longer than ${SCOPE_CHARACTERS_MAX} characters`)
  .regex(
    SCOPE_FORM,
    'a scope holds no space, quote, backslash or letter beyond ASCII; write each one apart: ["a:read", "b:read"]',
  );

/** How often, how long and until when: each kind says it alike. */
const terms = {
  lifetime: duration(LIFETIME_SECONDS_MIN, LIFETIME_SECONDS_MAX).optional(),
  sender: z.enum(['bearer', 'dpop']).optional(),
  uses: z.int().min(1).max(USES_MAX).optional(),
  window: duration(WINDOW_SECONDS_MIN, WINDOW_SECONDS_MAX).optional(),
  claim_within: duration(CLAIM_WITHIN_SECONDS_MIN, CLAIM_WITHIN_SECONDS_MAX).optional(),
};

export const credentialForms = {
  jwt: z.strictObject({
    type: z.literal('jwt'),
    audience: z
      .string()
      .max(AUDIENCE_CHARACTERS_MAX, `longer than ${AUDIENCE_CHARACTERS_MAX} characters`)
      .regex(AUDIENCE_FORM, { error: NO_URI, abort: true })
      .refine((text) => URL.canParse(text), NO_URI),
    scopes: list(scope, SCOPES_MAX)
      .min(1, 'empty')
      .refine((scopes) => new Set(scopes).size === scopes.length, 'names a scope twice')
      .refine(fitsToken, `longer than ${SCOPES_CHARACTERS_MAX} characters together`)
      .meta({ uniqueItems: true }),
    ...terms,
  }),
} satisfies Record<CredentialKind, z.ZodType>;
export const credential = credentialForms.jwt
  .meta({ dependentRequired: { window: ['uses'] } })
  .superRefine(({ uses, window }, context) => {
    if (window === undefined || uses !== undefined) return;
    context.addIssue({ code: 'custom', path: ['window'], message: 'a window needs `uses` too: how often at most' });
  })
  // What is the default stays out, so that documents without keep their digest.
  .transform(({ lifetime, sender, uses, window, claim_within, ...rest }) => ({
    ...rest,
    lifetime_seconds: lifetime ?? LIFETIME_SECONDS_DEFAULT,
    ...(sender === 'dpop' ? { sender } : {}),
    ...(uses === undefined || uses === 1 ? {} : { uses }),
    ...(window === undefined ? {} : { window_seconds: window }),
    ...(claim_within === undefined ? {} : { claim_within_seconds: claim_within }),
  }));
