// What the wire looks like: the zod schemas of what is asked and answered. They validate, serialise and document.
// No rule of the decision and no service call lives here.

import { z } from 'zod';
import { LEASE_STATES } from '../../domain/credential/lease.ts';
import { formOf, GRAMMARS, type NameKind } from '../../domain/grammar.ts';
import { ADDRESS_CHARACTERS_MAX, addressFault, addressOf } from '../../domain/people/address.ts';
import { NEEDS } from '../../domain/policy/needs.ts';
import { TIMEOUT_SECONDS_MAX, TIMEOUT_SECONDS_MIN } from '../../domain/policy/policy.ts';
import { type Ask, type JsonObject, REQUEST_STATES, RISKS } from '../../domain/request/request.ts';
import { STAGE_STATES } from '../../domain/request/stages.ts';
import type { RequestView } from '../../service/agent/request-view.ts';
import { askedCredentials, claimed, credentials, forwardedProof } from './credentials.ts';
import * as example from './examples.ts';

/** The widths of the columns behind these fields; characters beyond them help no reader. */
const JUSTIFICATION_CHARACTERS_MAX = 3_000;
const RESULT_DETAIL_CHARACTERS_MAX = 2_000;
/** NUL and the noncharacters, as far as a pattern without the `u` flag can name them: strict JSON refuses them all. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: to refuse them
const ANY_TEXT = /^[^\x00\ufdd0-\ufdef\ufffe\uffff]*$/;
const NO_TEXT = 'must hold no NUL and no noncharacter';
const LIST_LIMIT_MAX = 100;
export const LIST_LIMIT_DEFAULT = 20;
/** Proxies give up on a silent answer after 60 seconds or later. */
export const WAIT_SECONDS_MAX = 60;

export const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{36}$`));
/** The name of an action or a resource, as one grammar says it everywhere. */
export function name(kind: NameKind) {
  const { characters_max, says } = GRAMMARS[kind];
  const empty = { error: 'must not be empty', abort: true };
  return z.string().min(1, empty).max(characters_max).regex(formOf(kind), `must ${says}`);
}

const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hexadecimal digits')
  .meta({ examples: [example.DIGEST] });

/** A whole number in a query string: digits only, because Number() also takes "", " 1" and "0x1". */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .meta({ type: 'integer', minimum: min, maximum: max, pattern: undefined });
}

/** An e-mail address, in the one form that addresses are kept and compared in. */
export const address = z
  .string()
  .max(ADDRESS_CHARACTERS_MAX)
  .superRefine((text, context) => {
    const fault = addressFault(text);
    if (fault !== null) context.addIssue(`is ${fault}`);
  })
  .overwrite(addressOf)
  .meta({ format: 'idn-email' });

// Strict JSON was checked on the raw bytes, so whatever is inside is JSON already. It is passed on as it is: a schema that copied
// it member by member would lose one that is named `__proto__`.
export const parameters = z
  .unknown()
  .refine((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: ({ input }) =>
      typeof input === 'string'
        ? 'must be an object, not JSON as text: parse the arguments first'
        : 'must be an object',
  })
  .meta({ type: 'object', additionalProperties: {} }) as unknown as z.ZodType<JsonObject>;

/** Body of POST /v1/approval-requests; the parts that may be missing come out as null, parameters as {}. */
export const newApprovalRequest = z
  .strictObject({
    action: name('action'),
    resource: name('resource'),
    parameters: parameters.default({}),
    justification: z.string().max(JUSTIFICATION_CHARACTERS_MAX).regex(ANY_TEXT, NO_TEXT).nullable().default(null),
    on_behalf_of: address.nullable().default(null),
    timeout_seconds: z.int().min(TIMEOUT_SECONDS_MIN).max(TIMEOUT_SECONDS_MAX).nullable().default(null),
    credential: askedCredentials.jwt.nullable().default(null),
  } satisfies Record<keyof Ask, z.ZodType>)
  .meta({ examples: [example.NEW_APPROVAL_REQUEST] });

/** Header that makes a repeated create harmless: printable ASCII, so that it is one text for every reader. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/)
    .meta({ description: '1 to 255 printable ASCII characters', examples: ['refund-A-1001-1'] }),
});

/** The same for a claim, which may do without: then a lost answer is not given again. */
export const claimHeaders = idempotencyHeaders.partial();

export const requestParams = z.object({ id: id('apr') });
export const leaseParams = z.object({ id: id('lse') });

export const waitQuery = z.strictObject({ wait_seconds: wholeNumber(0, WAIT_SECONDS_MAX).optional() });

export const listQuery = z.strictObject({
  state: z.enum(REQUEST_STATES).optional(),
  limit: wholeNumber(1, LIST_LIMIT_MAX).optional(),
  cursor: id('apr').meta({ description: 'next_cursor of the page before' }).optional(),
});

export const useBody = z.strictObject({ digest }).meta({ examples: [{ digest: example.DIGEST }] });

export const spendBody = z
  .strictObject({ digest, dpop: forwardedProof.exactOptional() })
  .meta({ examples: [{ digest: example.DIGEST }] });

export const resultBody = z
  .strictObject({
    status: z.enum(['succeeded', 'failed']),
    detail: z.string().max(RESULT_DETAIL_CHARACTERS_MAX).regex(ANY_TEXT, NO_TEXT).nullable().default(null),
    result_digest: digest.nullable().default(null),
    dpop: forwardedProof.exactOptional(),
  })
  .meta({ examples: [example.RESULT] });

const decision = z.object({
  person: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  decision: z.enum(['approve', 'deny']),
  reason: z.string().nullable(),
  stage: z.int(),
  at: z.date(),
});

const result = z.object({
  status: z.enum(['succeeded', 'failed']),
  detail: z.string().nullable(),
  result_digest: z.string().nullable(),
  reported_at: z.date(),
});

const outcome = z.object({
  state: z.enum(['approved', 'denied', 'expired', 'cancelled']),
  at: z.date(),
  by: z.array(z.string()),
  reason: z.string().nullable(),
  claim_expires_at: z.date().nullable(),
  grant: z.object({ uses_max: z.int(), redemptions: z.int(), uses: z.int(), ends_at: z.date().nullable() }).nullable(),
  lease: z
    .object({ id: z.string(), state: z.enum(LEASE_STATES), expires_at: z.date(), used_at: z.date().nullable() })
    .nullable(),
  execution: z.object({ started_at: z.date() }).nullable(),
  revocation: z.object({ at: z.date(), by: z.string() }).nullable(),
  result: result.nullable(),
});

/** What stands for masked parameters, by name. The salts are in the answer to the creation, and in its repeats. */
const masked = z.record(
  z.string(),
  z.object({
    commitment: digest,
    type: z.enum(['string', 'number', 'boolean', 'null', 'array', 'object']),
    length: z.int(),
    salt: z.string().nullable(),
  }),
);

/** How the policy has cards present the action: its heading, how much is at stake, which parameters stand first. */
const presentation = z.object({
  title: z.string().nullable(),
  risk: z.enum(RISKS).nullable(),
  show: z.array(z.string()),
});

/** That people cannot be asked: since when, and for each group its channel and Slack's error; null when it does not answer. */
const undeliverable = z.object({
  since: z.date(),
  groups: z.array(z.object({ name: z.string(), channel: z.string(), error: z.string().nullable() })),
});

export const approvalRequest = z
  .object({
    id: id('apr'),
    state: z.enum(REQUEST_STATES),
    action: z.string(),
    resource: z.string(),
    parameters,
    masked: masked.nullable(),
    justification: z.string().nullable(),
    on_behalf_of: z.string().nullable(),
    digest,
    created_at: z.date(),
    expires_at: z.date().nullable(),
    requirement: z
      .object({
        stages: z.array(
          z.object({
            approvers: z.array(z.string()),
            quorum: z.int(),
            each: z.boolean(),
            added: z.array(z.string()),
            approvals: z.int(),
            state: z.enum(STAGE_STATES),
          }),
        ),
        distinct_stages: z.boolean(),
        reason: z.enum(NEEDS),
        confirm: z.boolean(),
      })
      .nullable(),
    policy: z.object({
      version: z.string().nullable(),
      number: z.int().nullable(),
      rule: z.string().nullable(),
      effect: z.enum(['allow', 'require', 'deny']),
    }),
    credential: credentials.jwt.nullable(),
    presentation: presentation.nullable(),
    decisions: z.array(decision),
    outcome: outcome.nullable(),
    undeliverable: undeliverable.nullable(),
  } satisfies Record<keyof RequestView, z.ZodType>)
  .meta({ id: 'ApprovalRequest', examples: [example.APPROVAL_REQUEST] });

export const approvalRequestList = z
  .object({ items: z.array(approvalRequest), next_cursor: z.string().nullable() })
  .meta({ id: 'ApprovalRequestList', examples: [{ items: [example.APPROVAL_REQUEST], next_cursor: null }] });

export const claimedCredential = z
  .object({
    credential: claimed.jwt,
    lease: z.object({ id: id('lse'), expires_at: z.date() }),
  })
  .meta({ id: 'ClaimedCredential', examples: [example.CLAIMED_CREDENTIAL] });

export const usedLease = z
  .object({ lease: z.object({ id: id('lse'), state: z.literal('used'), used_at: z.date() }) })
  .meta({ id: 'UsedLease', examples: [example.USED_LEASE] });

export const startedExecution = z
  .object({ execution: z.object({ started_at: z.date() }) })
  .meta({ id: 'StartedExecution', examples: [example.STARTED_EXECUTION] });

export const reportedResult = z.object({ result }).meta({ id: 'ReportedResult', examples: [example.REPORTED_RESULT] });
