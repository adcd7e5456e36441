// A report for auditors (SOC 2): populations of a span of the log, a sample of each by a seed, and what is not as it should be,
// first. Drawn from the leaves alone, so that the same span and seed make the same report.

import { createHash } from 'node:crypto';
import { decisionTable, dutyTable, leaseTable, type Rows } from './export-tables.ts';
import { type ExportDeps, type ExportSpan, leavesOf } from './span.ts';

/** Raised with each change of what a report holds. */
const FORMAT = 'placet/audit-report/v1';
/** What ends so long after its time was ended late: the worker looks every half minute. */
const LATE_SECONDS = 60;
/** Whoever has so many to look into does not need the next one; all of them are counted. */
const EXCEPTIONS_MAX = 200;

/** A member of a population, by the names of its attributes. */
type Item = Readonly<Record<string, string>>;

type Population = {
  readonly name: string;
  /** What its members are, and what each must be. */
  readonly says: string;
  /** Criteria of SOC 2 that it is evidence for. */
  readonly criteria: readonly string[];
  readonly count: number;
  readonly exceptions: { readonly count: number; readonly items: readonly (Item & { readonly why: string })[] };
  readonly sample: readonly Item[];
};

export type AuditReport = {
  readonly format: string;
  readonly log: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly tree_size: number;
  readonly first_index: number;
  readonly end_index: number;
  readonly seed: string;
  readonly populations: readonly Population[];
};

type Asking = {
  readonly name: string;
  readonly says: string;
  readonly criteria: readonly string[];
  readonly rows: (deps: ExportDeps, span: ExportSpan) => Rows;
  readonly isOf?: (item: Item) => boolean;
  /** Why a member is not as it should be; null for one that is. */
  readonly whyNot: (item: Item) => string | null;
};

const POPULATIONS: readonly Asking[] = [
  {
    name: 'approvals',
    says: 'Each approval, by people other than those behind the request.',
    criteria: ['CC6.1', 'CC6.3', 'CC8.1'],
    rows: dutyTable,
    isOf: ({ state }) => state === 'approved',
    whyNot: ({ is_separated, effect, approved_by }) => {
      if (is_separated === 'unknown') return 'it is not on record who stood behind the request';
      if (is_separated !== 'yes') return 'somebody behind the request decided on it';
      return effect === 'require' && approved_by === '' ? 'nobody approved it' : null;
    },
  },
  {
    name: 'decisions',
    says: 'Each decision, by a member of a group that was asked, or by whoever stood in for one.',
    criteria: ['CC6.3', 'CC8.1'],
    rows: decisionTable,
    whyNot: ({ counted_in, stands_in_for, decision, has_reason }) => {
      if (counted_in === '' && stands_in_for === '') return 'it is not on record in which group it counted';
      return decision === 'deny' && has_reason !== 'yes' ? 'a denial without a reason' : null;
    },
  },
  {
    name: 'credentials',
    says: 'Each credential, issued after its approval, and ended in time.',
    criteria: ['CC6.1', 'CC6.2', 'CC6.6'],
    rows: leaseTable,
    whyNot: ({ is_approved_before, lag_seconds, state }) => {
      if (is_approved_before !== 'yes') return 'it was issued before it was approved';
      if (state === 'overdue') return 'it has no end, though its time is over';
      return Number(lag_seconds) > LATE_SECONDS ? 'its end was late' : null;
    },
  },
  {
    name: 'policy changes',
    says: 'Each version of the policy that was applied; one that widens, by two people.',
    criteria: ['CC8.1'],
    rows: (deps, span) => eventTable(deps, span, ['policy.applied', 'policy.forced']),
    whyNot: ({ type }) => (type === 'policy.forced' ? 'it widened the policy without a second person' : null),
  },
  {
    name: 'refusals',
    says: 'Each attempt that was refused: a decision, a claim, a use, a start, a credential, an admin token.',
    criteria: ['CC7.2', 'CC7.3'],
    rows: (deps, span) =>
      eventTable(deps, span, [
        ...['decision.refused', 'grant.claim_refused', 'lease.use_refused', 'execution.start_refused'],
        ...['credential.refused', 'admin_token.refused'],
      ]),
    whyNot: () => null,
  },
];

export type ReportInput = {
  readonly from: Date | null;
  readonly to: Date | null;
  readonly seed: string;
  readonly sample_size: number;
};

/** Makes the report of a span. */
export async function makeReport(deps: ExportDeps, span: ExportSpan, input: ReportInput): Promise<AuditReport> {
  const populations: Population[] = [];
  for (const asking of POPULATIONS) populations.push(await populationOf(deps, span, { asking, input }));
  const { start: first_index, end: end_index, size: tree_size, key } = span;
  const [log = ''] = key.split('+');
  const [from, to] = [input.from?.toISOString() ?? null, input.to?.toISOString() ?? null];
  return { format: FORMAT, log, from, to, tree_size, first_index, end_index, seed: input.seed, populations };
}

async function populationOf(
  deps: ExportDeps,
  span: ExportSpan,
  { asking, input }: { readonly asking: Asking; readonly input: ReportInput },
): Promise<Population> {
  const { name, says, criteria, rows, isOf = () => true, whyNot } = asking;
  const exceptions: (Item & { readonly why: string })[] = [];
  let drawn: { readonly lot: string; readonly item: Item }[] = [];
  let [count, wrong] = [0, 0];
  for await (const item of itemsOf(rows(deps, span))) {
    if (!isOf(item)) continue;
    count += 1;
    const why = whyNot(item);
    if (why !== null) wrong += 1;
    if (why !== null && exceptions.length < EXCEPTIONS_MAX) exceptions.push({ why, ...item });
    // Those with the smallest lots are the sample: nobody can tell which without the seed, and everybody can with it.
    const lot = createHash('sha256').update(`${input.seed}\n${name}\n${item['index']}`).digest('hex');
    drawn = [...drawn, { lot, item }].sort((a, b) => (a.lot < b.lot ? -1 : 1)).slice(0, input.sample_size);
  }
  const sample = drawn.map(({ item }) => item).sort((a, b) => Number(a['index']) - Number(b['index']));
  return { name, says, criteria, count, exceptions: { count: wrong, items: exceptions }, sample };
}

async function* itemsOf(rows: Rows): AsyncGenerator<Item> {
  let columns: readonly string[] | null = null;
  for await (const page of rows)
    for (const cells of page) {
      const texts = cells.map((cell) => String(cell ?? ''));
      if (columns === null) columns = texts;
      else yield Object.fromEntries(columns.map((column, at) => [column, texts[at] ?? '']));
    }
}

/** Events of some types, as a table. */
async function* eventTable(deps: ExportDeps, span: ExportSpan, types: readonly string[]): Rows {
  yield [['index', 'at', 'type', 'actor_kind', 'actor_id', 'request_id', 'facts']];
  for await (const page of leavesOf(deps, span))
    yield page
      .filter(({ type }) => types.includes(type))
      .map(({ index, leaf, type }) => {
        const { occurred_at, actor, request_id, facts } = JSON.parse(leaf.toString('utf8'));
        return [index, occurred_at, type, actor.kind, actor.id, request_id, JSON.stringify(facts)];
      });
}
