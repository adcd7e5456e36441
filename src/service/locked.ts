// How every use case takes a request that it may change: locked first, then read whole, at the moment of the lock.

import type { Tx } from '../db/database.ts';
import type { Dossier } from '../domain/dossier.ts';
import { isId } from '../domain/ids.ts';
import type { Records } from './records.ts';

/** The locked request; everything after goes through this `tx`, whose time is that of the lock. */
export type Locked = { readonly tx: Tx; readonly dossier: Dossier };

/** Locks and reads one request of this tenant, or null. Others that want to change it wait until the transaction ends. */
export async function lockDossier(
  { store }: Pick<Records, 'store'>,
  begun: Tx,
  request_id: string,
): Promise<Locked | null> {
  const tx = isId('request', request_id) ? await store.requests.lockRequest(begun, request_id) : null;
  const dossier = tx === null ? null : await store.dossiers.readDossier(tx, request_id);
  return tx === null || dossier === null ? null : { tx, dossier };
}
