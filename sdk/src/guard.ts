// guard(action, fn): a function that asks first. It runs fn after an approval of exactly these arguments and in no other
// case: a denial, a timeout, an outage or a changed argument all end before fn. Started again with its key it goes on where
// the process before was, and what that one may have begun it never runs again.
import { PlacetChangedError, PlacetDeniedError, PlacetKeyError, PlacetSpentError } from './api-error.ts';
import { isSpent, type ReportOptions, runAndReport, takeApproval } from './approved.ts';
import { type ActionEnvelope, canonicalBytes } from './canonical.ts';
import { actionDigest } from './digest.ts';
import { type Salts, saltsOf } from './mask.ts';
import type { CredentialAsk, Operations } from './operations.ts';
import { isRunKey } from './run-key.ts';
import { createMask, type MaskRule, SECRET_RULES } from './secret-mask.ts';
import type { ApprovalRequest, ClaimedCredential } from './types.ts';

/** What fn gets behind its own arguments; `credential` is the JWT for the tool, null when none was asked for. */
export type GuardContext = {
  readonly credential: string | null;
  readonly lease: ClaimedCredential['lease'] | null;
  readonly request: ApprovalRequest;
};

export type GuardOptions<Args extends unknown[], Result> = {
  /**
   * Names this one run: the id of the job, workflow run or tool call that makes the call, 1 to 255 printable ASCII characters.
   * A text in which that id was missing (`job-undefined`, `job-${id}`) is refused. The same key is the same request, also
   * after a restart. Never make it from the action: two equal actions are two.
   */
  readonly idempotencyKey: string | ((...args: Args) => string);
  readonly resource: (...args: Args) => string;
  /** Everything that decides what fn will do; approvers see it and nothing else. */
  readonly parameters?: (...args: Args) => ActionEnvelope['parameters'];
  readonly justification?: string | ((...args: Args) => string);
  /** What is masked before anything leaves this process; SECRET_RULES by default. fn gets its arguments as they are. */
  readonly mask?: readonly MaskRule[];
  readonly onBehalfOf?: string;
  readonly timeoutSeconds?: number;
  readonly credential?: CredentialAsk;
  readonly signal?: AbortSignal;
} & ReportOptions<Result>;

/** Annotate fn's parameters, `(order: Order, context: GuardContext)`, and the types of all else follow. */
export type Guard = <Args extends unknown[], Result>(
  action: string,
  fn: (...args: [...Args, GuardContext]) => Result | Promise<Result>,
  options: GuardOptions<Args, Result>,
) => (...args: Args) => Promise<Result>;

type Client = Pick<Operations, 'request' | 'get' | 'waitForDecision' | 'cancel' | 'claim' | 'start' | 'report'>;

/**
 * The guard of one client; throws PlacetKeyError, PlacetDeniedError, PlacetSpentError, PlacetChangedError or the client's
 * errors, and then has not run fn.
 */
export function guardWith(client: Client, maskKey: Uint8Array): Guard {
  return (action, fn, options) => {
    // A caller without types learns it when it wraps, not when it acts.
    if (!isKeyOption(options?.idempotencyKey)) throw new PlacetKeyError();
    const mask = createMask(maskKey, options.mask ?? SECRET_RULES);
    return async (...args) => {
      const idempotencyKey = keyOf(options.idempotencyKey, args);
      const envelope = (): ActionEnvelope => ({
        action,
        resource: mask.text(options.resource(...args)),
        parameters: mask.parameters(readJson(options.parameters?.(...args) ?? {})),
      });
      const { justification } = options;
      const why = typeof justification === 'function' ? justification(...args) : justification;
      const { request, salts } = await getApproval(
        client,
        { ...envelope(), justification: why === undefined ? why : mask.text(why) },
        { ...options, idempotencyKey },
      );
      // Arguments are the caller's objects and hours may have passed: what runs must still be what was approved.
      const isUnchanged = (): boolean => actionDigest(envelope(), salts) === request.digest;
      if (!isUnchanged()) throw new PlacetChangedError();
      const claimed = await takeApproval(client, { request, ...options });
      if (!isUnchanged()) throw new PlacetChangedError();
      options.signal?.throwIfAborted();
      const context = { credential: claimed?.credential.token ?? null, lease: claimed?.lease ?? null, request };
      return runAndReport({ client, id: request.id, run: async () => fn(...args, context), options });
    };
  };
}

/** A copy that holds nothing but JSON; what is none is an error of the caller, and never left out. */
function readJson(parameters: ActionEnvelope['parameters']): ActionEnvelope['parameters'] {
  return JSON.parse(new TextDecoder().decode(canonicalBytes(parameters)));
}

function isKeyOption(option: unknown): boolean {
  return typeof option === 'function' || isRunKey(option);
}

function keyOf<Args extends unknown[]>(option: string | ((...args: Args) => string), args: Args): string {
  const key: unknown = typeof option === 'function' ? option(...args) : option;
  if (!isRunKey(key)) throw new PlacetKeyError();
  return key;
}

type Ask = ActionEnvelope & { readonly justification: string | undefined };
type AskOptions = Pick<GuardOptions<never, never>, 'onBehalfOf' | 'timeoutSeconds' | 'credential' | 'signal'>;

async function getApproval(
  client: Client,
  ask: Ask,
  options: AskOptions & { readonly idempotencyKey: string },
): Promise<{ readonly request: ApprovalRequest; readonly salts: Salts }> {
  const { onBehalfOf, timeoutSeconds, credential, signal, idempotencyKey } = options;
  const made = await client.request({ ...ask, onBehalfOf, timeoutSeconds, credential }, { signal, idempotencyKey });
  // A repeat is answered as the first ask was, so how the request stands by now has to be read.
  const request =
    made.state === 'pending' ? await waitOrCancel(client, made.id, signal) : await client.get(made.id, { signal });
  switch (request.state) {
    case 'approved':
      if (isSpent(request)) throw new PlacetSpentError(request);
      return { request, salts: saltsOf(made) };
    case 'denied':
    case 'expired':
    case 'cancelled':
      throw new PlacetDeniedError(request.state, request);
    default:
      throw new TypeError(`a request cannot be ${request.state} after the wait`);
  }
}

/**
 * A caller that gives up takes its request back, since nobody waits for the answer. An outage does not: whoever starts again
 * with the key goes on with what people have decided meanwhile.
 */
async function waitOrCancel(client: Client, id: string, signal: AbortSignal | undefined): Promise<ApprovalRequest> {
  try {
    return await client.waitForDecision(id, { signal });
  } catch (error) {
    // Best effort: the request expires by itself, and the first error is the one that tells what happened.
    if (signal?.aborted) await client.cancel(id).catch(() => undefined);
    throw error;
  }
}
