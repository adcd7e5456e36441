// What one who owns the database can do to a log. Expects nothing itself.

import { sign } from 'node:crypto';
import { canonicalBytes } from '@placet/sdk/canonical';
import { formatCheckpoint, formatNote, hashLeaf, logKey } from '@placet/sdk/log';
import { sequenceAll } from '../../src/audit/sequence.ts';
import { completedNodes, hashComplete, rootOf, type Span, TILE_WIDTH } from '../../src/audit/tree.ts';
import { TENANT } from '../support/database.ts';
import { type Keys, type LogCopy, ORIGIN } from './world.ts';

export const sequence = ({ database }: LogCopy) => sequenceAll({ transact: database.transact, tenant_id: TENANT });
export const CREATED = "type = 'approval_request.created'";

/** Rewrites the whole log over its events, as one who knows how: leaves, hashes above them, size. */
export async function rehash(copy: LogCopy): Promise<{ readonly size: number; readonly root: Buffer }> {
  const rows = await copy.asOwner('select leaf from placet.log_leaves order by index');
  const hashes = rows.map(({ leaf }) => hashLeaf(leaf as Buffer));
  await copy.asOwner(
    'update placet.log_leaves l set hash = n.hash from unnest($1::bytea[]) with ordinality as n (hash, place) where l.index = n.place - 1',
    [hashes],
  );
  const nodes = new Map<string, Buffer>();
  const read = ({ level, start, count }: Span) =>
    Array.from(
      { length: count },
      (_, at) => (level === 0 ? hashes[start + at] : nodes.get(`${level}/${start + at}`)) as Buffer,
    );
  for (const { level, start } of completedNodes(0, hashes.length)) {
    const hash = hashComplete(read({ level: level - 1, start: start * TILE_WIDTH, count: TILE_WIDTH }));
    nodes.set(`${level}/${start}`, hash);
    await copy.asOwner('update placet.log_nodes set hash = $3 where level = $1 and index = $2', [level, start, hash]);
  }
  return { size: hashes.length, root: await rootOf(async (spans) => spans.map(read), hashes.length) };
}

/** Alters what a request was asked for, in the leaf and the row alike. */
export async function alterEvent(copy: LogCopy): Promise<void> {
  const [event] = await copy.asOwner(
    `select l.index, l.leaf, e.request_id from placet.log_leaves l
      join placet.audit_events e on e.position = l.position where e.${CREATED}`,
  );
  const leaf = JSON.parse(String(event?.['leaf']));
  leaf.facts.environment = 'staging';
  const bytes = Buffer.from(canonicalBytes(leaf));
  await copy.asOwner('update placet.log_leaves set leaf = $2 where index = $1', [event?.['index'], bytes]);
  await copy.asOwner("update placet.approval_requests set environment = 'staging' where id = $1", [
    event?.['request_id'],
  ]);
}

/** Signs a checkpoint past the signer, as a thief of the key does. */
export async function forgeCheckpoint(
  copy: LogCopy,
  keys: Keys,
  { size, root }: { readonly size: number; readonly root: Buffer },
): Promise<string> {
  const text = formatCheckpoint({ origin: ORIGIN, size, root });
  const note = formatNote(text, logKey(ORIGIN, keys.public_key), sign(null, Buffer.from(text), keys.privateKey));
  await copy.asOwner('update placet.log_checkpoints set size = $1, root = $2, note = $3', [size, root, note]);
  return note;
}
