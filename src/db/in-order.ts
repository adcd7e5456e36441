// Sends statements together: they run in their order and cost one round trip. Knows no statement.

import { PlacetError } from '../domain/errors.ts';
import type { Tx } from './database.ts';

type Sender = Pick<Tx, 'query'>;
type Send<X extends Sender> = ((tx: X) => unknown) | null;
type Answer<F> = F extends (tx: never) => infer A ? Awaited<A> : null;
type Answers<S> = { -readonly [K in keyof S]: Answer<S[K]> };

/**
 * Sends these statements before any of them is awaited, and answers once all have ended, also when one failed: then it
 * throws the first error in their order. Only the last may send more after that: what another one sent late would run
 * behind those that stand after it. A null sends nothing.
 */
export async function inOrder<X extends Sender, const S extends readonly Send<X>[]>(
  tx: X,
  statements: S,
): Promise<Answers<S>> {
  let isAwaited = false;
  const query: Tx['query'] = (text, values) => (isAwaited ? Promise.reject(outOfOrder()) : tx.query(text, values));
  const last = statements.length - 1;
  const sent = statements.map(async (send, at) => (send === null ? null : send(at === last ? tx : { ...tx, query })));
  isAwaited = true;
  const ended = await Promise.allSettled(sent);
  // Who was given a transaction by one of them, such as the lock's, goes on with it.
  isAwaited = false;
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return ended.map((each) => (each.status === 'fulfilled' ? each.value : null)) as Answers<S>;
}

function outOfOrder(): PlacetError {
  return new PlacetError('internal', {}, new Error('a statement that is not the last of its order sent another'));
}
