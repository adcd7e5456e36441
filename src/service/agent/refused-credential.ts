// A credential that was presented for something of ours and refused: a failure in the audit log, whoever presented it.
// One that names nothing of ours leaves no event, so that strangers cannot fill the log with made-up ids.

import { recordEvent } from '../../audit/record.ts';
import * as leases from '../../db/leases.ts';
import * as requests from '../../db/requests.ts';
import { type ErrorCode, hasCode } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import { UNVERIFIED } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';

type Presented = { readonly lease_id: string } | { readonly request_id: string };

const CODE: ErrorCode = 'credential_invalid';
/** The credential is genuine, but of another lease or request. */
const OTHER = 'issued_for_another';

/** Runs what judges a credential; its refusal is recorded in a transaction of its own before it is thrown on. */
export async function recordingRefusal<T>(
  deps: ServiceDeps & { readonly tenant_id: string },
  presented: Presented,
  judge: () => Promise<T>,
): Promise<T> {
  try {
    return await judge();
  } catch (error) {
    if (hasCode(error, CODE)) await recordRefusal(deps, presented, codeOf(error));
    throw error;
  }
}

function recordRefusal(
  deps: ServiceDeps & { readonly tenant_id: string },
  presented: Presented,
  code: string,
): Promise<void> {
  return deps.transact(deps.tenant_id, async (tx) => {
    const lease_id = 'lease_id' in presented ? presented.lease_id : null;
    const lease = lease_id === null || !isId('lease', lease_id) ? null : await leases.readLease(tx, lease_id);
    const request_id = 'request_id' in presented ? presented.request_id : (lease?.request_id ?? '');
    if (!isId('request', request_id) || (await requests.findRequester(tx, request_id)) === null) return;
    await recordEvent(deps, tx, {
      type: 'credential.refused',
      outcome: 'failure',
      actor: UNVERIFIED,
      request_id,
      ...(lease === null ? {} : { lease_id: lease.id }),
      facts: { code },
    });
  });
}

/** The verifier's word for it; only its own short codes, never text from the token. */
function codeOf(error: unknown): string {
  const cause = (error as { readonly cause?: { readonly code?: unknown } }).cause;
  return typeof cause?.code === 'string' ? cause.code : OTHER;
}
