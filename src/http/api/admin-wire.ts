// What the wire of admins looks like: the zod schemas of what is asked and answered. They validate, serialise and document.
// No rule and no service call lives here.

import { z } from 'zod';
import { formOf, GRAMMARS, type NameKind } from '../../domain/grammar.ts';
import { LABELS_MAX } from '../../domain/people/labels.ts';
import * as example from './admin-examples.ts';
import { address, id, wholeNumber } from './wire.ts';

/** As on the command line: a key that lives longer is one that nobody rotates. */
const KEY_DAYS_MAX = 365;
const KEY_DAYS_DEFAULT = 90;
const OVERLAP_SECONDS_MAX = 7 * 86_400;
const OVERLAP_SECONDS_DEFAULT = 86_400;
const LIST_LIMIT_MAX = 100;

/** A name of ours by its grammar. */
export function plainName(kind: NameKind) {
  const { characters_max, says } = GRAMMARS[kind];
  return z.string().max(characters_max).regex(formOf(kind), `must ${says}`);
}

/** Values by names; the grammar of both is the service's to judge, which says what is wrong. */
const labels = z
  .record(z.string(), z.string())
  .refine((all) => Object.keys(all).length <= LABELS_MAX, `more than ${LABELS_MAX} labels`)
  .meta({ maxProperties: LABELS_MAX });

const days = z.int().min(1).max(KEY_DAYS_MAX).default(KEY_DAYS_DEFAULT);

export const nameParams = z.object({ name: plainName('agent') });

export const newAgent = z
  .strictObject({
    name: plainName('agent'),
    owner_email: address,
    environment: plainName('environment'),
    labels: labels.default({}),
    days,
  })
  .meta({ examples: [example.NEW_AGENT] });

export const rotation = z
  .strictObject({ overlap_seconds: z.int().min(0).max(OVERLAP_SECONDS_MAX).default(OVERLAP_SECONDS_DEFAULT), days })
  .meta({ examples: [example.ROTATION] });

const key = { agent_id: id('agt'), name: z.string(), environment: z.string(), key: z.string(), expires_at: z.date() };
export const issuedKey = z.object(key).meta({ id: 'IssuedKey', examples: [example.ISSUED_KEY] });
export const rotatedKey = z
  .object({ ...key, old_keys_end_at: z.date() })
  .meta({ id: 'RotatedKey', examples: [example.ROTATED_KEY] });

export const agentLabels = z.strictObject({ labels }).meta({ examples: [example.AGENT_LABELS] });
export const labelledAgent = z
  .object({ agent_id: id('agt'), name: z.string(), kind: z.enum(['labelled', 'unchanged']) })
  .meta({ id: 'LabelledAgent', examples: [example.LABELLED_AGENT] });

export const revokedAgent = z
  .object({ agent_id: id('agt'), name: z.string(), kind: z.enum(['revoked', 'unchanged']) })
  .meta({ id: 'RevokedAgent', examples: [example.REVOKED_AGENT] });

const agent = z.object({
  id: id('agt'),
  name: z.string(),
  owner_email: z.string(),
  environment: z.string(),
  labels: z.record(z.string(), z.string()),
  created_at: z.date(),
  revoked_at: z.date().nullable(),
  keys: z.array(z.object({ id: z.string(), hint: z.string(), expires_at: z.string() })),
});
export const agentList = z
  .object({ items: z.array(agent) })
  .meta({ id: 'AgentList', examples: [{ items: [example.AGENT] }] });

/** Where the members of a group come from; the address of one that is not of Slack is left out, since it may be a secret. */
export const memberSource = z.object({
  kind: z.enum(['listed', 'groups', 'slack_user_group', 'channel_members', 'on_call']),
  id: z.string().optional(),
});

const approverGroup = {
  id: id('grp'),
  name: z.string(),
  channel: z.string(),
  slack_user_group: z.string().nullable(),
  source: memberSource,
  is_retired: z.boolean(),
  member_count: z.int(),
};
export const groupParams = z.object({ name: z.string().min(1).max(100) });
export const groupList = z
  .object({ items: z.array(z.object(approverGroup)) })
  .meta({ id: 'ApproverGroupList', examples: [{ items: [example.GROUP] }] });
/** As the policy file has it, whatever kind it is; what is wrong with it is said as of a file. */
export const groupEntry = z
  .looseObject({
    members: z.array(z.string()).optional(),
    slack_user_group: z.string().optional(),
    channel: z.string(),
  })
  .meta({ examples: [example.GROUP_ENTRY] });
const groupMember = z.object({
  id: id('prs').nullable(),
  email: z.string(),
  name: z.string(),
  is_active: z.boolean(),
});
export const group = z
  .object({ ...approverGroup, members: z.array(groupMember) })
  .meta({ id: 'ApproverGroup', examples: [{ ...example.GROUP, members: [example.GROUP_MEMBER] }] });

/** A moment in a query string, in RFC 3339 with its offset. */
const moment = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .meta({ type: 'string', format: 'date-time' });

export const eventQuery = z.strictObject({
  request_id: id('apr').optional(),
  type: z
    .string()
    .regex(/^[a-z_]{1,40}\.[a-z_]{1,40}$/)
    .optional(),
  actor_id: z.string().min(1).max(200).optional(),
  from: moment.optional(),
  until: moment.optional(),
  limit: wholeNumber(1, LIST_LIMIT_MAX).optional(),
  cursor: id('evt').meta({ description: 'next_cursor of the page before' }).optional(),
});

/** Which span of the log is exported, and which types of events are shown of it. */
export const auditExport = z
  .strictObject({
    from: z.iso.datetime({ offset: true }).nullable().default(null),
    to: z.iso.datetime({ offset: true }).nullable().default(null),
    types: z.array(z.string().max(80)).max(100).default([]),
  })
  .meta({ examples: [example.AUDIT_EXPORT] });

const event = z.object({
  id: id('evt'),
  type: z.string(),
  outcome: z.enum(['success', 'failure']),
  actor_kind: z.string(),
  actor_id: z.string(),
  request_id: z.string().nullable(),
  lease_id: z.string().nullable(),
  digest: z.string().nullable(),
  facts: z.record(z.string(), z.unknown()),
  occurred_at: z.date(),
});
export const eventList = z
  .object({ items: z.array(event), next_cursor: z.string().nullable() })
  .meta({ id: 'AuditEventList', examples: [{ items: [example.EVENT], next_cursor: null }] });
