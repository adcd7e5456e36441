// One HTTP call to Slack, over connections that are kept: what Slack's client needs of an answer, without the streams of a
// fetch, which cost as much again as the call. Knows no method.

import type { FetchFunction } from '@slack/web-api';
import { request } from 'undici';

/** How long whoever is limited waits where no time was named that can be read: long enough that few calls are refused. */
export const WAIT_SECONDS_DEFAULT = 5;
/** No limit of Slack lasts longer, so a longer wait is a slip of whoever stands in between. */
const WAIT_SECONDS_MAX = 3_600;
const STATUS_LIMITED = 429;

/**
 * For bodies of text, which are all that we send. A redirect is an answer that Slack's client does not take. What says 200 and is
 * no answer of Slack, such as the page of a proxy or half an answer, is a lost one: its client would take the text for an error
 * of Slack, and so for a call that had no effect.
 */
export const callSlack: FetchFunction = async (url, { method = 'POST', headers = {}, body = '', signal } = {}) => {
  if (typeof body !== 'string') throw new TypeError('only text is sent to Slack');
  const answer = await request(url, { method: method as 'POST', headers, body, signal: signal ?? null });
  const text = await answer.body.text();
  const status = answer.statusCode;
  if (status === 200 && !isAnswer(text)) throw new Error('what answered 200 is not Slack, or its answer was cut');
  const read = new Map(Object.entries(answer.headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]));
  const wait = waitSeconds(read.get('retry-after'), Date.now());
  // Slack's client reads whole seconds, and knows no limit without them.
  if (wait !== null || status === STATUS_LIMITED) read.set('retry-after', `${wait ?? WAIT_SECONDS_DEFAULT}`);
  else read.delete('retry-after');
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: '',
    url: String(url),
    headers: { get: (name) => read.get(name.toLowerCase()) ?? null, entries: () => read.entries() },
    arrayBuffer: async () => new TextEncoder().encode(text).buffer as ArrayBuffer,
    json: async () => JSON.parse(text) as unknown,
    text: async () => text,
  };
};

/** Whole seconds of a Retry-After in either of its forms (RFC 9110 section 10.2.3); null for none that can be read. */
export function waitSeconds(value: string | undefined, now_ms: number): number | null {
  if (value === undefined) return null;
  const named = value.trim();
  // Date.parse takes nearly any text for some moment.
  const until_ms = /^[A-Z][a-z]+, .* GMT$/.test(named) ? Date.parse(named) : Number.NaN;
  const seconds = /^\d+$/.test(named) ? Number(named) : Math.ceil((until_ms - now_ms) / 1_000);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), WAIT_SECONDS_MAX);
}

/** Every answer of the Web API is an object that says whether it went well. */
function isAnswer(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
  } catch {
    return false;
  }
}
