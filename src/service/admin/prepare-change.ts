// What a change of policy comes to, before anybody judges it: it rests on the version that its author saw, differs from the
// newest, and is said in words. Writes nothing.

import { canonicalBytes } from '@placet/sdk/canonical';
import type { Tx } from '../../db/database.ts';
import type { PolicyVersion } from '../../db/policies.ts';
import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import { lint } from '../../domain/policy/lint.ts';
import { planOf } from '../../domain/policy/plan.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import type { JsonObject } from '../../domain/request/request.ts';
import { hexOf, type Written } from './write-version.ts';

/** On which version a change rests: a number, whatever is newest, or the newest unless another door made it. */
export type Base = number | 'any' | 'own';

export type PolicyText = {
  readonly document: PolicyDocument;
  /** As it is to be kept, comments and all. */
  readonly source: string;
};

export type Change = PolicyText & {
  readonly current: PolicyVersion | null;
  readonly digest: Uint8Array;
  readonly plan: readonly string[];
};

export type Prepared =
  | ({ readonly kind: 'unchanged' } & Written)
  | { readonly kind: 'change'; readonly change: Change };

type Sha256 = { readonly sha256: (bytes: Uint8Array) => Uint8Array };

/** Throws policy_invalid, and policy_changed with what came in between for another base. */
export async function prepareChange(
  { sha256 }: Sha256,
  tx: Tx,
  { document: input, source, base }: PolicyText & { readonly base: Base },
): Promise<Prepared> {
  const document = asStored(input);
  const problems = lint(document);
  if (problems.length > 0) throw new PlacetError('policy_invalid', { problems });
  const current = await policies.readNewest(tx);
  const digest = sha256(canonicalBytes(document as unknown as JsonObject));
  if (current !== null && Buffer.from(current.digest).equals(digest)) {
    return { kind: 'unchanged', id: current.id, number: current.number, digest: hexOf(digest) };
  }
  await requireBase(tx, current, base);
  const plan = planOf(current?.document ?? null, document);
  return { kind: 'change', change: { current, document, source, digest, plan } };
}

/** As it is stored: what is absent is not there. This is what is digested, compared and kept. */
function asStored(document: PolicyDocument): PolicyDocument {
  return JSON.parse(JSON.stringify(document)) as PolicyDocument;
}

/** Whoever changes what they have not seen is told what came in between. */
export async function requireBase(tx: Tx, current: PolicyVersion | null, base: Base): Promise<void> {
  const newest = current?.number ?? 0;
  if (base === 'any' || base === newest) return;
  if (base === 'own' && (current === null || current.via === 'cli')) return;
  const seen = base === 'own' ? await policies.readNewestWhole(tx, 'cli') : await policies.readVersion(tx, base);
  const changes = current === null ? [] : planOf(seen?.document ?? null, current.document);
  throw new PlacetError('policy_changed', { base: seen?.number ?? 0, newest, changes });
}
