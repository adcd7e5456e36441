// Look-ups that Slack has limited are not repeated before the time that it named: a call that would only be refused tells nobody
// anything, and counts against everybody. Messages take turns in the queues of the record instead.

import type { WebClientOptions } from '@slack/web-api';

type Send = NonNullable<WebClientOptions['fetch']>;

/** Methods that no queue of the record orders, and that many requests call at once. */
const METHODS: ReadonlySet<string> = new Set(['users.lookupByEmail']);

/** `send`, but for calls of a method that is limited: those are answered as Slack would, with the time that is left. */
export function withinLimits(send: Send = fetch, now: () => number = Date.now): Send {
  const closed_until = new Map<string, number>();
  return async (address, request) => {
    const method = String(address).split('/').at(-1) ?? '';
    if (!METHODS.has(method)) return send(address, request);
    const left_ms = (closed_until.get(method) ?? 0) - now();
    if (left_ms > 0) {
      return new Response(null, { status: 429, headers: { 'retry-after': `${Math.ceil(left_ms / 1_000)}` } });
    }
    const answer = await send(address, request);
    const wait_ms = Number(answer.headers.get('retry-after')) * 1_000;
    if (answer.status === 429 && wait_ms > 0) closed_until.set(method, now() + wait_ms);
    return answer;
  };
}
