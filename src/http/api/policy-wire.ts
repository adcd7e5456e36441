// What the wire of the policy looks like: the zod schemas of what is asked and answered. They validate, serialise and document.
// No rule and no service call lives here.

import { z } from 'zod';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Changed } from '../../service/admin/change-policy.ts';
import type { PolicyVersionEntry, PolicyVersionView } from '../../service/admin/versions.ts';
import type { answers } from './openapi.ts';
import * as example from './policy-examples.ts';
import { id, wholeNumber } from './wire.ts';

const LIST_LIMIT_MAX = 100;
const VERSION_MAX = 999_999_999;

/** The file itself; JSON is YAML too, and then comes parsed, so it is refused where it has no text. */
export const policyFile = z
  .string('must be the policy file itself, sent as application/yaml')
  .min(1)
  .meta({ examples: [example.FILE] });

const entry = {
  id: id('pol'),
  number: z.int(),
  digest: z.string(),
  applied_by: z.string(),
  applied_at: z.date(),
  via: z.enum(['cli', 'api', 'slack']),
  request_id: id('apr').nullable(),
};

export const policyVersion = z
  .object({ ...entry, document: z.record(z.string(), z.unknown()), source: z.string() })
  .meta({ id: 'PolicyVersion', examples: [example.VERSION] });

export const versionsQuery = z.strictObject({
  limit: wholeNumber(1, LIST_LIMIT_MAX).optional(),
  cursor: wholeNumber(1, VERSION_MAX).optional(),
});
export const versionList = z
  .object({ items: z.array(z.object(entry)), next_cursor: z.string().nullable() })
  .meta({ id: 'PolicyVersionList', examples: [{ items: [example.ENTRY], next_cursor: null }] });

export const versionParams = z.object({ number: wholeNumber(1, VERSION_MAX) });

const placed = z.object({
  line: z.int(),
  column: z.int(),
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
});
export const lintReport = z
  .object({ problems: z.array(placed), warnings: z.array(placed) })
  .meta({ id: 'PolicyLintReport', examples: [example.LINT] });

export const plan = z
  .object({ base: z.int(), plan: z.array(z.string()), is_widening: z.boolean() })
  .meta({ id: 'PolicyPlan', examples: [example.PLAN] });

export const changeQuery = z.strictObject({
  confirm: z
    .enum(['alone'])
    .optional()
    .meta({ description: 'where nobody else ever held a role, says that the change is meant all the same' }),
});
export const rollback = z
  .strictObject({ version: z.int().min(1).max(VERSION_MAX) })
  .meta({ examples: [{ version: 3 }] });

const applied = z
  .object({
    kind: z.enum(['applied', 'unchanged']),
    id: id('pol'),
    number: z.int(),
    digest: z.string(),
    plan: z.array(z.string()),
  })
  .meta({ id: 'AppliedPolicy', examples: [example.APPLIED] });
const proposed = z
  .object({ kind: z.literal('proposed'), request_id: id('apr'), expires_at: z.date(), plan: z.array(z.string()) })
  .meta({ id: 'ProposedPolicy', examples: [example.PROPOSED] });

/** Applied (200), or waiting for a second person (202). */
export function changeAnswers(make: typeof answers, errors: readonly ErrorCode[]) {
  const ok = { status: 200, description: 'Applied, or equal to the newest version.', schema: applied };
  const waiting = { status: 202, description: 'An approval request asks for it.', schema: proposed };
  return { ...make(ok, errors), ...make(waiting) };
}

/** A version as it is answered. */
export function versionOf({ digest, document, source, ...version }: PolicyVersionView) {
  return { ...entryOf({ ...version, digest }), document: document as unknown as Record<string, unknown>, source };
}

/** The same without its document. */
export function entryOf({ id, number, digest, applied_by, applied_at, via, request_id }: PolicyVersionEntry) {
  return { id, number, digest, applied_by, applied_at, via, request_id };
}

/** What became of a change, member by member. */
export function changedOf(changed: Changed) {
  const { plan } = changed;
  if (changed.kind === 'proposed') {
    const { kind, request_id, expires_at } = changed;
    return { kind, request_id, expires_at, plan: [...plan] };
  }
  const { kind, id, number, digest } = changed;
  return { kind, id, number, digest, plan: [...plan] };
}
