// `placet group list|show|set|delete`. The first two read the record; the others change the policy over the API, with an admin
// token, so that what widens is asked of a second person.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { type MemberSource, sourceName } from '../domain/people/membership.ts';
import type { JsonObject } from '../domain/request/request.ts';
import { integer, makeCommand, makeGroup, matching } from './command.ts';
import type { Io } from './io.ts';
import { groupJson, membersJson } from './json.ts';
import type { AnswerOf, Operations, RemoteChange } from './operations.ts';
import { emailAddress } from './owner-command.ts';
import { printFields, printJson, printTable, safe, time } from './print.ts';

const VERSION_MAX = 999_999_999;

type Json = { readonly json: boolean };
type Based = Json & { readonly base?: number; readonly alone: boolean };
type Set = Based & { readonly member: readonly string[]; readonly slackUserGroup?: string; readonly channel: string };

/** The `group` command with its verbs. */
export function groupCommand(operations: Operations, io: Io): Command {
  const list = makeCommand('list', 'list the approver groups').action(async ({ json }: Json) => {
    const groups = await operations.listGroups();
    if (json) return printJson(io, { items: groups.map(groupJson) });
    printTable(io, ['NAME', 'MEMBERS', 'CHANNEL', 'STATE'], groups.map(groupRow), 'No approver groups yet.');
  });
  const show = makeCommand('show', 'show one approver group and its members')
    .argument('<name>')
    .action(async (name: string, { json }: Json) => {
      const group = await operations.showGroup({ name });
      if (json) return printJson(io, { ...groupJson(group), members: membersJson(group) });
      const members = group.members.map((person) =>
        person.is_active ? person.email : `${person.email} (deactivated)`,
      );
      printFields(io, [
        ['name', group.name],
        ['channel', group.channel],
        ['source', sourceText(group.source)],
        ['state', group.is_retired ? 'retired' : 'active'],
        ['members', membersText(group.source, members)],
      ]);
    });
  return makeGroup('group', 'approver groups')
    .addCommand(list)
    .addCommand(show)
    .addCommand(setCommand(operations, io))
    .addCommand(deleteCommand(operations, io));
}

function setCommand(operations: Operations, io: Io): Command {
  const userGroup = matching(/^S[A-Z0-9]{2,62}$/, 'Write the id of a Slack user group, such as S0DBA.');
  const channel = matching(/^[CG][A-Z0-9]{2,62}$/, 'Write the id of a Slack channel, such as C0PAYMENTS.');
  return changing(makeCommand('set', 'make a group these people or this Slack user group, and no others'))
    .argument('<name>', 'a-z, 0-9, dot, dash and underscore', groupName)
    .option('--member <email>', 'one of its people; again for each', withMember, [])
    .option('--slack-user-group <id>', 'a Slack user group instead of people', userGroup)
    .requiredOption('--channel <id>', 'where its cards are posted', channel)
    .action(async (name: string, { member, slackUserGroup, channel, ...options }: Set, command: Command) => {
      if (member.length > 0 === (slackUserGroup !== undefined))
        command.error('error: name its people with --member, or a --slack-user-group');
      const of = slackUserGroup === undefined ? { members: member } : { slack_user_group: slackUserGroup };
      await change(operations, io, { name, entry: { ...of, channel } as JsonObject, ...options });
    });
}

function deleteCommand(operations: Operations, io: Io): Command {
  return changing(makeCommand('delete', 'take a group out of the policy; refused while a rule asks it'))
    .argument('<name>', 'of the group', groupName)
    .action((name: string, options: Based) => change(operations, io, { name, entry: null, ...options }));
}

function changing(command: Command): Command {
  return command
    .addOption(
      new Option('--base <version>', 'the version of the policy that was looked at; the newest unless given').argParser(
        integer(0, VERSION_MAX),
      ),
    )
    .option('--alone', 'where nobody else ever held a role: it is meant all the same', false);
}

async function change(
  operations: Operations,
  io: Io,
  { json, base, alone, name, entry }: Based & { readonly name: string; readonly entry: JsonObject | null },
): Promise<void> {
  const changed = await operations.changeGroup({ name, entry, base: base ?? null, is_alone_confirmed: alone });
  if (json) return printJson(io, changed);
  for (const line of changed.plan) io.out(`  ${safe(line)}\n`);
  io.out(endingOf(changed));
}

function endingOf(changed: RemoteChange): string {
  if (changed.kind === 'proposed')
    return `Waits for a second person as ${changed.request_id} until ${time(new Date(changed.expires_at))}.\n`;
  const what = changed.kind === 'applied' ? 'Applied as' : 'Nothing changed: equal to';
  return `${what} version ${changed.number} of the policy.\n`;
}

function groupName(text: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(text))
    throw new InvalidArgumentError('A group is named in a-z, 0-9, dot, dash and underscore.');
  return text;
}

/** One more of an option that stands several times. */
function withMember(text: string, before: readonly string[]): readonly string[] {
  return [...before, emailAddress(text)];
}

function membersText({ kind }: MemberSource, members: readonly string[]): string {
  switch (kind) {
    case 'listed':
    case 'groups':
      return members.join('\n');
    case 'slack_user_group':
    case 'channel_members':
    case 'on_call':
      return 'asked at each click, claim and use';
  }
}

function sourceText(source: MemberSource): string | null {
  switch (source.kind) {
    case 'listed':
      return null;
    case 'groups':
      return 'other groups';
    case 'slack_user_group':
      return `Slack user group ${sourceName(source)}`;
    case 'channel_members':
      return `members of the channel ${sourceName(source)}`;
    case 'on_call':
      return `who is on call, as ${sourceName(source)} says`;
  }
}

function groupRow(group: AnswerOf<'listGroups'>[number]): string[] {
  const members = sourceText(group.source) ?? String(group.member_count);
  return [group.name, members, group.channel, group.is_retired ? 'retired' : 'active'];
}
