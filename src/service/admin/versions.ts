// The policy's versions, as they were applied: one with its text, or who made which. And what is wrong with a text. Changes
// nothing.

import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import { type PlacedProblem, parsePolicyFile } from '../../policy/read.ts';
import type { ServiceDeps } from '../deps.ts';
import { hexOf } from './write-version.ts';

type ReadDeps = Pick<ServiceDeps, 'transact'>;

export type PolicyVersionEntry = Omit<policies.VersionEntry, 'digest'> & { readonly digest: string };
export type PolicyVersionView = Omit<policies.WholeVersion, 'digest'> & { readonly digest: string };

/** One version with the text that was applied, byte by byte; null for the newest. Throws not_found. */
export function readPolicy(
  deps: ReadDeps,
  { tenant_id, number }: { readonly tenant_id: string; readonly number: number | null },
): Promise<PolicyVersionView> {
  return deps.transact(tenant_id, async (tx) => {
    const version = await (number === null ? policies.readNewestWhole(tx) : policies.readVersion(tx, number));
    if (version === null) throw new PlacetError('not_found', { version: number ?? 'newest' });
    return { ...version, digest: hexOf(version.digest) };
  });
}

export type VersionPage = {
  readonly items: readonly PolicyVersionEntry[];
  /** The number below which the next page begins. */
  readonly next_before: number | null;
};

/** Versions without their documents, newest first. */
export function listPolicyVersions(
  deps: ReadDeps,
  { tenant_id, before, limit }: { readonly tenant_id: string; readonly before: number | null; readonly limit: number },
): Promise<VersionPage> {
  return deps.transact(tenant_id, async (tx) => {
    const found = await policies.listVersions(tx, { before, limit: limit + 1 });
    const items = found.slice(0, limit).map((version) => ({ ...version, digest: hexOf(version.digest) }));
    return { items, next_before: found.length > limit ? (items.at(-1)?.number ?? null) : null };
  });
}

/** Everything that is wrong with a text, and what should be looked at. */
export async function lintPolicy(
  _deps: unknown,
  { source }: { readonly source: string },
): Promise<{ readonly problems: readonly PlacedProblem[]; readonly warnings: readonly PlacedProblem[] }> {
  const read = parsePolicyFile(new TextEncoder().encode(source));
  return read.kind === 'problems'
    ? { problems: read.problems, warnings: [] }
    : { problems: [], warnings: read.warnings };
}
