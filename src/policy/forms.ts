// The forms of single values in the policy file: addresses, names that people see, patterns, durations, bounded lists.

import { z } from 'zod';
import { hiddenIn } from '../domain/joiners.ts';
import { addressFault, addressOf } from '../domain/people/address.ts';
import { DURATION, formatDuration, meantDuration, parseDuration } from './duration.ts';

/** In the one form that addresses are kept and compared in. */
export const email = z
  .string()
  .meta({ pattern: '.@.' })
  .transform((text, context) => {
    const fault = addressFault(text);
    if (fault !== null) context.addIssue(fault);
    return addressOf(text);
  });

/** For the JSON Schema: spaces at either end do not count. */
const trimmed = (characters_max: number) => ({
  minLength: undefined,
  maxLength: undefined,
  pattern: `^\\s*\\S(?:[\\s\\S]{0,${characters_max - 2}}\\S)?\\s*$`,
});

/** Shown to people in cards and lists, so no control or invisible formatting character. */
export const label = (characters_max: number) =>
  z
    .string()
    .trim()
    .min(1, 'empty')
    .max(characters_max, `longer than ${characters_max} characters`)
    .refine((text) => hiddenIn(text) === null, 'has a control or invisible character')
    .meta(trimmed(characters_max));

/** As long as the longest action, and as the longest resource; which characters can match is domain's lint. */
const patternOf = (characters_max: number) =>
  z
    .string()
    .trim()
    .min(1, 'empty')
    .max(characters_max, `longer than ${characters_max} characters`)
    .meta(trimmed(characters_max));
export const pattern = patternOf(200);
export const resourcePattern = patternOf(500);

export const list = <T extends z.ZodType>(item: T, items_max: number) =>
  z.array(item).max(items_max, `more than ${items_max}`);

const EXAMPLES = 'write it such as 10m, 90s or 1h30m';

export const duration = (seconds_min: number, seconds_max: number) =>
  z
    .string({
      error: ({ input }) => {
        if (input === undefined) return undefined;
        if (typeof input !== 'number') return `no duration stands here; ${EXAMPLES}`;
        const meant = meantDuration(String(input));
        return meant === null
          ? `${input} has no unit; ${EXAMPLES}`
          : `${input} has no unit; for ${input} seconds write ${meant}`;
      },
    })
    .meta({ pattern: DURATION.source, minLength: 1, examples: ['90s', '10m', '1h30m'] })
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
