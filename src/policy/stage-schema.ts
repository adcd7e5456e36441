// The form of a stage in the policy file: whom it asks, how many of them, and when more are asked.

import { z } from 'zod';
import { QUORUM_MAX, TIMEOUT_SECONDS_MAX } from '../domain/policy/policy.ts';
import { duration, list } from './forms.ts';

/** In one stage: more is a list that nobody reads. */
const GROUPS_MAX = 50;
/** Sooner than this nobody can have looked. */
const STEP_SECONDS_MIN = 1;

export const approvers = list(z.string(), GROUPS_MAX);
export const quorum = z.int().min(1, 'below 1').max(QUORUM_MAX, `above ${QUORUM_MAX}`);

export const escalateForm = z.strictObject({
  after: duration(STEP_SECONDS_MIN, TIMEOUT_SECONDS_MAX),
  to: approvers.min(1, 'empty: asks nobody else'),
});
export const stageForm = z.strictObject({
  approvers,
  quorum: quorum.default(1),
  each: z.boolean().default(false),
  remind_after: duration(STEP_SECONDS_MIN, TIMEOUT_SECONDS_MAX).optional(),
  escalate: escalateForm.optional(),
});
export const stage = stageForm.transform(({ each, remind_after, escalate, ...rest }) => ({
  ...rest,
  ...(each ? { each: true as const } : {}),
  ...(remind_after === undefined ? {} : { remind_after_seconds: remind_after }),
  ...(escalate === undefined ? {} : { escalate: { after_seconds: escalate.after, to: escalate.to } }),
}));
