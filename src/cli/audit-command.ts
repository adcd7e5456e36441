// `placet audit`: what happened, and whether the record says it. Changes nothing.

import type { Command } from 'commander';
import type { RecordedEvent } from '../domain/audit/event.ts';
import { EXIT, ExitSignal, limitOption, makeCommand, makeGroup } from './command.ts';
import type { Io } from './io.ts';
import { eventJson } from './json.ts';
import type { AnswerOf, Operations } from './operations.ts';
import { printJson, printTable, time } from './print.ts';

const ITEMS_DEFAULT = 20;
const ITEMS_MAX = 200;

type Json = { readonly json: boolean };
type Limit = { readonly limit: number };

/** `placet audit list|verify`. */
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
  return makeGroup('audit', 'what happened').addCommand(list).addCommand(verify);
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
