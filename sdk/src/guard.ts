// guard(action, fn): a function that asks first. It runs fn after an approval of exactly these arguments and in no other
// case: a denial, a timeout, an outage or a changed argument all end before fn.
import { PlacetChangedError, PlacetDeniedError } from './api-error.ts';
import type { ActionEnvelope } from './canonical.ts';
import { actionDigest } from './digest.ts';
import type { CredentialAsk, Operations } from './operations.ts';
import type { ApprovalRequest, ClaimedCredential } from './types.ts';

/** What fn gets behind its own arguments; `credential` is the JWT for the tool, null when none was asked for. */
export type GuardContext = {
  readonly credential: string | null;
  readonly lease: ClaimedCredential['lease'] | null;
  readonly request: ApprovalRequest;
};

export type GuardOptions<Args extends unknown[], Result> = {
  readonly resource: (...args: Args) => string;
  /** Everything that decides what fn will do; approvers see it and nothing else. */
  readonly parameters?: (...args: Args) => ActionEnvelope['parameters'];
  readonly justification?: string | ((...args: Args) => string);
  readonly onBehalfOf?: string;
  readonly timeoutSeconds?: number;
  readonly credential?: CredentialAsk;
  readonly signal?: AbortSignal;
  /** A digest of the result, kept in the record; see sha256Digest. */
  readonly resultDigest?: (result: Result) => string;
  /** Called when the result could not be reported; fn has run then, so nothing is thrown. Default: a process warning. */
  readonly onReportError?: (error: unknown) => void;
};

/** Annotate fn's parameters, `(order: Order, context: GuardContext)`, and the types of all else follow. */
export type Guard = <Args extends unknown[], Result>(
  action: string,
  fn: (...args: [...Args, GuardContext]) => Result | Promise<Result>,
  options: GuardOptions<Args, Result>,
) => (...args: Args) => Promise<Result>;

type Client = Pick<Operations, 'request' | 'waitForDecision' | 'cancel' | 'claim' | 'report'>;

/** The guard of one client; throws PlacetDeniedError, PlacetChangedError or the client's errors, and then has not run fn. */
export function guardWith(client: Client): Guard {
  return (action, fn, options) =>
    async (...args) => {
      const envelope = (): ActionEnvelope => ({
        action,
        resource: options.resource(...args),
        parameters: options.parameters?.(...args) ?? {},
      });
      const { justification } = options;
      const why = typeof justification === 'function' ? justification(...args) : justification;
      const request = await getApproval(client, { ...envelope(), justification: why }, options);
      // Arguments are the caller's objects and hours may have passed: what runs must still be what was approved.
      const isUnchanged = (): boolean => actionDigest(envelope()) === request.digest;
      if (!isUnchanged()) throw new PlacetChangedError();
      const claimed = options.credential ? await client.claim(request.id, { signal: options.signal }) : null;
      if (!isUnchanged()) throw new PlacetChangedError();
      options.signal?.throwIfAborted();
      const context = { credential: claimed?.credential.token ?? null, lease: claimed?.lease ?? null, request };
      return runAndReport({ client, id: request.id, run: async () => fn(...args, context), options });
    };
}

type Ask = ActionEnvelope & { readonly justification: string | undefined };
type AskOptions = Pick<GuardOptions<never, never>, 'onBehalfOf' | 'timeoutSeconds' | 'credential' | 'signal'>;

async function getApproval(client: Client, ask: Ask, options: AskOptions): Promise<ApprovalRequest> {
  const { onBehalfOf, timeoutSeconds, credential, signal } = options;
  const made = await client.request({ ...ask, onBehalfOf, timeoutSeconds, credential }, { signal });
  const request = made.state === 'pending' ? await waitOrCancel(client, made.id, signal) : made;
  switch (request.state) {
    case 'approved':
      return request;
    case 'denied':
    case 'expired':
    case 'cancelled':
      throw new PlacetDeniedError(request.state, request);
    default:
      throw new TypeError(`a request cannot be ${request.state} after the wait`);
  }
}

/** When nobody waits any more, nobody should be asked any more. */
async function waitOrCancel(client: Client, id: string, signal: AbortSignal | undefined): Promise<ApprovalRequest> {
  try {
    return await client.waitForDecision(id, { signal });
  } catch (error) {
    // Best effort: the request expires by itself, and the first error is the one that tells what happened.
    await client.cancel(id).catch(() => undefined);
    throw error;
  }
}

type Run<Result> = {
  readonly client: Client;
  readonly id: string;
  readonly run: () => Promise<Result>;
  readonly options: Pick<GuardOptions<never, Result>, 'resultDigest' | 'onReportError'>;
};

async function runAndReport<Result>({ client, id, run, options }: Run<Result>): Promise<Result> {
  const onReportError = options.onReportError ?? warn;
  let result: Result;
  try {
    result = await run();
  } catch (error) {
    // Only the error's name: its message may hold what the tool was told in confidence.
    const detail = error instanceof Error ? error.name : 'the function failed';
    await client.report(id, { status: 'failed', detail }).catch(onReportError);
    throw error;
  }
  try {
    await client.report(id, { status: 'succeeded', resultDigest: options.resultDigest?.(result) });
  } catch (error) {
    onReportError(error);
  }
  return result;
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : String(error), 'PlacetReportWarning');
}
