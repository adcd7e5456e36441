// Waits for a decision by id alone, for as long as the caller likes: still pending is an answer too.
import { PlacetTimeoutError } from './api-error.ts';
import type { Cancellable, Operations } from './operations.ts';
import type { ApprovalRequest } from './types.ts';

/** The request once it is decided, or as it is after `timeoutSeconds`, where 0 is at once. Throws as the client does. */
export async function waitFor(
  client: Pick<Operations, 'get' | 'waitForDecision'>,
  id: string,
  { timeoutSeconds, signal }: Cancellable & { timeoutSeconds?: number },
): Promise<ApprovalRequest> {
  if (timeoutSeconds === 0) return client.get(id, { signal });
  try {
    return await client.waitForDecision(id, { signal, ...(timeoutSeconds !== undefined && { timeoutSeconds }) });
  } catch (error) {
    if (!(error instanceof PlacetTimeoutError)) throw error;
    return client.get(id, { signal });
  }
}
