// `placet policy explain|replay`: what the policy says of an ask, and what a draft would have said of what was asked.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { JsonObject } from '../domain/request/request.ts';
import { duration, makeCommand, named } from './command.ts';
import type { Io } from './io.ts';
import type { AnswerOf, Operations } from './operations.ts';
import { emailAddress } from './owner-command.ts';
import { readPolicy } from './policy-file.ts';
import { printFields, printJson, printTable, safe, time } from './print.ts';

const DAY_SECONDS = 86_400;
const SINCE_DAYS_MAX = 366;

type Json = { readonly json: boolean };
type Ask = Json & {
  readonly agent?: string;
  readonly environment?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly parameters: JsonObject;
  readonly onBehalfOf?: string;
};

/** The two commands. */
export function trialCommands(operations: Operations, io: Io): Command[] {
  return [explainCommand(operations, io), replayCommand(operations, io)];
}

function explainCommand(operations: Operations, io: Io): Command {
  return makeCommand('explain', 'say which rule judges an ask and why not the others, and who would be asked')
    .argument('[request]', 'an approval request that was made (apr_…), instead of the options')
    .option('--agent <name>', 'who asks', named('agent'))
    .option('--environment <name>', 'the agent’s own unless given', named('environment'))
    .option('--action <name>', 'what is asked for', named('action'))
    .option('--resource <name>', 'on what', named('resource'))
    .addOption(
      new Option('--parameters <json>', 'as the agent would send them').default({}, '{}').argParser(jsonObject),
    )
    .option('--on-behalf-of <email>', 'whom the agent works for', emailAddress)
    .action(async (request: string | undefined, options: Ask, command: Command) => {
      const explained = await operations.explainPolicy({ of: inputOf(request, options, command) });
      if (options.json) return printJson(io, explained);
      printExplained(io, explained);
    });
}

function inputOf(request: string | undefined, options: Ask, command: Command) {
  if (request !== undefined) return { request_id: request };
  const { agent, action, resource, environment = null, parameters, onBehalfOf: on_behalf_of = null } = options;
  if (agent === undefined || action === undefined || resource === undefined) {
    return command.error('error: name a request, or --agent, --action and --resource');
  }
  return { ask: { agent, environment, action, resource, parameters, on_behalf_of } };
}

function printExplained(io: Io, explained: AnswerOf<'explainPolicy'>): void {
  const { policy_version, effect, rule, rules, stages } = explained;
  printFields(io, [
    ['policy', policy_version === null ? 'none yet' : `version ${policy_version}`],
    ['effect', effect],
    ['rule', rule],
  ]);
  io.out('\n');
  printTable(
    io,
    ['RULE', 'EFFECT', 'WHY'],
    rules.map((each) => [each.name, each.effect, each.why]),
    'No rules.',
  );
  for (const { quorum, each, escalate, groups, eligible, is_reachable } of stages) {
    const reach = is_reachable === null ? 'as Slack says at the click' : is_reachable ? 'enough' : 'too few';
    const whom = each ? `${quorum}, one of each group` : String(quorum);
    io.out(`\nNeeds ${whom}; ${eligible} of those listed may count now: ${reach}.\n`);
    if (escalate !== null) io.out(`Asks ${escalate.to.join(', ')} too after ${escalate.after_seconds} s.\n`);
    const members = groups.flatMap((group) =>
      group.members.map((member) => [group.name, member.email, standing(member)]),
    );
    printTable(io, ['GROUP', 'MEMBER', 'COUNTS'], members, 'Nobody is listed.');
  }
}

type Member = AnswerOf<'explainPolicy'>['stages'][number]['groups'][number]['members'][number];

function standing({ is_active, excluded }: Member): string {
  if (excluded === 'owner') return 'no: owns the agent';
  if (excluded === 'key_maker') return 'no: made a key of the agent';
  if (excluded === 'on_behalf_of') return 'no: the agent works for them';
  return is_active ? 'yes' : 'no: deactivated';
}

function replayCommand(operations: Operations, io: Io): Command {
  return makeCommand('replay', 'let a draft judge what was asked before, and say which verdicts change')
    .argument('<file>')
    .addOption(
      new Option('--since <duration>', 'how far back')
        .default(30 * DAY_SECONDS, '30d')
        .argParser(duration(SINCE_DAYS_MAX * DAY_SECONDS)),
    )
    .action(async (file: string, { json, since }: Json & { since: number }) => {
      const { source, warnings } = await readPolicy(io, file, json);
      const replayed = await operations.replayPolicy({ source, since_seconds: since });
      if (json) return printJson(io, { ...replayed, warnings });
      const { requests, unchanged, not_judged, changes, from_at } = replayed;
      io.out(`${requests} requests since ${time(from_at)}: ${unchanged} judged as before.\n`);
      if (not_judged > 0) io.out(`${not_judged} have masked values, which nobody keeps: they are not judged again.\n`);
      const rows = changes.map(({ from, to, count, examples }) => [
        ...[String(count), verdict(from), verdict(to), examples.join(' ')],
      ]);
      printTable(io, ['COUNT', 'BEFORE', 'BY THE DRAFT', 'SUCH AS'], rows, 'No verdict changes.');
    });
}

function verdict({ effect, rule }: { readonly effect: string; readonly rule: string | null }): string {
  return safe(rule === null ? `${effect} (no rule)` : `${effect} (${rule})`);
}

function jsonObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Said below, as for what is no object.
  }
  throw new InvalidArgumentError('Write a JSON object, such as {"amount": 120}.');
}
