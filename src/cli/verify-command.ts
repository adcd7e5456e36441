// `placet verify`: whether receipts are genuine, and what they say together. Asks nobody: no database, no network, no settings.

import { LogError, RECEIPT_PROVES, type VerifiedRequest, verifyReceipt, verifyReceipts } from '@placet/sdk/log';
import type { Command } from 'commander';
import { EXIT, ExitSignal, makeCommand } from './command.ts';
import type { Io } from './io.ts';
import { unreadable } from './policy-file.ts';
import { indented, printFields, printJson, safe } from './print.ts';

type Options = { readonly json: boolean; readonly key: string };
/** A receipt, and what it is called: its file, and its place there where the file holds several. */
type Named = { readonly name: string; readonly receipt: string };

/** `placet verify FILE…`. */
export function verifyCommand(io: Io): Command {
  return makeCommand('verify', 'check receipts of one request, offline, and tell what they prove')
    .argument('<files...>', 'receipts (.tlog-proof), or what the API answered at /receipts')
    .requiredOption('--key <key>', 'the public key of the log, as name+id+key, or a file that holds it')
    .action(async (files: readonly string[], { json, key: named }: Options) => {
      const key = named.includes('+') ? named : (await readText(io, named)).trim();
      const receipts: Named[] = [];
      for (const file of files) receipts.push(...receiptsOf(file, await readText(io, file)));
      for (const { name, receipt } of receipts) attempt(io, { name, json }, () => verifyReceipt(receipt, { key }));
      const texts = receipts.map(({ receipt }) => receipt);
      const verified = attempt(io, { name: files.join(', '), json }, () => verifyReceipts(texts, { key }));
      if (json) printJson(io, { receipts: receipts.length, ...verified, proves: RECEIPT_PROVES });
      else printVerified(io, verified, receipts.length);
    });
}

async function readText(io: Io, file: string): Promise<string> {
  const bytes = await io.readFile(file).catch((error: unknown) => {
    throw unreadable(file, error, 'a receipt, or of the key');
  });
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** One receipt, or those of an answer of the API. */
function receiptsOf(file: string, text: string): Named[] {
  if (!text.startsWith('{')) return [{ name: file, receipt: text }];
  const items = itemsOf(text);
  return items.map((item, at) => ({ name: `${file} item ${at + 1}`, receipt: receiptOf(item) }));
}

function itemsOf(text: string): readonly unknown[] {
  try {
    const { items } = JSON.parse(text) as { readonly items?: unknown };
    return Array.isArray(items) && items.length > 0 ? items : [''];
  } catch {
    return [''];
  }
}

/** What is none is refused as a receipt, by its name. */
function receiptOf(item: unknown): string {
  const { receipt } = (item ?? {}) as { readonly receipt?: unknown };
  return typeof receipt === 'string' ? receipt : '';
}

/** Runs a check; what it refuses is said by the name of the file, and ends the command. */
function attempt<T>(io: Io, { name, json }: { readonly name: string; readonly json: boolean }, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    const { code, message, about } = error;
    if (json) printJson(io, { error: { code, title: message, file: name, ...(about === undefined ? {} : { about }) } });
    else io.err(`${safe(name)}: ${safe(message)} (${code})\n`);
    throw new ExitSignal(EXIT.failure);
  }
}

function printVerified(io: Io, verified: VerifiedRequest, count: number): void {
  const { request_id, digest, submission, decisions, outcome, issued, executions, results, uses_max, size } = verified;
  const { lease_ends, revocation } = verified;
  const of = uses_max === null ? '' : ` of ${uses_max}`;
  const lines: (readonly [name: string, value: string])[] = [
    ['Request', request_id],
    ['Digest', digest ?? '(not shown)'],
  ];
  if (submission !== null) {
    lines.push([
      'Asked',
      `${submission.at} by ${submission.agent_id}: ${submission.action} in ${submission.environment}`,
    ]);
    lines.push(['Content', submission.content === null ? '(not shown)' : JSON.stringify(submission.content)]);
    if (submission.justification !== null) lines.push(['Justification', String(submission.justification)]);
  }
  for (const { at, person_id, decision, reason } of decisions)
    lines.push(['Decided', `${at} ${person_id}: ${decision}${reason === null ? '' : `, ${String(reason)}`}`]);
  if (outcome !== null) lines.push(['Ended', `${outcome.at} ${outcome.state}`]);
  for (const { at, lease_id, audience, scopes, use } of issued)
    lines.push(['Issued', `${at} ${lease_id} for ${audience} (${scopes}), use ${use}${of}`]);
  for (const { at, use, lease_id } of executions)
    lines.push(['Ran', `${at} use ${use}${of}${lease_id === null ? ', without a credential' : ` under ${lease_id}`}`]);
  for (const { at, lease_id, state } of lease_ends)
    if (state !== 'used') lines.push(['Lease ended', `${at} ${lease_id}: ${state}`]);
  if (revocation !== null)
    lines.push(['Revoked', `${revocation.at} by ${revocation.by_id ?? `a ${revocation.by_kind} (not shown)`}`]);
  for (const { at, use, status } of results) lines.push(['Result', `${at} use ${use}: ${status}`]);
  const summary = `${count} ${count === 1 ? 'receipt is' : 'receipts are'} genuine: their events stand among the first ${size}.`;
  io.out(`${indented(summary, '')}\n`);
  printFields(io, lines);
  io.out(`${RECEIPT_PROVES}\n`);
}
