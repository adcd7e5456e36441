// What nearly every use case needs: a transaction, and new ids. Types, and one shared wait.

import type { Transact } from '../db/database.ts';
import type { IdKind } from '../domain/ids.ts';

export type ServiceDeps = {
  readonly transact: Transact;
  readonly newId: (kind: IdKind) => string;
};

/** A claim and a use change some words of a card: they wait so long for what mostly follows, and are told with it. */
export const SMALL_NEWS_SECONDS = 1;
