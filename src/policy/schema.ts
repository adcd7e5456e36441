// The form of the policy file: members, types, bounds and defaults. What the members mean together is domain's lint.

import { z } from 'zod';
import { LABELS_MAX } from '../domain/people/labels.ts';
import { ACCOUNT_FORM } from '../domain/people/principal.ts';
import { ACTIONS_MAX } from '../domain/policy/actions.ts';
import { NEEDS } from '../domain/policy/needs.ts';
import {
  RULES_MAX,
  TIMEOUT_SECONDS_DEFAULT,
  TIMEOUT_SECONDS_MAX,
  TIMEOUT_SECONDS_MIN,
} from '../domain/policy/policy.ts';
import { TESTS_MAX } from '../domain/policy/policy-tests.ts';
import { STAGES_MAX } from '../domain/policy/rule-stages.ts';
import { TITLE_CHARACTERS_MAX } from '../domain/policy/title.ts';
import { RISKS } from '../domain/request/request.ts';
import { calendar, calendarForm, hours } from './calendar-schema.ts';
import { credential, credentialForms } from './credential-schema.ts';
import { duration, email, label, list, pattern, resourcePattern } from './forms.ts';
import { awayForm, group, onCallForm } from './group-schema.ts';
import { PARAMETER_MEMBERS, parameterSchema } from './parameter-schema.ts';
import { policyChanges, roles } from './role-schema.ts';
import { approvers, escalateForm, quorum, stage, stageForm } from './stage-schema.ts';

/** More than one company's approvers; a directory of everyone belongs in the identity provider. */
const PEOPLE_MAX = 10_000;
const GROUPS_MAX = 1_000;
/** Patterns in one match: more is a list that nobody reads. */
const PATTERNS_MAX = 50;
const SLACK_ACCOUNTS_MAX = 20;
/** Named in one list: more is an order that nobody reads. */
const PARAMETERS_MAX = 50;
const EFFECTS = ['require', 'allow', 'deny'] as const;

const person = z.strictObject({
  away: awayForm.optional(),
  email,
  name: label(200).nullable().default(null),
  slack: list(
    z.string().regex(ACCOUNT_FORM, 'write a Slack account as TEAM/USER, such as T0ACME/U0FINLEAD'),
    SLACK_ACCOUNTS_MAX,
  ).default([]),
});

const parameterNames = list(z.string().min(1, 'empty').max(200, 'longer than 200 characters'), PARAMETERS_MAX);

const action = z.strictObject({
  title: label(TITLE_CHARACTERS_MAX).optional(),
  risk: z.enum(RISKS).optional(),
  parameters: parameterSchema.optional(),
  show: parameterNames.optional(),
  mask: parameterNames.optional(),
});

const match = z.strictObject({
  action: pattern,
  resource: resourcePattern,
  agents: list(pattern, PATTERNS_MAX).min(1, 'empty: matches no agent').default(['*']),
  environments: list(pattern, PATTERNS_MAX).min(1, 'empty: matches no environment').default(['*']),
  labels: z
    .record(z.string(), pattern)
    .refine((labels) => Object.keys(labels).length <= LABELS_MAX, `more than ${LABELS_MAX} labels`)
    .meta({ maxProperties: LABELS_MAX })
    .optional(),
});

/** Members that say nothing in a rule with another effect than require. */
const IDLE = {
  require: [],
  allow: ['quorum', 'stages', 'distinct_stages', 'timeout', 'hours', 'reason', 'confirm'],
  deny: ['quorum', 'stages', 'distinct_stages', 'timeout', 'hours', 'reason', 'confirm', 'justification'],
} as const;
const without = (members: readonly string[]) => ({
  properties: Object.fromEntries(members.map((member) => [member, false])),
});
/** For the JSON Schema: the same as conditions. */
const idleForms = [
  ...(['allow', 'deny'] as const).map((effect) => ({
    if: { properties: { effect: { const: effect } }, required: ['effect'] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word, and nothing awaits this object.
    then: without(IDLE[effect]),
  })),
  // biome-ignore lint/suspicious/noThenProperty: the same.
  { if: { required: ['stages'] }, then: without(['quorum']), else: without(['distinct_stages']) },
];

const ruleForm = z.strictObject({
  name: label(200),
  match,
  when: z.string().min(1, 'empty: leave it out where there is no condition').optional(),
  effect: z.enum(EFFECTS),
  approvers: approvers.default([]),
  quorum: quorum.optional(),
  stages: list(stage, STAGES_MAX).min(1, 'empty: leave it out for one stage').optional(),
  distinct_stages: z.boolean().optional(),
  timeout: duration(TIMEOUT_SECONDS_MIN, TIMEOUT_SECONDS_MAX).optional(),
  hours: hours.optional(),
  justification: z.enum(NEEDS).optional(),
  reason: z.enum(NEEDS).optional(),
  confirm: z.boolean().optional(),
  credential: credential.nullable().default(null),
  off: z.boolean().optional(),
});

/** The members that say nothing beside the others of a rule. */
function idleIn({ effect, stages }: z.output<typeof ruleForm>) {
  if (effect !== 'require') return { members: IDLE[effect], where: `in a rule that says ${effect}` } as const;
  if (stages === undefined) return { members: ['distinct_stages'], where: 'without stages' } as const;
  return { members: ['quorum'], where: 'beside stages, which have their own' } as const;
}

const rule = ruleForm
  .meta({ allOf: idleForms })
  .superRefine((input, context) => {
    const { members, where } = idleIn(input);
    for (const member of members) {
      if (input[member] === undefined) continue;
      context.addIssue({ code: 'custom', path: [member], message: `has no effect ${where}` });
    }
  })
  .transform(({ timeout, quorum, when, stages, distinct_stages, hours: open, off, ...rest }) => ({
    ...rest,
    ...(off === true ? { off: true as const } : {}),
    ...(when === undefined ? {} : { when }),
    ...(stages === undefined ? {} : { stages }),
    ...(open === undefined ? {} : { hours: open }),
    ...(distinct_stages === false ? { distinct_stages: false as const } : {}),
    quorum: quorum ?? 1,
    timeout_seconds: timeout ?? TIMEOUT_SECONDS_DEFAULT,
  }));

const testAsk = z.strictObject({
  agent: z.string(),
  environment: z.string(),
  action: z.string(),
  resource: z.string(),
  parameters: z.record(z.string(), z.json()).default({}),
  labels: z.record(z.string(), z.string()).default({}),
  owner: email.optional(),
  on_behalf_of: email.nullable().default(null),
  now: z.iso.datetime('write a moment such as 2026-12-24T18:00:00Z').optional(),
});
const testExpect = z.strictObject({
  effect: z.enum(EFFECTS),
  rule: label(200).nullable().optional(),
  stages: list(list(z.string(), PATTERNS_MAX), PATTERNS_MAX).optional(),
});
const testForm = z.strictObject({ name: label(200), ask: testAsk, expect: testExpect });

const named = (what: string) =>
  z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, `${what} is named in a-z, 0-9, dot, dash and underscore`);

/** Parses to a PolicyDocument: durations in seconds, e-mails in lower case, defaults filled in. */
export const policySchema = z.strictObject({
  version: z.literal(1),
  roles: roles.exactOptional(),
  people: list(person, PEOPLE_MAX).default([]),
  approver_groups: z
    .record(named('a group'), group)
    .refine((groups) => Object.keys(groups).length <= GROUPS_MAX, `more than ${GROUPS_MAX} groups`)
    .meta({ maxProperties: GROUPS_MAX })
    .default({}),
  actions: z
    .record(z.string(), action)
    .refine((actions) => Object.keys(actions).length <= ACTIONS_MAX, `more than ${ACTIONS_MAX} actions`)
    .meta({ maxProperties: ACTIONS_MAX })
    .optional(),
  calendars: z.record(named('a calendar'), calendar).optional(),
  rules: list(rule, RULES_MAX).default([]),
  fallback: approvers.min(1, 'empty: leave it out where nobody stands in').optional(),
  policy_changes: policyChanges.exactOptional(),
  tests: list(testForm, TESTS_MAX).optional(),
});

const membersOf = (form: { readonly shape: object }) => Object.keys(form.shape);

/** The members at each place of the file, `*` for any name or index: who mistypes one is told which was meant. */
export const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  '': membersOf(policySchema),
  roles: membersOf(roles),
  policy_changes: membersOf(policyChanges),
  'people.*': membersOf(person),
  'people.*.away': membersOf(awayForm),
  'approver_groups.*': membersOf(group),
  'approver_groups.*.on_call': membersOf(onCallForm),
  'actions.*': membersOf(action),
  'calendars.*': membersOf(calendarForm),
  'rules.*': membersOf(ruleForm),
  'rules.*.hours': membersOf(hours),
  'rules.*.stages.*': membersOf(stageForm),
  'rules.*.stages.*.escalate': membersOf(escalateForm),
  'rules.*.match': membersOf(match),
  'rules.*.credential': membersOf(credentialForms.jwt),
  'actions.*.parameters': PARAMETER_MEMBERS,
  'tests.*': membersOf(testForm),
  'tests.*.ask': membersOf(testAsk),
  'tests.*.expect': membersOf(testExpect),
};
