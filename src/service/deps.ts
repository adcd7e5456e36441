// What nearly every use case needs: a transaction, and new ids. Types only.

import type { Transact } from '../db/database.ts';
import type { IdKind } from '../domain/ids.ts';

export type ServiceDeps = {
  readonly transact: Transact;
  readonly newId: (kind: IdKind) => string;
};
