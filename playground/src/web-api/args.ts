// Reads the arguments of a Web API call from a form or JSON body, and each argument by its kind. It knows no method.
import { isObject } from '../blocks/schema.ts';
import type { Json, JsonObject } from '../protocol.ts';
import { invalidArguments, SlackApiError } from './errors.ts';

export type Args = JsonObject;

/** Arguments of the body; a form gives strings, JSON gives values. */
export function parseArgs(contentType: string, body: string): Args {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return parseJsonBody(body);
  if (type === 'application/x-www-form-urlencoded' || type === '') return Object.fromEntries(new URLSearchParams(body));
  throw new SlackApiError('invalid_post_type');
}

function parseJsonBody(body: string): Args {
  let value: Json;
  try {
    value = JSON.parse(body) as Json;
  } catch {
    throw new SlackApiError('invalid_json');
  }
  if (!isObject(value)) throw new SlackApiError('json_not_object');
  return value;
}

/** A string that must be there. */
export function text(args: Args, name: string): string {
  const value = optionalText(args, name);
  if (value === undefined || value === '') throw invalidArguments(`[ERROR] missing required field: ${name}`);
  return value;
}

/** A string, or undefined. */
export function optionalText(args: Args, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw invalidArguments(`[ERROR] must provide a string [json-pointer:/${name}]`);
}

/** A boolean; forms send "true" and "1". */
export function flag(args: Args, name: string): boolean {
  const value = args[name];
  return value === true || value === 1 || value === 'true' || value === '1';
}

/** A whole number between 1 and `max`, else the default. */
function count(args: Args, name: string, fallback: number, max: number): number {
  const value = optionalText(args, name);
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw new SlackApiError(`invalid_${name}`);
  return number === 0 ? fallback : Math.min(number, max);
}

/** JSON that a form carries as a string; `error` when it is none. */
export function json(args: Args, name: string, error: string): Json | undefined {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    throw new SlackApiError(error);
  }
}

/** One page of a list, and the cursor of the next. */
export function page<T>(
  args: Args,
  items: T[],
  defaults: { limit: number; max: number },
): { items: T[]; next: string } {
  const limit = count(args, 'limit', defaults.limit, defaults.max);
  const cursor = optionalText(args, 'cursor') ?? '';
  const start = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64').toString().replace('next:', ''));
  if (!Number.isInteger(start) || start < 0 || start > items.length) throw new SlackApiError('invalid_cursor');
  const end = start + limit;
  const next = end < items.length ? Buffer.from(`next:${end}`).toString('base64') : '';
  return { items: items.slice(start, end), next };
}
