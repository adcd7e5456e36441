// `placet init`: writes into the reader's project what puts Placet before an agent's tools. Shows all of it first, asks, and
// changes nothing else; the key goes into .env, and never into code or onto the terminal.

import { type Command, Option } from 'commander';
import { PlacetError } from '../domain/errors.ts';
import { EXIT, ExitSignal, makeCommand, named } from './command.ts';
import { FRAMEWORKS } from './init-lines.ts';
import { type Change, type Choices, changedText, KEY_TO_COME, planInit } from './init-plan.ts';
import type { Io } from './io.ts';
import type { Operations } from './operations.ts';
import { emailAddress } from './owner-command.ts';
import { printJson } from './print.ts';

const KEY_DAYS = 90;
const POLICY_FILE = 'placet-policy.yaml';

type Options = {
  readonly json: boolean;
  readonly yes: boolean;
  readonly framework?: string;
  readonly agent?: string;
  readonly owner?: string;
  readonly environment: string;
  readonly approver?: readonly string[];
  readonly group: string;
  readonly channel?: string;
  readonly policy: string;
  readonly url?: string;
};

/** The `init` command. */
export function initCommand(operations: Operations, io: Io): Command {
  const collect = (text: string, before: readonly string[] = []) => [...before, emailAddress(text)];
  return makeCommand('init', 'put Placet before the tools of the agent in this folder')
    .addOption(new Option('--framework <name>', 'what the agent is built with').choices(Object.keys(FRAMEWORKS)))
    .option('--agent <name>', 'its name here; the name of the folder unless given', named('agent'))
    .option('--owner <email>', 'who answers for it, and never counts as its approver', emailAddress)
    .option('--environment <name>', 'where it acts', named('environment'), 'development')
    .option('--approver <email>', 'who decides, in a policy that is new; again for each', collect)
    .option('--group <name>', 'the approver group that is asked', 'approvers')
    .option('--channel <id>', 'the Slack channel of their cards, in a policy that is new')
    .option('--policy <file>', 'the policy file; a rule is added to one that is there', POLICY_FILE)
    .option('--url <url>', 'where the agent reaches the API; that of this installation unless given')
    .option('--yes', 'change what is shown, without a question', false)
    .action((options: Options) => init(operations, io, options));
}

async function init(operations: Operations, io: Io, options: Options): Promise<void> {
  const { project } = io;
  const paths = ['.gitignore', '.env', 'tsconfig.json', 'placet.ts', 'placet.mjs', 'placet_gate.py', options.policy];
  const files = new Map<string, string | null>();
  for (const path of paths) files.set(path, await project.read(path));
  const found = (path: string) => files.get(path) ?? null;
  if (await project.isTracked('.env')) {
    throw new PlacetError('conflict', { path: '.env', message: 'git tracks it: a key in it would be published' });
  }

  const name =
    options.framework ?? (await ask(io, `Framework (${Object.keys(FRAMEWORKS).join(', ')})?`, '--framework'));
  const make = Object.hasOwn(FRAMEWORKS, name) ? FRAMEWORKS[name] : undefined;
  if (make === undefined) throw usage(io, `There is no framework ${name}: use ${Object.keys(FRAMEWORKS).join(', ')}.`);
  const framework = make({ isTypeScript: found('tsconfig.json') !== null });
  const agent = options.agent ?? project.name;
  const members =
    options.approver ?? (found(options.policy) === null ? [await ask(io, 'Who approves (e-mail)?', '--approver')] : []);
  const { url = operations.apiUrl(), channel = null } = options;
  const choices: Choices = { ...options, framework, agent, members, channel, url };
  const changes = planInit(found, choices);
  const needsKey = changes.some(({ lines }) => lines.some((line) => line.includes(KEY_TO_COME)));
  const owner = needsKey ? (options.owner ?? (await ask(io, 'Who owns the agent (e-mail)?', '--owner'))) : null;

  if (changes.length === 0) {
    if (options.json) return printJson(io, { changed: [], next: framework.next });
    return io.out('All of it is here already. Nothing was changed.\n');
  }
  io.err(changes.map(shown).join(''));
  if (!options.yes) {
    if (io.confirm === null) throw usage(io, 'Nothing was changed: say --yes where nobody can be asked.');
    if (!(await io.confirm('Change this?'))) {
      io.err('Nothing was changed.\n');
      throw new ExitSignal(EXIT.failure);
    }
  }

  // The key last of what can fail elsewhere: nothing is written for an agent that could not be made.
  const key = owner === null ? '' : await createKey(operations, io, { agent, owner, environment: options.environment });
  for (const change of changes) {
    await project.write(change.path, { before: change.before, after: changedText(change).replace(KEY_TO_COME, key) });
  }
  const next = [
    framework.install,
    ...framework.next,
    `placet policy plan ${options.policy}, then placet policy apply.`,
  ];
  if (options.json) return printJson(io, { changed: changes.map(({ path }) => path), agent, next });
  io.out(
    `${changes.map(({ path }) => `Wrote ${path}\n`).join('')}\nNext:\n${next.map((line) => `  ${line}\n`).join('')}`,
  );
}

type NewAgent = { readonly agent: string; readonly owner: string; readonly environment: string };

async function createKey(operations: Operations, io: Io, { agent, owner, environment }: NewAgent): Promise<string> {
  const input = { name: agent, owner_email: owner, is_new_owner: false, environment, labels: {}, days: KEY_DAYS };
  return (await operations.createAgent({ ...input, by: io.operator })).key;
}

async function ask(io: Io, question: string, option: string): Promise<string> {
  const answer = io.ask === null ? '' : (await io.ask(question)).trim();
  if (answer === '') throw usage(io, `Nothing was changed: ${option} is needed.`);
  return answer;
}

function usage(io: Io, text: string): ExitSignal {
  io.err(`${text}\n`);
  return new ExitSignal(EXIT.usage);
}

/** The change as a diff has it: only lines that are added, below the last line before them. */
function shown({ path, before, at, lines }: Change): string {
  const had = (before ?? '').split(/\r?\n/)[at - 1];
  const head = before === null ? `--- /dev/null\n+++ ${path}\n` : `--- ${path}\n+++ ${path}\n@@ line ${at + 1} @@\n`;
  const around = had === undefined ? '' : ` ${had.replace(/(KEY|SECRET|TOKEN|PASSWORD)=.*/i, '$1=…')}\n`;
  return `${head}${around}${lines.map((line) => `+${line}\n`).join('')}`;
}
