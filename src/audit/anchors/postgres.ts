// The anchor that is a second PostgreSQL, best one that others own.

import { confirmAnchored, insertAnchored, readAnchored } from '../../db/anchor.ts';
import type { Anchor } from '../anchor.ts';

/** The anchor at this address. */
export function openPostgresAnchor(url: string): Anchor {
  return {
    name: `postgres ${new URL(url).host}`,
    read: (origin) => readAnchored(url, origin, 1),
    confirm: (origin) => confirmAnchored(url, origin),
    write: ({ origin, note, after: follows }) => insertAnchored(url, { origin, note, follows }),
  };
}
