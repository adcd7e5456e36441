// `placet person show|merge|move-account|move-address|end-address`: who somebody is, and mending it. Each change is audited.

import type { Command } from 'commander';
import { ACCOUNT_FORM } from '../domain/people/principal.ts';
import { counted } from '../domain/request/display.ts';
import { makeCommand, makeGroup, matching } from './command.ts';
import type { Io } from './io.ts';
import { correctedJson, personJson } from './json.ts';
import type { AnswerOf, Operations } from './operations.ts';
import { printFields, printJson, time } from './print.ts';

const WHO = 'an id (prs_…), an address, or a Slack account as TEAM/USER';
const account = matching(ACCOUNT_FORM, 'Write a Slack account as TEAM/USER.');

type Json = { readonly json: boolean };

/** The `person` command with its verbs. */
export function personCommand(operations: Operations, io: Io): Command {
  return makeGroup('person', 'people, their addresses and their accounts')
    .addCommand(showCommand(operations, io))
    .addCommand(
      makeCommand('merge', 'say that two people are one human; the first means the second from then on, for good')
        .argument('<who>', WHO)
        .requiredOption('--into <who>', WHO)
        .action(async (who: string, { into, json }: Json & { into: string }) =>
          print(io, json, await operations.mergePeople({ who, into, operator: io.operator })),
        ),
    )
    .addCommand(
      makeCommand('move-account', 'give a Slack account to another person')
        .argument('<account>', 'TEAM/USER', account)
        .requiredOption('--to <who>', WHO)
        .action(async (subject: string, { to, json }: Json & { to: string }) =>
          print(io, json, await operations.moveAccount({ account: subject, to, operator: io.operator })),
        ),
    )
    .addCommand(
      makeCommand('move-address', 'give an e-mail address to a person, whoever had it before')
        .argument('<address>')
        .requiredOption('--to <who>', WHO)
        .action(async (address: string, { to, json }: Json & { to: string }) =>
          print(io, json, await operations.moveAddress({ address, to, operator: io.operator })),
        ),
    )
    .addCommand(
      makeCommand('end-address', 'take an e-mail address from whoever has it, so that it may become somebody else’s')
        .argument('<address>')
        .action(async (address: string, { json }: Json) =>
          print(io, json, await operations.endAddress({ address, operator: io.operator })),
        ),
    );
}

function showCommand(operations: Operations, io: Io): Command {
  return makeCommand('show', 'show one person with its addresses and accounts, past ones too')
    .argument('<who>', WHO)
    .action(async (who: string, { json }: Json) => {
      const person = await operations.showPerson({ who });
      if (json) return printJson(io, personJson(person));
      const span = (of: { readonly from_at: string; readonly until_at: string | null }) =>
        `from ${time(new Date(of.from_at))}${of.until_at === null ? '' : ` until ${time(new Date(of.until_at))}`}`;
      printFields(io, [
        ['id', person.id],
        ['name', person.name],
        ['state', person.is_active ? 'active' : 'deactivated'],
        ['addresses', person.addresses.map((each) => `${each.address} ${span(each)}`).join('\n')],
        [
          'accounts',
          person.accounts.map((each) => `${each.account} by ${each.linked_by} ${span(each)}`).join('\n') || null,
        ],
        ['merged', person.merged.join('\n') || null],
      ]);
    });
}

function print(io: Io, json: boolean, corrected: AnswerOf<'mergePeople'>): void {
  if (json) printJson(io, correctedJson(corrected));
  else io.out(textOf(corrected));
}

function textOf({ kind, person_id, recounted, executed_without_approval: executed }: AnswerOf<'mergePeople'>): string {
  if (kind === 'unchanged') return `Nothing to change: that is ${person_id} already.\n`;
  const done = `Done: ${person_id}. ${counted(recounted, 'open request')} counted anew.\n`;
  if (executed === 0) return done;
  const without = `${counted(executed, 'request')} (placet.executed_without_approval)`;
  return `${done}Executed without the quorum, as it turns out: ${without}.\n`;
}
