// What the wire of explain and replay looks like: the zod schemas of what is asked and answered. They validate, serialise and
// document. No rule and no service call lives here.

import { z } from 'zod';
import type { PolicyExplanation } from '../../service/admin/explain-policy.ts';
import type { Replay } from '../../service/admin/replay-policy.ts';
import { memberSource, plainName } from './admin-wire.ts';
import * as example from './trial-examples.ts';
import { address, id, name, parameters, wholeNumber } from './wire.ts';

const DAY_SECONDS = 86_400;
/** A year of requests; what is older was asked of another world. */
const SINCE_SECONDS_MAX = 366 * DAY_SECONDS;
export const SINCE_SECONDS_DEFAULT = 30 * DAY_SECONDS;

/** A request that was made, or an ask that might be. */
export const explainBody = z
  .union([
    z.strictObject({ request_id: id('apr') }),
    z.strictObject({
      agent: plainName('agent'),
      environment: plainName('environment').nullable().default(null),
      action: name('action'),
      resource: name('resource'),
      parameters: parameters.default({}),
      on_behalf_of: address.nullable().default(null),
    }),
  ])
  .meta({ examples: [example.ASK] });

const effect = z.enum(['allow', 'require', 'deny']);
const member = z.object({
  email: z.string(),
  name: z.string(),
  is_active: z.boolean(),
  excluded: z.enum(['owner', 'key_maker', 'on_behalf_of']).nullable(),
});
const group = z.object({
  name: z.string(),
  channel: z.string(),
  slack_user_group: z.string().nullable(),
  source: memberSource,
  members: z.array(member),
});
export const explanation = z
  .object({
    policy_version: z.int().nullable(),
    effect,
    rule: z.string().nullable(),
    rules: z.array(z.object({ name: z.string(), effect, is_judging: z.boolean(), why: z.string() })),
    stages: z.array(
      z.object({
        quorum: z.int(),
        each: z.boolean(),
        escalate: z.object({ after_seconds: z.int(), to: z.array(z.string()) }).nullable(),
        groups: z.array(group),
        eligible: z.int(),
        is_reachable: z.boolean().nullable(),
      }),
    ),
  })
  .meta({ id: 'PolicyExplanation', examples: [example.EXPLANATION] });

export const replayQuery = z.strictObject({ since_seconds: wholeNumber(1, SINCE_SECONDS_MAX).optional() });

const verdict = z.object({ effect, rule: z.string().nullable() });
export const replay = z
  .object({
    from_at: z.date(),
    requests: z.int(),
    unchanged: z.int(),
    not_judged: z.int(),
    changes: z.array(z.object({ from: verdict, to: verdict, count: z.int(), examples: z.array(z.string()) })),
  })
  .meta({ id: 'PolicyReplay', examples: [example.REPLAY] });

/** An explanation as it is answered. */
export function explanationOf({ rules, stages, ...explained }: PolicyExplanation) {
  return {
    ...explained,
    rules: [...rules],
    stages: stages.map(({ groups, escalate, ...stage }) => ({
      ...stage,
      escalate: escalate === null ? null : { ...escalate, to: [...escalate.to] },
      groups: groups.map(({ members, ...one }) => ({ ...one, members: [...members] })),
    })),
  };
}

/** A replay as it is answered. */
export function replayOf({ changes, ...replayed }: Replay) {
  return { ...replayed, changes: changes.map((change) => ({ ...change, examples: [...change.examples] })) };
}
