// `placet agent create|rotate|revoke|list`. A key is printed once, here, and is nowhere to be read again.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { addLabel, type Labels } from '../domain/people/labels.ts';
import { duration, integer, makeCommand, makeGroup, named } from './command.ts';
import type { Io } from './io.ts';
import { agentJson, issuedJson } from './json.ts';
import type { AnswerOf, Operations } from './operations.ts';
import { emailAddress, isMeantAsNew } from './owner-command.ts';
import { printJson, printTable, time } from './print.ts';

const KEY_DAYS_DEFAULT = 90;
/** A key that lives longer than a year is one that nobody rotates. */
const KEY_DAYS_MAX = 365;
const OVERLAP_SECONDS_MAX = 7 * 86_400;

const agentName = named('agent');
const environmentName = named('environment');

type Json = { readonly json: boolean };
type Owner = { readonly owner: string; readonly newOwner: boolean };
type Labelled = { readonly label: Labels };
type Days = { readonly expiresInDays: number };

/** The `agent` command with its four verbs. */
export function agentCommand(operations: Operations, io: Io): Command {
  return makeGroup('agent', 'agents and their keys')
    .addCommand(createCommand(operations, io))
    .addCommand(labelCommand(operations, io))
    .addCommand(rotateCommand(operations, io))
    .addCommand(revokeCommand(operations, io))
    .addCommand(
      makeCommand('list', 'list the agents').action(async ({ json }: Json) => {
        const agents = await operations.listAgents();
        if (json) return printJson(io, { items: agents.map(agentJson) });
        printTable(
          io,
          ['NAME', 'ENVIRONMENT', 'LABELS', 'OWNER', 'KEYS', 'STATE'],
          agents.map(toRow),
          'No agents yet.',
        );
      }),
    );
}

function createCommand(operations: Operations, io: Io): Command {
  return makeCommand('create', 'add an agent and print its key, once')
    .argument('<name>', 'unique, a-z, 0-9, dot, dash and underscore', agentName)
    .requiredOption('--owner <email>', 'the person who answers for it and never counts as its approver', emailAddress)
    .requiredOption('--environment <name>', 'such as production', environmentName)
    .option('--label <name=value>', 'what rules may match it by, such as team=payments; again for each', withLabel, {})
    .option('--new-owner', 'make a new person of an owner whom neither the record nor Slack knows', false)
    .addOption(daysOption())
    .action(async (name: string, options: Json & Days & Owner & Labelled & { environment: string }) => {
      const { owner: owner_email, newOwner: is_new_owner, label: labels, environment, expiresInDays: days } = options;
      const input = { name, owner_email, is_new_owner, environment, labels, days, by: io.operator };
      const issued = await operations.createAgent(input).catch(async (error: unknown) => {
        // Somebody whom nobody knows is excluded from nothing and told nothing: whoever means it says so.
        if (!(await isMeantAsNew(io, error, options.json))) throw error;
        return operations.createAgent({ ...input, is_new_owner: true });
      });
      if (options.json) return printJson(io, issuedJson(issued));
      printKey(io, issued);
    });
}

function labelCommand(operations: Operations, io: Io): Command {
  return makeCommand('label', 'give an agent these labels and no others; none takes all away')
    .argument('<name>')
    .argument('[labels...]', 'such as team=payments', withLabel, {})
    .action(async (name: string, labels: Labels, { json }: Json) => {
      const { agent_id, kind } = await operations.labelAgent({ name, labels, by: io.operator });
      if (json) return printJson(io, { agent_id, name, labels, kind });
      const words = labelsText(labels) || 'no labels';
      io.out(kind === 'labelled' ? `Agent ${name} has ${words} now.\n` : `Agent ${name} had ${words} before.\n`);
    });
}

/** One more label of an option or argument that stands several times. */
function withLabel(text: string, before: Labels): Labels {
  const added = addLabel(before, text);
  if (added.fault !== null) throw new InvalidArgumentError(`${added.fault}.`);
  return added.labels;
}

function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ');
}

function rotateCommand(operations: Operations, io: Io): Command {
  return makeCommand('rotate', 'print a new key; the old ones end after the overlap')
    .argument('<name>')
    .addOption(
      new Option('--overlap <duration>', 'how long old and new key both work')
        .default(86_400, '24h')
        .argParser(duration(OVERLAP_SECONDS_MAX)),
    )
    .addOption(daysOption())
    .action(async (name: string, options: Json & Days & { overlap: number }) => {
      const { overlap: overlap_seconds, expiresInDays: days } = options;
      const issued = await operations.rotateAgent({ name, overlap_seconds, days, by: io.operator });
      if (options.json) return printJson(io, { ...issuedJson(issued), old_keys_end_at: issued.old_keys_end_at });
      printKey(io, issued);
      io.out(`Its old keys end at ${time(issued.old_keys_end_at)}.\n`);
    });
}

function revokeCommand(operations: Operations, io: Io): Command {
  return makeCommand('revoke', 'end an agent and all its keys for good')
    .argument('<name>')
    .action(async (name: string, { json }: Json) => {
      const { agent_id, kind } = await operations.revokeAgent({ name, by: io.operator });
      if (json) return printJson(io, { agent_id, name, kind });
      io.out(kind === 'revoked' ? `Revoked agent ${name}.\n` : `Agent ${name} was revoked before.\n`);
    });
}

function daysOption(): Option {
  return new Option('--expires-in-days <number>', 'life of the key in days')
    .default(KEY_DAYS_DEFAULT)
    .argParser(integer(1, KEY_DAYS_MAX));
}

function printKey(io: Io, issued: AnswerOf<'createAgent'>): void {
  io.out(`Agent ${issued.name} (${issued.environment}), key valid until ${time(issued.expires_at)}.\n`);
  io.out('Keep the key now, it is not shown again:\n');
  io.out(`  ${issued.key}\n`);
}

function toRow(agent: AnswerOf<'listAgents'>[number]): string[] {
  const keys = agent.keys.map((key) => `${key.hint}… until ${time(new Date(key.expires_at))}`);
  const state = agent.revoked_at === null ? 'active' : `revoked ${time(agent.revoked_at)}`;
  const labels = labelsText(agent.labels) || '-';
  return [agent.name, agent.environment, labels, agent.owner_email, keys.join(', ') || '-', state];
}
