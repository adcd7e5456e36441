// For Hono: a middleware before the handler. No rule lives here.
import { type AllowedCall, type CheckOptions, createCallCheck } from './call-check.ts';

/** What is used of a context of Hono; typed by its shape, so that this package needs no version of it. */
type Context = {
  readonly req: { readonly raw: globalThis.Request; readonly header: (name: string) => string | undefined };
  readonly body: (data: string, status: 401 | 403 | 503, headers: Record<string, string>) => Response;
};

const allowed = new WeakMap<object, AllowedCall>();

/** A middleware: what stands behind it runs only when the call may, once; else the refusal is answered, and `onRefused` told. */
export function placetMiddleware<C extends Context>(
  options: CheckOptions<C> & { readonly onRefused?: (code: string, context: C) => void },
): (context: C, next: () => Promise<void>) => Promise<Response | undefined> {
  const check = createCallCheck(options);
  return async (context, next) => {
    const { raw, header } = { raw: context.req.raw, header: (name: string) => context.req.header(name) };
    const { pathname: path } = new URL(raw.url);
    const call = { request: context, method: raw.method, path };
    const checked = await check({ ...call, authorization: header('authorization'), dpop: header('dpop') });
    if (checked.kind === 'refused') {
      const { status, headers, body, code } = checked.refused;
      options.onRefused?.(code, context);
      return context.body(JSON.stringify(body), status, { ...headers, 'content-type': 'application/json' });
    }
    if (checked.call !== null) allowed.set(context, checked.call);
    await next();
    return undefined;
  };
}

/** What the call was allowed by; undefined where it needed no credential. */
export function callOf(context: object): AllowedCall | undefined {
  return allowed.get(context);
}
