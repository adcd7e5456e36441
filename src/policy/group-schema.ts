// The form of an approver group in the policy file: where its people come from, and where they are asked.

import { z } from 'zod';
import { GROUP_MEMBERS_MAX } from '../domain/policy/policy.ts';
import { email, list } from './forms.ts';

/** Groups named by one group: more is a list that nobody reads. */
const GROUPS_MAX = 50;
const URL_CHARACTERS_MAX = 2_000;

const names = list(z.string(), GROUPS_MAX);

/** Elsewhere, and by a way that nobody can listen to or change. */
const httpsUrl = z
  .string()
  .max(URL_CHARACTERS_MAX, `longer than ${URL_CHARACTERS_MAX} characters`)
  .refine(isHttps, 'write an https address without a user and a fragment, such as https://oncall.example/sre.ics');

function isHttps(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return protocol === 'https:' && username === '' && password === '' && hash === '';
}

export const onCallForm = z.strictObject({
  ical: httpsUrl.optional(),
  url: httpsUrl.optional(),
  among: names.min(1, 'empty: chooses among nobody'),
});
const onCall = onCallForm.refine(
  ({ ical, url }) => (ical === undefined) !== (url === undefined),
  'write either ical, the address of a calendar, or url, which answers {"emails": [...]}',
);

export const group = z.strictObject({
  members: list(email, GROUP_MEMBERS_MAX).default([]),
  slack_user_group: z
    .string()
    .regex(/^S[A-Z0-9]{2,62}$/, 'write the id of a Slack user group, such as S0DBA')
    .nullable()
    .default(null),
  channel_members: z
    .string()
    .regex(/^[CG][A-Z0-9]{2,62}$/, 'write the id of a private Slack channel, such as G0SRE, not its name')
    .optional(),
  on_call: onCall.optional(),
  groups: names.min(1, 'empty: a group of nobody').optional(),
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{2,62}$/, 'write the id of a Slack channel, such as C0PAYMENTS, not its name'),
});

const AWAY_UNTIL =
  'write a date such as 2026-12-24, whose last moment by UTC is meant, or a moment such as 2026-12-24T17:00:00Z';

/** Until when somebody is away, and who decides in that place. */
export const awayForm = z.strictObject({
  until: z.union([z.iso.date(), z.iso.datetime({ offset: true })], AWAY_UNTIL),
  delegate: email.optional(),
});
