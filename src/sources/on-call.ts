// Asks who is on call: a calendar, or an address that answers with e-mail addresses. Empty, unreadable or failed means nobody,
// and says why. Decides nothing, and keeps no answer.

import { createHash } from 'node:crypto';
import { addressFault, addressOf } from '../domain/people/address.ts';
import type { AskedSource, SourceAnswer } from '../domain/people/membership.ts';
import { attendeesAt } from './calendar-file.ts';
import { type FetchOptions, guardedFetch } from './guarded-fetch.ts';

type OnCallSource = Extract<AskedSource, { kind: 'on_call' }>;

/** As many as are on call at once anywhere; a longer list is a directory. */
const ADDRESSES_MAX = 100;

export type OnCallDeps = Omit<FetchOptions, 'bearer'> & {
  /** The secret that was given for a host, or null. */
  readonly readSecret: (host: string) => Promise<string | null>;
};

/** Asks one source at this moment; never throws. */
export async function askOnCall(
  { readSecret, ...options }: OnCallDeps,
  source: OnCallSource,
  now: Date,
): Promise<SourceAnswer> {
  const nobody = (fault: string, bytes: Uint8Array = Buffer.alloc(0)): SourceAnswer => {
    return { source, asked_at: now, members: [], digest: digestOf(bytes), fault };
  };
  const secret = await readSecret(new URL(source.url).host).then(
    (bearer) => ({ bearer }),
    () => null,
  );
  if (secret === null) return nobody('secret_unreadable');
  const fetched = await guardedFetch(source.url, { ...options, ...secret });
  if (fetched.kind === 'fault') return nobody(fetched.fault);
  const { bytes } = fetched;
  const text = textOf(bytes);
  const read = text === null ? null : source.format === 'ical' ? attendeesAt(text, now) : emailsIn(text);
  if (read === null || read.length > ADDRESSES_MAX) return nobody('answer_unreadable', bytes);
  const members = [...new Set(read.filter((email) => addressFault(email) === null).map(addressOf))].sort();
  if (members.length === 0) return nobody('nobody_on_call', bytes);
  return { source, asked_at: now, members, digest: digestOf(bytes), fault: null };
}

/** `{"emails": [...]}` and nothing else there that is no text; null for any other answer. */
function emailsIn(text: string): readonly string[] | null {
  try {
    const answer: unknown = JSON.parse(text);
    const emails = typeof answer === 'object' && answer !== null ? (answer as { emails?: unknown }).emails : null;
    return Array.isArray(emails) && emails.every((email) => typeof email === 'string') ? emails : null;
  } catch {
    return null;
  }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
