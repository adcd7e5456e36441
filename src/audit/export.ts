// An export of the log: the leaves of one span of time, to the byte, with what proves that none of that span is missing. As
// files, each made while it is read, so that a month takes no more memory than a page. The same span makes the same bytes.

import { createHash } from 'node:crypto';
import type { EventType } from '../domain/audit/event.ts';
import { CSV_HEADER, csvLine } from './csv.ts';
import { csvOf, decisionTable, dutyTable, leaseTable, policyLines } from './export-tables.ts';
import { readerOf } from './sequence.ts';
import { type ExportDeps, type ExportSpan, leavesOf } from './span.ts';
import { proveRange } from './tree.ts';

/** Raised with each change of what an archive holds, or how. */
const FORMAT = 'placet/audit-export/v1';

/** What is exported: from and to are moments of the log, to the other one or to its end as of the last checkpoint where null. */
export type ExportInput = {
  readonly from: Date | null;
  readonly to: Date | null;
  /** Which events are shown; of the others their hashes are. All where empty. */
  readonly types: readonly EventType[];
};

/** A file of the export; its content is made when it is read. */
export type ExportFile = { readonly name: string; readonly read: () => AsyncIterable<Uint8Array> };

/** A file that is the same in every export. */
type FixedFile = { readonly name: string; readonly content: Uint8Array };

/** The files of the export, in their order. Each is to be read before the next: the last says what the others were. */
export function exportFiles(
  deps: ExportDeps,
  {
    input,
    span,
    attached,
  }: { readonly input: ExportInput; readonly span: ExportSpan; readonly attached: readonly FixedFile[] },
): readonly ExportFile[] {
  const sums: Record<string, { readonly sha256: string; readonly bytes: number }> = {};
  const counts = { shown: 0, left_out: 0, by_type: {} as Record<string, number> };
  const isShown = (type: string) => input.types.length === 0 || (input.types as readonly string[]).includes(type);
  const files: ExportFile[] = [
    { name: 'events.ndjson', read: () => readEvents(deps, { span, isShown, counts }) },
    { name: 'events.csv', read: () => readCsv(deps, span, isShown) },
    { name: 'decisions.csv', read: () => csvOf(decisionTable(deps, span, isShown)) },
    { name: 'separation-of-duties.csv', read: () => csvOf(dutyTable(deps, span, isShown)) },
    { name: 'leases.csv', read: () => csvOf(leaseTable(deps, span, isShown)) },
    { name: 'policies.ndjson', read: () => policyLines(deps, span) },
    { name: 'left-out.txt', read: () => readLeftOut(deps, span, isShown) },
    { name: 'proof.txt', read: () => readProof(deps, span) },
    { name: 'checkpoint.txt', read: () => once(span.note) },
    { name: 'log.key', read: () => once(`${span.key}\n`) },
    ...attached.map(({ name, content }) => ({ name, read: () => once(content) })),
  ];
  const summed = files.map(({ name, read }) => ({ name, read: () => summing(read(), (sum) => (sums[name] = sum)) }));
  const manifest = () => once(`${JSON.stringify(manifestOf({ input, span }, { counts, sums }), null, 2)}\n`);
  return [...summed, { name: 'manifest.json', read: manifest }];
}

type Counts = { shown: number; left_out: number; readonly by_type: Record<string, number> };
type Sums = Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;

function manifestOf(
  { input, span }: { readonly input: ExportInput; readonly span: ExportSpan },
  { counts, sums }: { readonly counts: Counts; readonly sums: Sums },
) {
  const { start, end, size, key } = span;
  const [origin] = key.split('+');
  const types = [...input.types].sort();
  const filter = types.length === 0 ? 'no filter' : `the filter ${types.join(', ')}`;
  return {
    format: FORMAT,
    log: origin,
    from: input.from?.toISOString() ?? null,
    to: input.to?.toISOString() ?? null,
    types,
    tree_size: size,
    first_index: start,
    end_index: end,
    events: { shown: counts.shown, left_out: counts.left_out, by_type: sorted(counts.by_type) },
    statement:
      `The places ${start} to ${end} (not included) of the log are all here, without a gap: ` +
      `${counts.shown} with their events, ${counts.left_out} left out by ${filter}, of which the hashes are here.`,
    files: sums,
  };
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1)));
}

type Shown = { readonly span: ExportSpan; readonly isShown: (type: string) => boolean };

async function* readEvents(deps: ExportDeps, { span, isShown, counts }: Shown & { readonly counts: Counts }) {
  for await (const page of leavesOf(deps, span)) {
    const shown = page.filter(({ type }) => isShown(type));
    counts.shown += shown.length;
    counts.left_out += page.length - shown.length;
    for (const { type } of shown) counts.by_type[type] = (counts.by_type[type] ?? 0) + 1;
    yield Buffer.concat(shown.flatMap(({ leaf }) => [leaf, Buffer.from('\n')]));
  }
}

async function* readCsv(deps: ExportDeps, span: ExportSpan, isShown: Shown['isShown']) {
  yield Buffer.from(CSV_HEADER);
  for await (const page of leavesOf(deps, span))
    yield Buffer.from(page.flatMap(({ type, index, leaf }) => (isShown(type) ? [csvLine(index, leaf)] : [])).join(''));
}

async function* readLeftOut(deps: ExportDeps, span: ExportSpan, isShown: Shown['isShown']) {
  for await (const page of leavesOf(deps, span)) {
    const lines = page.flatMap(({ type, index, hash }) =>
      isShown(type) ? [] : [`${index} ${hash.toString('base64')}\n`],
    );
    yield Buffer.from(lines.join(''));
  }
}

async function* readProof({ transact, tenant_id }: ExportDeps, { start, end, size }: ExportSpan) {
  const proof = await transact(tenant_id, (tx) => proveRange(readerOf(tx), { start, end }, size));
  yield Buffer.from(proof.map((hash) => `${hash.toString('base64')}\n`).join(''));
}

async function* once(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof content === 'string' ? Buffer.from(content) : content;
}

async function* summing(
  chunks: AsyncIterable<Uint8Array>,
  tell: (sum: { readonly sha256: string; readonly bytes: number }) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
    yield chunk;
  }
  tell({ sha256: hash.digest('hex'), bytes });
}
