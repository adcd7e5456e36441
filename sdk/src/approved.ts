// What guard and gate share: an approval is taken for this one process, durably, before anything runs; then it runs, and how
// that went is reported. Decides nothing by itself.
import { PlacetApiError, PlacetSpentError } from './api-error.ts';
import type { CredentialAsk, Operations } from './operations.ts';
import type { ApprovalRequest, ClaimedCredential } from './types.ts';

type TakeInput = {
  /** The approved request, and the digest of what is about to run. */
  readonly request: Pick<ApprovalRequest, 'id' | 'digest'>;
  readonly credential?: CredentialAsk | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** What another call of this approval has done first. */
const TAKEN: ReadonlySet<string> = new Set(['already_claimed', 'already_started', 'result_already_reported']);

/** Whether something of it has begun. Its rule may grant more uses; for one call it is one run all the same. */
export function isSpent({ outcome }: ApprovalRequest): boolean {
  return Boolean(outcome?.result ?? outcome?.lease ?? outcome?.execution);
}

/** Takes the approval, once: with its credential, or by a start without one; PlacetSpentError when it was taken before. */
export async function takeApproval(
  client: Pick<Operations, 'get' | 'claim' | 'start'>,
  { request: { id, digest }, credential, signal }: TakeInput,
): Promise<ClaimedCredential | null> {
  try {
    if (credential) return await client.claim(id, { signal });
    await client.start(id, digest, { signal });
    return null;
  } catch (error) {
    const isTaken = error instanceof PlacetApiError && TAKEN.has(error.code);
    throw isTaken ? new PlacetSpentError(await client.get(id, { signal })) : error;
  }
}

export type ReportOptions<Result> = {
  /** A digest of the result, kept in the record; see sha256Digest. */
  readonly resultDigest?: (result: Result) => string;
  /** Called when the result could not be reported; it has run then, so nothing is thrown. Default: a process warning. */
  readonly onReportError?: (error: unknown) => void;
};

type Run<Result> = {
  readonly client: Pick<Operations, 'report'>;
  readonly id: string;
  readonly run: () => Promise<Result>;
  readonly options: ReportOptions<Result>;
};

/** The result of what was approved, or its own error; either is reported first. */
export async function runAndReport<Result>({ client, id, run, options }: Run<Result>): Promise<Result> {
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
