// How every use case takes a request that it may change: locked first, then read once, at the moment of the lock.

import type { LockedTx, Tx } from '../db/database.ts';
import { inOrder } from '../db/in-order.ts';
import * as policies from '../db/policies.ts';
import type { Reader } from '../db/record-parts.ts';
import * as requestRecords from '../db/request-records.ts';
import * as requests from '../db/requests.ts';
import { isId } from '../domain/ids.ts';

/** The locked request; everything after goes through this `tx`, whose time is that of the lock. */
export type Locked<Read> = { readonly tx: LockedTx; readonly record: Read };

/** Locks and reads one request of this tenant, or null. Others that want to change it wait until the transaction ends. */
export async function lockRequestRecord<Read>(
  begun: Tx,
  request_id: string,
  reader: Reader<Read>,
): Promise<Locked<Read> | null> {
  if (!isId('request', request_id)) return null;
  // Both are asked for at once; a connection runs them in this order, so the record is read after the lock was got.
  const [tx, record] = await inOrder(begun, [
    (tx) => requests.lockRequest(tx, request_id),
    (tx) => requestRecords.readRequestRecord(tx, request_id, reader),
  ]);
  return tx === null || record === null ? null : { tx, record };
}

/**
 * The same where people are judged. No policy is applied meanwhile: whose the account is and who is in which group are
 * never of two policies, and once an apply has answered nothing is given out by the policy before.
 */
export async function lockUnderPolicy<Read>(
  begun: Tx,
  request_id: string,
  reader: Reader<Read>,
): Promise<Locked<Read> | null> {
  // Sent together, in this order: whoever applies a policy locks requests behind it too, so nobody waits in a circle.
  const [, locked] = await inOrder(begun, [
    (tx) => policies.holdPolicies(tx),
    (tx) => lockRequestRecord(tx, request_id, reader),
  ]);
  return locked;
}
