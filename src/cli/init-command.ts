// `placet init`: writes into the reader's project what puts Placet before an agent's tools. Shows all of it first, asks, and
// changes nothing else; the key goes into .env, and never into code or onto the terminal.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { hasCode, PlacetError } from '../domain/errors.ts';
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
    .option('--url <url>', 'where the agent reaches the API; that of this installation unless given', httpUrl)
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
  const isNew = found(options.policy) === null;
  const members = options.approver ?? (isNew ? [await askAddress(io, 'Who approves (e-mail)?', '--approver')] : []);
  const channel =
    options.channel ?? (isNew ? await ask(io, 'Slack channel of their cards (its id)?', '--channel') : '');
  const { url = operations.apiUrl() } = options;
  const choices: Choices = { ...options, framework, agent, members, channel, url };
  const changes = planInit(found, choices);
  const needsKey = changes.some(({ lines }) => lines.some((line) => line.includes(KEY_TO_COME)));
  const owner = needsKey ? (options.owner ?? (await askAddress(io, 'Who owns the agent (e-mail)?', '--owner'))) : null;

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

  // Nothing is written for an agent that could not be made.
  const key = owner === null ? '' : await createKey(operations, io, { agent, owner, environment: options.environment });
  try {
    for (const change of changes) {
      await project.write(change.path, { before: change.before, after: changedText(change).replace(KEY_TO_COME, key) });
    }
  } catch (error) {
    if (needsKey) io.err(`Agent ${agent} was made. Where its key is not in .env: placet agent rotate ${agent}\n`);
    throw error;
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
  const issued = await operations.createAgent({ ...input, by: io.operator }).catch((error: unknown) => {
    if (!hasCode(error, 'conflict')) throw error;
    const remedy = `name another with --agent, or put a key of this one into .env: placet agent rotate ${agent}`;
    throw new PlacetError('conflict', { agent, remedy }, error);
  });
  return issued.key;
}

/** It is written into a file of settings, so nothing else may come along. */
function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || /[\s"'#]/.test(text)) {
    throw new InvalidArgumentError('Write a URL such as https://placet.example.');
  }
  return text;
}

async function askAddress(io: Io, question: string, option: string): Promise<string> {
  const text = await ask(io, question, option);
  try {
    return emailAddress(text);
  } catch (error) {
    throw usage(io, `Nothing was changed. ${(error as Error).message}`);
  }
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
  // What else stands in .env is nobody's to see.
  const around = had === undefined || path === '.env' ? '' : ` ${had}\n`;
  return `${head}${around}${lines.map((line) => `+${line}\n`).join('')}`;
}
