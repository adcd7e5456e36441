// What a setting is: its variable, how it is read, and what docs/configuration.md says about it.

import type { z } from 'zod';

type Setting<Schema extends z.ZodType> = {
  readonly variable: string;
  readonly schema: Schema;
  readonly type: string;
  readonly fallback: string;
  readonly description: string;
  readonly is_secret: boolean;
};

type Options = { readonly type: string; readonly fallback?: string; readonly is_secret?: boolean };

/** One row of the table of settings. */
export function setting<Schema extends z.ZodType>(
  variable: string,
  schema: Schema,
  description: string,
  options: Options,
) {
  const { type, fallback = '', is_secret = false } = options;
  return { variable, schema, description, type, fallback, is_secret } satisfies Setting<Schema>;
}
