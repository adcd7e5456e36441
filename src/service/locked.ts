// How every use case takes a request that it may change: locked first, then read whole, at the moment of the lock.

import type { LockedTx, Tx } from '../db/database.ts';
import { inOrder } from '../db/in-order.ts';
import * as policies from '../db/policies.ts';
import * as requestRecords from '../db/request-records.ts';
import * as requests from '../db/requests.ts';
import { isId } from '../domain/ids.ts';
import type { RequestRecord } from '../domain/request/record.ts';

/** The locked request; everything after goes through this `tx`, whose time is that of the lock. */
export type Locked = { readonly tx: LockedTx; readonly record: RequestRecord };

/** Locks and reads one request of this tenant, or null. Others that want to change it wait until the transaction ends. */
export async function lockRequestRecord(begun: Tx, request_id: string): Promise<Locked | null> {
  if (!isId('request', request_id)) return null;
  // Both are asked for at once; a connection runs them in this order, so the record is read after the lock was got.
  const [tx, record] = await inOrder(begun, [
    (tx) => requests.lockRequest(tx, request_id),
    (tx) => requestRecords.readRequestRecord(tx, request_id),
  ]);
  return tx === null || record === null ? null : { tx, record };
}

/**
 * The same where people are judged. No policy is applied meanwhile: whose the account is and who is in which group are
 * never of two policies, and once an apply has answered nothing is given out by the policy before.
 */
export async function lockUnderPolicy(begun: Tx, request_id: string): Promise<Locked | null> {
  // Sent together, in this order: whoever applies a policy locks no request, so nobody waits in a circle.
  const [, locked] = await inOrder(begun, [
    (tx) => policies.holdPolicies(tx),
    (tx) => lockRequestRecord(tx, request_id),
  ]);
  return locked;
}
