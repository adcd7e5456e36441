// `/placet group …`: approver groups by words. What changes one opens the window that says what it would do; nothing is changed
// from here.

import type { PolicyStep } from '../../service/admin/change-policy.ts';
import type { Settings } from '../../service/admin/settings.ts';
import { answerClickError } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { memberPhrase } from '../draw/settings-home.ts';
import { cut, fallback, type Phrase, sentence } from '../draw/text.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Actor } from '../receive/payload.ts';
import { OTHER_DOORS } from './doors.ts';
import { addressesOf } from './picked-people.ts';
import { admit, tellSettings, viewOfStep } from './settings.ts';
import { openWindow } from './settings-clicks.ts';

/** Who typed the command, what, and the trigger that opens a window. */
export type CommandInput = { readonly actor: Actor; readonly text: string; readonly trigger_id: string };

/** What one private answer shows. */
const GROUPS_LISTED_MAX = 30;
const NAME_LENGTH_MAX = 100;

const USAGE = [
  '/placet group: the groups; /placet group NAME: one of them',
  '/placet group new NAME #channel @ann @ben, or with a @user-group: a new one',
  '/placet group NAME add @ann, or remove @ann: its people, also by address',
  '/placet group NAME channel #channel: where its cards are posted',
  '/placet group NAME user-group @user-group: a Slack user group instead of people',
  '/placet group NAME delete',
] as const;

/** Lists groups, or opens the window of the change that the words say. */
export async function groupCommand(
  context: ListenerContext,
  input: CommandInput,
  words: readonly string[],
): Promise<Message | null> {
  const isChange = words.length > 1;
  const door = isChange ? '/placet group …' : '/placet group';
  const { actor, trigger_id } = input;
  try {
    const profile = await admit(context, actor, OTHER_DOORS[door]);
    if (profile === null) return answerClickError('not_verified');
    const settings = await context.deps.readSettings({ tenant_id: context.tenant_id, profile });
    if (!isChange) return listed(settings, words[0] ?? null);
    const read = await readStep(context, words);
    if (read.kind === 'fault') return messageOf([read.fault], ...USAGE.map((line): Phrase => [line]));
    const view = await viewOfStep(context, profile, { step: read.step, base: settings.number });
    return await openWindow(context, { user_id: actor.user_id, trigger_id }, view);
  } catch (error) {
    context.log.warn('a change of settings was refused', { slack_user_id: actor.user_id, err: error });
    return tellSettings(error);
  }
}

function listed({ document }: Settings, name: string | null): Message {
  const entries = Object.entries(document.approver_groups);
  const wanted = name === null ? entries : entries.filter(([each]) => each === name);
  if (wanted.length === 0)
    return messageOf(
      [name === null ? 'There is no group yet.' : `There is no group “${cut(name, NAME_LENGTH_MAX)}”.`],
      ...USAGE.map((line): Phrase => [line]),
    );
  const lines = wanted
    .slice(0, GROUPS_LISTED_MAX)
    .map(
      ([each, group]): Phrase => [
        { bold: each },
        '  ',
        ...memberPhrase(group),
        ', asked in ',
        { channel: group.channel },
      ],
    );
  const more = wanted.length - lines.length;
  return messageOf(...lines, ...(more > 0 ? [[`and ${more} more: Settings in the Home tab shows all`]] : []));
}

type Read = { readonly kind: 'step'; readonly step: PolicyStep } | { readonly kind: 'fault'; readonly fault: string };

const fault = (text: string): Read => ({ kind: 'fault', fault: text });
const taken = (step: PolicyStep): Read => ({ kind: 'step', step });

/** The change that the words say. Slack writes who and what is meant with their ids. */
async function readStep(context: ListenerContext, words: readonly string[]): Promise<Read> {
  const [first = '', second = '', ...rest] = words;
  if (first === 'new') return readNew(context, second, rest);
  const name = first;
  const none = { add: [], remove: [], options: {} };
  switch (second) {
    case 'delete':
      return taken({ kind: 'delete_group', name });
    case 'add':
    case 'remove': {
      const people = await readPeople(context, rest);
      if (people.fault !== null) return fault(people.fault);
      if (people.addresses.length === 0) return fault(`Say whom to ${second}.`);
      return taken({ kind: 'change_group', name, ...none, [second]: people.addresses });
    }
    case 'channel': {
      const channel = idIn(rest[0], CHANNEL);
      if (channel === null) return fault('Name the channel, such as #payments.');
      return taken({ kind: 'change_group', name, ...none, options: { channel } });
    }
    case 'user-group': {
      const slack_user_group = idIn(rest[0], USER_GROUP);
      if (slack_user_group === null) return fault('Name the Slack user group, such as @dba.');
      return taken({ kind: 'change_group', name, ...none, options: { slack_user_group } });
    }
    default:
      return fault('This is none of its words.');
  }
}

async function readNew(context: ListenerContext, name: string, words: readonly string[]): Promise<Read> {
  const channels = words.flatMap((word) => idIn(word, CHANNEL) ?? []);
  const user_groups = words.flatMap((word) => idIn(word, USER_GROUP) ?? []);
  const others = words.filter((word) => idIn(word, CHANNEL) === null && idIn(word, USER_GROUP) === null);
  const [channel] = channels;
  if (channel === undefined || channels.length > 1) return fault('Name the one channel where its cards are posted.');
  const people = await readPeople(context, others);
  if (people.fault !== null) return fault(people.fault);
  const [slack_user_group] = user_groups;
  if (people.addresses.length > 0 === (slack_user_group !== undefined) || user_groups.length > 1)
    return fault('Name its people, or one Slack user group.');
  const entry = slack_user_group === undefined ? { members: people.addresses, channel } : { slack_user_group, channel };
  return taken({ kind: 'set_group', name, entry });
}

async function readPeople(context: ListenerContext, words: readonly string[]) {
  const addresses = words.filter((word) => idIn(word, PERSON) === null).map(plainAddress);
  const strange = addresses.find((address) => !address.includes('@'));
  if (strange !== undefined) return { addresses: [], fault: `“${cut(strange, NAME_LENGTH_MAX)}” names nobody.` };
  const picked = await addressesOf(
    context,
    words.flatMap((word) => idIn(word, PERSON) ?? []),
  );
  return { addresses: [...picked.addresses, ...addresses], fault: picked.fault };
}

const PERSON = /^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$/;
const CHANNEL = /^<#([CG][A-Z0-9]+)(?:\|[^>]*)?>$/;
const USER_GROUP = /^<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>$/;

function idIn(word: string | undefined, form: RegExp): string | null {
  return form.exec(word ?? '')?.[1] ?? null;
}

/** Slack makes a link of an address. */
function plainAddress(word: string): string {
  return /^<mailto:([^|>]+)(?:\|[^>]*)?>$/.exec(word)?.[1] ?? word;
}

function messageOf(...phrases: readonly Phrase[]): Message {
  return { text: phrases.map(fallback).join('\n'), blocks: phrases.map(sentence) };
}
