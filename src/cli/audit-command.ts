// `placet audit`: what happened, whether the record says it, and an export of it for others.

import { type Command, InvalidArgumentError } from 'commander';
import type { RecordedEvent } from '../domain/audit/event.ts';
import { EXIT, ExitSignal, integer, limitOption, makeCommand, makeGroup } from './command.ts';
import type { Io } from './io.ts';
import { eventJson } from './json.ts';
import type { AnswerOf, Operations } from './operations.ts';
import { printJson, printTable, safe, time } from './print.ts';
import { reportPage } from './report-page.ts';

const ITEMS_DEFAULT = 20;
const ITEMS_MAX = 200;
/** Auditors take 25 of a population that is used many times a day. */
const SAMPLE_DEFAULT = 25;
const SAMPLE_MAX = 500;

type Json = { readonly json: boolean };
type Limit = { readonly limit: number };

/** `placet audit list|verify|export|report`. */
export function auditCommand(operations: Operations, io: Io): Command {
  const list = makeCommand('list', 'list audit events, newest first')
    .option('--request <id>', 'only those of one approval request')
    .option('--type <type>', 'only those of one type, such as decision.refused')
    .addOption(limitOption(ITEMS_DEFAULT, ITEMS_MAX))
    .action(async (options: Json & Limit & { request?: string; type?: string }) => {
      const filter = { request_id: options.request ?? null, type: options.type ?? null, limit: options.limit };
      const items = await operations.listAuditEvents(filter);
      if (options.json) return printJson(io, { items: items.map(eventJson) });
      const headings = ['TIME', 'TYPE', 'OUTCOME', 'ACTOR', 'REQUEST', 'FACTS'];
      printTable(io, headings, items.map(eventRow), 'No audit events.');
    });
  const verify = makeCommand('verify', 'check that the log is whole and the record says what it says').action(
    async ({ json }: Json) => {
      const verified = await operations.verifyAudit();
      if (json) printJson(io, verified);
      else printVerified(io, verified);
      if (verified.findings.length > 0) throw new ExitSignal(EXIT.failure);
    },
  );
  return makeGroup('audit', 'what happened')
    .addCommand(list)
    .addCommand(verify)
    .addCommand(exportOf(operations, io))
    .addCommand(reportOf(operations, io));
}

type Exporting = Json & { readonly from?: Date; readonly to?: Date; readonly type: string[]; readonly out: string };

function exportOf(operations: Operations, io: Io): Command {
  return makeCommand('export', 'write a span of the log into an archive that others can check')
    .option('--from <time>', 'from this moment on, such as 2026-01-01 or 2026-01-01T08:00:00Z', moment)
    .option('--to <time>', 'up to this moment; to the last checkpoint when left out', moment)
    .option('--type <types...>', 'show only events of these types; of the others their hashes', [])
    .requiredOption('--out <file>', 'the new file, a ZIP')
    .action(async ({ json, from, to, type: types, out }: Exporting) => {
      const save = (archive: AsyncIterable<Uint8Array>) => io.saveFile(out, archive);
      const exported = await operations.exportAudit({
        from: from ?? null,
        to: to ?? null,
        types,
        save,
        by: io.operator,
      });
      if (json) return printJson(io, { file: out, ...exported });
      const { first_index, end_index, tree_size } = exported;
      const summary = `Wrote ${out}: the places ${first_index} to ${end_index} (not included) of the log of ${tree_size} events.`;
      io.out(`${safe(summary)}\nUnpack it and read VERIFY.md for how others check it.\n`);
    });
}

type Reporting = Json & {
  readonly from?: Date;
  readonly to?: Date;
  readonly seed: string;
  readonly sample: number;
  readonly out?: string;
};

function reportOf(operations: Operations, io: Io): Command {
  return makeCommand('report', 'populations, samples and exceptions of a span of the log, for auditors (SOC 2)')
    .option('--from <time>', 'from this moment on, such as 2026-01-01 or 2026-01-01T08:00:00Z', moment)
    .option('--to <time>', 'up to this moment; to the last checkpoint when left out', moment)
    .requiredOption('--seed <text>', 'what the samples are drawn by: any text that the auditor chooses')
    .option('--sample <number>', 'how many of each population', integer(1, SAMPLE_MAX), SAMPLE_DEFAULT)
    .option('--out <file>', 'a new file for the report as a page of HTML')
    .action(async ({ json, from, to, seed, sample: sample_size, out }: Reporting) => {
      const report = await operations.reportAudit({ from: from ?? null, to: to ?? null, seed, sample_size });
      if (out !== undefined) await io.saveFile(out, pageOf(reportPage(report)));
      if (json) return printJson(io, report);
      const rows = report.populations.map(({ name, count, exceptions, criteria }) => [
        ...[name, String(count), String(exceptions.count), criteria.join(' ')],
      ]);
      printTable(io, ['POPULATION', 'COUNT', 'EXCEPTIONS', 'CRITERIA'], rows, 'No populations.');
    });
}

async function* pageOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** A day, which begins in UTC, or a moment of RFC 3339. */
function moment(text: string): Date {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = new Date(text);
  if ((isDay || isMoment) && !Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError('Write a day such as 2026-01-31, or a moment such as 2026-01-31T08:00:00Z.');
}

function printVerified(io: Io, { logged, requests, findings }: AnswerOf<'verifyAudit'>): void {
  const rows = findings.map(({ event_id, request_id, why }) => [event_id ?? '-', request_id ?? '-', why]);
  const whole = `${logged} events stand in the log as they were written; ${requests} requests and their events say the same.`;
  printTable(io, ['EVENT', 'REQUEST', 'WHAT IS WRONG'], rows, whole);
}

function eventRow(event: RecordedEvent): string[] {
  const actor = `${event.actor_kind} ${event.actor_id}`;
  const facts = Object.keys(event.facts).length === 0 ? '' : JSON.stringify(event.facts);
  return [time(event.occurred_at), event.type, event.outcome, actor, event.request_id ?? '-', facts];
}
