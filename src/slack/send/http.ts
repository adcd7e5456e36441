// One HTTP call to Slack, over connections that are kept: what Slack's client needs of an answer, without the streams of a
// fetch, which cost as much again as the call. Knows no method.

import type { FetchFunction } from '@slack/web-api';
import { request } from 'undici';

/** For bodies of text, which are all that we send. A redirect is an answer that Slack's client does not take. */
export const callSlack: FetchFunction = async (url, { method = 'POST', headers = {}, body = '', signal } = {}) => {
  if (typeof body !== 'string') throw new TypeError('only text is sent to Slack');
  const answer = await request(url, { method: method as 'POST', headers, body, signal: signal ?? null });
  const text = await answer.body.text();
  const read = new Map(Object.entries(answer.headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]));
  return {
    ok: answer.statusCode >= 200 && answer.statusCode < 300,
    status: answer.statusCode,
    statusText: '',
    url: String(url),
    headers: { get: (name) => read.get(name.toLowerCase()) ?? null, entries: () => read.entries() },
    arrayBuffer: async () => new TextEncoder().encode(text).buffer as ArrayBuffer,
    json: async () => JSON.parse(text) as unknown,
    text: async () => text,
  };
};
