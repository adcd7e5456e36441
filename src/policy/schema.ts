// The form of the policy file: members, types, bounds and defaults. What the members mean together is domain's lint.

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
import { withoutSpelledJoiners } from '../domain/joiners.ts';
import { addressFault, addressOf } from '../domain/people/address.ts';
import { ACCOUNT_FORM } from '../domain/people/principal.ts';
import {
  GROUP_MEMBERS_MAX,
  QUORUM_MAX,
  RULES_MAX,
  TIMEOUT_SECONDS_DEFAULT,
  TIMEOUT_SECONDS_MAX,
  TIMEOUT_SECONDS_MIN,
} from '../domain/policy/policy.ts';
import { STAGES_MAX } from '../domain/policy/rule-stages.ts';
import type { CredentialKind } from '../domain/request/request.ts';
import { calendar, calendarForm, hours } from './calendar-schema.ts';
import { formatDuration, meantDuration, parseDuration } from './duration.ts';

/** More than one company's approvers; a directory of everyone belongs in the identity provider. */
const PEOPLE_MAX = 10_000;
const GROUPS_MAX = 1_000;
/** Patterns in one match: more is a list that nobody reads. */
const PATTERNS_MAX = 50;
const SLACK_ACCOUNTS_MAX = 20;
/** Sooner than this nobody can have looked. */
const STEP_SECONDS_MIN = 1;

/** In the one form that addresses are kept and compared in. */
const email = z.string().transform((text, context) => {
  const fault = addressFault(text);
  if (fault !== null) context.addIssue(fault);
  return addressOf(text);
});

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/** Shown to people in cards and lists, so no control or invisible formatting character. */
const label = (characters_max: number) =>
  z
    .string()
    .trim()
    .min(1, 'empty')
    .max(characters_max, `longer than ${characters_max} characters`)
    .refine((text) => !HIDDEN.test(withoutSpelledJoiners(text)), 'has a control or invisible character');

/** As long as the longest action, and as the longest resource; which characters can match is domain's lint. */
const pattern = z.string().trim().min(1, 'empty').max(200, 'longer than 200 characters');
const resourcePattern = z.string().trim().min(1, 'empty').max(500, 'longer than 500 characters');

const list = <T extends z.ZodType>(item: T, items_max: number) =>
  z.array(item).max(items_max, `more than ${items_max}`);

const EXAMPLES = 'write it such as 10m, 90s or 1h30m';

const duration = (seconds_min: number, seconds_max: number) =>
  z
    .string({
      error: ({ input }) => {
        const meant = typeof input === 'number' ? meantDuration(String(input)) : null;
        if (typeof input !== 'number') return undefined;
        return meant === null
          ? `${input} has no unit; ${EXAMPLES}`
          : `${input} has no unit; for ${input} seconds write ${meant}`;
      },
    })
    .transform((text, context) => {
      const seconds = parseDuration(text);
      const meant = meantDuration(text);
      if (seconds === null) {
        context.addIssue(`"${text}" is no duration; ${meant === null ? EXAMPLES : `write ${meant}`}`);
      } else if (seconds < seconds_min || seconds > seconds_max) {
        context.addIssue(`${text} is outside ${formatDuration(seconds_min)} to ${formatDuration(seconds_max)}`);
      }
      return seconds ?? z.NEVER;
    });

const person = z.strictObject({
  email,
  name: label(200).nullable().default(null),
  slack: list(
    z.string().regex(ACCOUNT_FORM, 'write a Slack account as TEAM/USER, such as T0ACME/U0FINLEAD'),
    SLACK_ACCOUNTS_MAX,
  ).default([]),
});

const group = z.strictObject({
  members: list(email, GROUP_MEMBERS_MAX).default([]),
  slack_user_group: z
    .string()
    .regex(/^S[A-Z0-9]{2,62}$/, 'write the id of a Slack user group, such as S0DBA')
    .nullable()
    .default(null),
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{2,62}$/, 'write the id of a Slack channel, such as C0PAYMENTS, not its name'),
});

const match = z.strictObject({
  action: pattern,
  resource: resourcePattern,
  agents: list(pattern, PATTERNS_MAX).min(1, 'empty: matches no agent').default(['*']),
  environments: list(pattern, PATTERNS_MAX).min(1, 'empty: matches no environment').default(['*']),
});

const NO_URI = 'write an absolute URI without a fragment, such as https://orders.example';

const scope = z
  .string()
  .max(SCOPE_CHARACTERS_MAX, `longer than ${SCOPE_CHARACTERS_MAX} characters`)
  .regex(SCOPE_FORM, 'not a scope (RFC 6749 §3.3)');

const credentialForms = {
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
      .refine(fitsToken, `longer than ${SCOPES_CHARACTERS_MAX} characters together`),
    lifetime: duration(LIFETIME_SECONDS_MIN, LIFETIME_SECONDS_MAX).optional(),
  }),
} satisfies Record<CredentialKind, z.ZodType>;
const credential = credentialForms.jwt.transform(({ lifetime, ...rest }) => ({
  ...rest,
  lifetime_seconds: lifetime ?? LIFETIME_SECONDS_DEFAULT,
}));

const approvers = list(z.string(), PATTERNS_MAX);
const quorum = z.int().min(1, 'below 1').max(QUORUM_MAX, `above ${QUORUM_MAX}`);

const escalateForm = z.strictObject({
  after: duration(STEP_SECONDS_MIN, TIMEOUT_SECONDS_MAX),
  to: approvers.min(1, 'empty: asks nobody else'),
});
const stageForm = z.strictObject({
  approvers,
  quorum: quorum.default(1),
  each: z.boolean().default(false),
  remind_after: duration(STEP_SECONDS_MIN, TIMEOUT_SECONDS_MAX).optional(),
  escalate: escalateForm.optional(),
});
const stage = stageForm.transform(({ each, remind_after, escalate, ...rest }) => ({
  ...rest,
  ...(each ? { each: true as const } : {}),
  ...(remind_after === undefined ? {} : { remind_after_seconds: remind_after }),
  ...(escalate === undefined ? {} : { escalate: { after_seconds: escalate.after, to: escalate.to } }),
}));

const ruleForm = z.strictObject({
  name: label(200),
  match,
  when: z.string().min(1, 'empty: leave it out where there is no condition').optional(),
  effect: z.enum(['require', 'allow', 'deny']),
  approvers: approvers.default([]),
  quorum: quorum.optional(),
  stages: list(stage, STAGES_MAX).min(1, 'empty: leave it out for one stage').optional(),
  distinct_stages: z.boolean().optional(),
  timeout: duration(TIMEOUT_SECONDS_MIN, TIMEOUT_SECONDS_MAX).optional(),
  hours: hours.optional(),
  credential: credential.nullable().default(null),
});

/** The members that say nothing beside the others of a rule. */
function idleIn({ effect, stages }: z.output<typeof ruleForm>) {
  if (effect !== 'require') {
    return {
      members: ['quorum', 'stages', 'distinct_stages', 'timeout', 'hours'],
      where: `in a rule that says ${effect}`,
    } as const;
  }
  if (stages === undefined) return { members: ['distinct_stages'], where: 'without stages' } as const;
  return { members: ['quorum'], where: 'beside stages, which have their own' } as const;
}

const rule = ruleForm
  .superRefine((input, context) => {
    const { members, where } = idleIn(input);
    for (const member of members) {
      if (input[member] === undefined) continue;
      context.addIssue({ code: 'custom', path: [member], message: `has no effect ${where}` });
    }
  })
  .transform(({ timeout, quorum, when, stages, distinct_stages, hours: open, ...rest }) => ({
    ...rest,
    ...(when === undefined ? {} : { when }),
    ...(stages === undefined ? {} : { stages }),
    ...(open === undefined ? {} : { hours: open }),
    ...(distinct_stages === false ? { distinct_stages: false as const } : {}),
    quorum: quorum ?? 1,
    timeout_seconds: timeout ?? TIMEOUT_SECONDS_DEFAULT,
  }));

const named = (what: string) =>
  z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, `${what} is named in a-z, 0-9, dot, dash and underscore`);

/** Parses to a PolicyDocument: durations in seconds, e-mails in lower case, defaults filled in. */
export const policySchema = z.strictObject({
  version: z.literal(1),
  people: list(person, PEOPLE_MAX).default([]),
  approver_groups: z
    .record(named('a group'), group)
    .refine((groups) => Object.keys(groups).length <= GROUPS_MAX, `more than ${GROUPS_MAX} groups`)
    .default({}),
  calendars: z.record(named('a calendar'), calendar).optional(),
  rules: list(rule, RULES_MAX).default([]),
});

const membersOf = (form: { readonly shape: object }) => Object.keys(form.shape);

/** The members at each place of the file, `*` for any name or index: who mistypes one is told which was meant. */
export const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  '': membersOf(policySchema),
  'people.*': membersOf(person),
  'approver_groups.*': membersOf(group),
  'calendars.*': membersOf(calendarForm),
  'rules.*': membersOf(ruleForm),
  'rules.*.hours': membersOf(hours),
  'rules.*.stages.*': membersOf(stageForm),
  'rules.*.stages.*.escalate': membersOf(escalateForm),
  'rules.*.match': membersOf(match),
  'rules.*.credential': membersOf(credentialForms.jwt),
};
