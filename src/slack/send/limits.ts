// Look-ups that Slack has limited are not repeated before the time that it named: a call that would only be refused tells nobody
// anything, and counts against everybody. Messages take turns in the queues of the record instead. Look-ups need none there: no
// order among them matters, somebody waits for each, and each process learns of a limit by one refused call of that method.

import type { WebClientOptions } from '@slack/web-api';

type Send = NonNullable<WebClientOptions['fetch']>;

/** Methods that ask and change nothing, or only find a place: none of them waits in a queue of the record. */
const METHODS = /^(?:users|usergroups|conversations)\.|^chat\.getPermalink$/;
/** Slack counts by the minute: so long after a limit the calls of its method go one by one, and the first refusal is the last. */
const CAREFUL_MS = 60_000;

type Limit = { closed_until: number; last: Promise<unknown> };

/** `send`, but for calls of a method that is limited: those are answered as Slack would, with the time that is left. */
export function withinLimits(send: Send = fetch, now: () => number = Date.now): Send {
  const limits = new Map<string, Limit>();
  return async (address, request) => {
    const method = String(address).split('/').at(-1) ?? '';
    if (!METHODS.test(method)) return send(address, request);
    const call = async () => {
      const left_ms = (limits.get(method)?.closed_until ?? 0) - now();
      if (left_ms > 0) {
        return new Response(null, { status: 429, headers: { 'retry-after': `${Math.ceil(left_ms / 1_000)}` } });
      }
      const answer = await send(address, request);
      const wait_ms = Number(answer.headers.get('retry-after')) * 1_000;
      if (answer.status === 429 && wait_ms > 0) {
        limits.set(method, { closed_until: now() + wait_ms, last: limits.get(method)?.last ?? Promise.resolve() });
      }
      return answer;
    };
    const limit = limits.get(method);
    if (limit === undefined || limit.closed_until + CAREFUL_MS <= now()) return call();
    const answer = limit.last.then(call);
    limit.last = answer.catch(() => undefined);
    return answer;
  };
}
