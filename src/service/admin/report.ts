// The report for auditors, of a span of the audit log. Changes nothing.

import { type AuditReport, makeReport, type ReportInput } from '../../audit/report.ts';
import { type ExportDeps, findSpan } from '../../audit/span.ts';
import { PlacetError } from '../../domain/errors.ts';
import { requireSettled } from './export.ts';

/** Half of what passes between two checkpoints. */
const RETRY_SECONDS = 30;

/** Populations, samples by the seed, and exceptions. Throws invalid_request, receipt_not_ready. */
export async function reportAudit(
  { transact }: Pick<ExportDeps, 'transact'>,
  { tenant_id, ...input }: ReportInput & { readonly tenant_id: string },
): Promise<AuditReport> {
  const deps = { transact, tenant_id };
  await requireSettled(deps, input);
  const span = await findSpan(deps, input);
  if (span === null) throw new PlacetError('receipt_not_ready', { retry_after_seconds: RETRY_SECONDS });
  return makeReport(deps, span, input);
}
