// For Fastify: a hook before the handler, once the body is parsed. No rule lives here.
import { type AllowedCall, type CheckOptions, createCallCheck } from './call-check.ts';

/** What is used of a request of Fastify; typed by its shape, so that this package needs no version of it. */
type Request = {
  readonly method: string;
  readonly url: string;
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};
type Reply = {
  readonly code: (status: number) => Reply;
  readonly headers: (headers: Record<string, string>) => Reply;
  readonly send: (body: unknown) => unknown;
};

const allowed = new WeakMap<object, AllowedCall>();

/** A `preHandler`: the handler runs only when the call may, once; else the refusal is sent, and `onRefused` told why. */
export function placetPreHandler<R extends Request>(
  options: CheckOptions<R> & { readonly onRefused?: (code: string, request: R) => void },
): (request: R, reply: Reply) => Promise<unknown> {
  const check = createCallCheck(options);
  return async (request, reply) => {
    // As it came in: what was rewritten on the way is not what a proof was made for.
    const { method, url, originalUrl: path = url, headers } = request;
    const authorization = one(headers['authorization']);
    const checked = await check({ request, method, path, authorization, dpop: one(headers['dpop']) });
    if (checked.kind === 'allowed') {
      if (checked.call !== null) allowed.set(request, checked.call);
      return undefined;
    }
    const { status, headers: more, body, code } = checked.refused;
    options.onRefused?.(code, request);
    return reply.code(status).headers(more).send(body);
  };
}

/** What the call was allowed by; undefined where it needed no credential. */
export function callOf(request: object): AllowedCall | undefined {
  return allowed.get(request);
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
