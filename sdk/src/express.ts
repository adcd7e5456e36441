// For Express: a middleware behind the one that parses bodies. No rule lives here.
import { type AllowedCall, type CheckOptions, createCallCheck } from './call-check.ts';

/** What is used of a request of Express; typed by its shape, so that this package needs no version of it. */
type Request = {
  readonly method: string;
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};
type Response = {
  readonly status: (status: number) => Response;
  readonly set: (headers: Record<string, string>) => Response;
  readonly json: (body: unknown) => unknown;
};

const allowed = new WeakMap<object, AllowedCall>();

/** A middleware: what stands behind it runs only when the call may, once; else the refusal is sent, and `onRefused` told why. */
export function placetMiddleware<R extends Request>(
  options: CheckOptions<R> & { readonly onRefused?: (code: string, request: R) => void },
): (request: R, response: Response, next: (error?: unknown) => void) => Promise<void> {
  const check = createCallCheck(options);
  return async (request, response, next) => {
    const { method, originalUrl: path, headers } = request;
    const authorization = one(headers['authorization']);
    try {
      const checked = await check({ request, method, path, authorization, dpop: one(headers['dpop']) });
      if (checked.kind === 'refused') {
        const { status, headers: more, body, code } = checked.refused;
        options.onRefused?.(code, request);
        response.status(status).set(more).json(body);
        return;
      }
      if (checked.call !== null) allowed.set(request, checked.call);
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}

/** What the call was allowed by; undefined where it needed no credential. */
export function callOf(request: object): AllowedCall | undefined {
  return allowed.get(request);
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
