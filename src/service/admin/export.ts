// Export: a span of the audit log as an archive that others can check. Who made which one stands in the log itself, before the
// first byte is given out.

import { archiveOf } from '../../audit/archive.ts';
import { type ExportInput, exportFiles } from '../../audit/export.ts';
import { EXPORT_PAGE } from '../../audit/export-page.ts';
import { recordEvent } from '../../audit/record.ts';
import { findSpan } from '../../audit/span.ts';
import { EVENT_KINDS } from '../../domain/audit/event-kinds.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { Principal } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';

/** An event gets its place within a second; after this long none can get an earlier one any more. */
const SETTLED_MS = 60_000;
/** Half of what passes between two checkpoints. */
const RETRY_SECONDS = 30;

export type ExportAuditDeps = ServiceDeps & {
  /** A file of the verifier. */
  readonly verifier: (name: 'verify-archive.mjs' | 'verify-tables.mjs') => Promise<Uint8Array>;
};

export type Exported = { readonly first_index: number; readonly end_index: number; readonly tree_size: number };

/** Gives the archive to `save`, and answers once that has all of it. Throws invalid_request, receipt_not_ready. */
export async function exportAudit(
  deps: ExportAuditDeps,
  input: Omit<ExportInput, 'types'> & {
    readonly tenant_id: string;
    readonly by: Principal;
    readonly types: readonly string[];
    readonly save: (archive: AsyncIterable<Uint8Array>) => Promise<void>;
  },
): Promise<Exported> {
  const { tenant_id, by: actor, save, ...filter } = input;
  const types = filter.types.map(requireType);
  const span_of = { from: filter.from, to: filter.to, types };
  await requireSettled({ ...deps, tenant_id }, filter);
  const span = await findSpan({ ...deps, tenant_id }, span_of);
  if (span === null) throw new PlacetError('receipt_not_ready', { retry_after_seconds: RETRY_SECONDS });
  const { start: first_index, end: end_index, size: tree_size } = span;
  const attached = [
    { name: 'VERIFY.md', content: new TextEncoder().encode(EXPORT_PAGE) },
    { name: 'verify-tables.mjs', content: await deps.verifier('verify-tables.mjs') },
    { name: 'verify.mjs', content: await deps.verifier('verify-archive.mjs') },
  ];
  await deps.transact(tenant_id, (tx) =>
    recordEvent(deps, tx, {
      type: 'audit_export.created',
      outcome: 'success',
      actor,
      facts: {
        from: filter.from?.toISOString() ?? null,
        to: filter.to?.toISOString() ?? null,
        types,
        first_index,
        end_index,
        tree_size,
      },
    }),
  );
  await save(archiveOf(exportFiles({ ...deps, tenant_id }, { input: span_of, span, attached })));
  return { first_index, end_index, tree_size };
}

function requireType(type: string) {
  if (Object.hasOwn(EVENT_KINDS, type)) return type as keyof typeof EVENT_KINDS;
  throw refused('types', 'names no type of events');
}

/** Until then events may still come into the span, and the same export would be another one. */
export async function requireSettled(
  { transact, tenant_id }: Pick<ServiceDeps, 'transact'> & { readonly tenant_id: string },
  { from, to }: Pick<ExportInput, 'from' | 'to'>,
): Promise<void> {
  if (from !== null && to !== null && from >= to) throw refused('to', 'must come after from');
  const now = await transact(tenant_id, async (tx) => tx.now);
  if (to !== null && to.getTime() > now.getTime() - SETTLED_MS)
    throw refused('to', 'must lie a minute back, or be left out');
}

function refused(path: string, message: string): PlacetError {
  return new PlacetError('invalid_request', { errors: [{ path: `/${path}`, message }] });
}
