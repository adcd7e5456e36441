// Where the members of an approver group come from: each kind once, so that whoever must know them all switches over it. Pure.

/** A source that lies elsewhere: it is asked at each click and each claim, and no answer is used twice. */
export type AskedSource =
  /** The chat says who is in the user group. */
  | { readonly kind: 'slack_user_group'; readonly id: string }
  /** The members of a private channel, as the chat says. */
  | { readonly kind: 'channel_members'; readonly id: string }
  /** Who is on call, as a calendar or another address says. */
  | { readonly kind: 'on_call'; readonly format: OnCallFormat; readonly url: string };

export type MemberSource =
  /** The policy file lists them by their addresses. */
  | { readonly kind: 'listed' }
  /** The members of other groups. */
  | { readonly kind: 'groups' }
  | AskedSource;

export type OnCallFormat = 'ical' | 'json';

/** Who is on call: the address of a calendar or of an answer, and the groups whose people it may choose. */
export type OnCallEntry = {
  readonly ical?: string | undefined;
  readonly url?: string | undefined;
  readonly among: readonly string[];
};

type Group = {
  readonly slack_user_group: string | null;
  readonly channel_members?: string | undefined;
  readonly on_call?: OnCallEntry | undefined;
  readonly groups?: readonly string[] | undefined;
};

/** Where the members of this group come from. */
export function sourceOf({ slack_user_group, channel_members, on_call, groups }: Group): MemberSource {
  if (groups !== undefined) return { kind: 'groups' };
  if (channel_members !== undefined) return { kind: 'channel_members', id: channel_members };
  if (on_call?.ical !== undefined) return { kind: 'on_call', format: 'ical', url: on_call.ical };
  if (on_call?.url !== undefined) return { kind: 'on_call', format: 'json', url: on_call.url };
  return slack_user_group === null ? { kind: 'listed' } : { kind: 'slack_user_group', id: slack_user_group };
}

/** The source that has to be asked, if it is one. */
export function askedSource(source: MemberSource): AskedSource | null {
  switch (source.kind) {
    case 'listed':
    case 'groups':
      return null;
    case 'slack_user_group':
    case 'channel_members':
    case 'on_call':
      return source;
  }
}

/** One name for one source, by which its answer is found. */
export function sourceKey(source: AskedSource): string {
  return `${source.kind}:${source.kind === 'on_call' ? `${source.format}:${source.url}` : source.id}`;
}

/** A group's members come from this part: from the group itself, or one that it is made of. */
export type GroupPart = {
  readonly group_id: string;
  readonly part_id: string;
  /** The source of the group chooses among the people of this part, who are not members by it alone. */
  readonly is_among: boolean;
  readonly source: MemberSource;
  /** The accounts that were members when the request was made; null where that does not matter. */
  readonly members_then: readonly string[] | null;
};

/** What a source answered when it was asked. */
export type SourceAnswer = {
  readonly source: AskedSource;
  readonly asked_at: Date;
  /** Accounts, as TEAM/USER, or the addresses of whoever is on call. Nobody where it failed. */
  readonly members: readonly string[];
  /** Of all that was answered. */
  readonly digest: string;
  /** Why nobody is a member by it; null where it answered as it should. */
  readonly fault: string | null;
};

/** The fault of a source that nobody could ask: it says nothing of who is a member. */
export const NOT_ASKED = 'not_asked';

const NOBODY_ON_CALL = 'nobody_on_call';

/** An address that does not answer as it should says nothing of who is on call; that nobody is does. */
export function saysWho({ source, fault }: SourceAnswer): boolean {
  return source.kind !== 'on_call' || fault === null || fault === NOBODY_ON_CALL;
}

/** What this source answered; null where it was not asked. */
export function answerOf(source: AskedSource, answers: readonly SourceAnswer[]): SourceAnswer | null {
  return answers.find((answer) => sourceKey(answer.source) === sourceKey(source)) ?? null;
}

/** The source as people may be told of it: an address can hold a secret, so only its host is named. */
export function sourceName(source: AskedSource): string {
  return source.kind === 'on_call' ? new URL(source.url).host : source.id;
}

/** The sources that have to be asked about these parts, each once. */
export function sourcesToAsk(parts: readonly Pick<GroupPart, 'source'>[]): readonly AskedSource[] {
  const known = parts.flatMap(({ source }) => askedSource(source) ?? []);
  return [...new Map(known.map((source) => [sourceKey(source), source])).values()];
}

/** Somebody who may be a member: the accounts and the addresses of now. */
export type MemberFacts = {
  readonly person_id: string;
  readonly accounts: readonly string[];
  readonly addresses: readonly string[];
};

/** From what it is known that a person is in a group. */
export type Evidence = {
  readonly group_id: string;
  readonly kind: MemberSource['kind'];
  readonly source: string;
  readonly asked_at: string;
  readonly digest: string;
};

export type AskedMembership = { readonly group_id: string; readonly person_id: string; readonly answer: SourceAnswer };

/** A membership that the policy file lists, in a group or, with `is_among`, among those whom its source may choose. */
export type ListedMembership = {
  readonly group_id: string;
  readonly person_id: string;
  readonly is_among: boolean;
};

type Asking = {
  readonly parts: readonly GroupPart[];
  readonly listed: readonly ListedMembership[];
  readonly answers: readonly SourceAnswer[];
};

/** In which groups these people are by what the sources answered. One that was not asked, or failed, has nobody. */
export function membershipsBy({ parts, listed, answers }: Asking, people: readonly MemberFacts[]): AskedMembership[] {
  const byKey = new Map(answers.map((answer) => [sourceKey(answer.source), answer]));
  const answerOf = (part: GroupPart) => {
    const source = askedSource(part.source);
    return source === null ? undefined : byKey.get(sourceKey(source));
  };
  const isMember = (part: GroupPart, person: MemberFacts): boolean => {
    const answer = answerOf(part);
    if (answer === undefined || answer.fault !== null) return false;
    switch (answer.source.kind) {
      case 'slack_user_group':
        return person.accounts.some((account) => answer.members.includes(account));
      case 'channel_members':
        // Whoever joined since may have joined to decide.
        return person.accounts.some(
          (account) => answer.members.includes(account) && part.members_then?.includes(account) === true,
        );
      case 'on_call':
        return person.addresses.some((address) => answer.members.includes(address)) && isAmong(part.part_id, person);
    }
  };
  const isAmong = (group_id: string, person: MemberFacts): boolean =>
    listed.some((each) => each.is_among && each.group_id === group_id && each.person_id === person.person_id) ||
    parts.some((part) => part.is_among && part.group_id === group_id && isMember(part, person));
  return parts
    .filter(({ is_among }) => !is_among)
    .flatMap((part) =>
      people.flatMap((person) => {
        const answer = answerOf(part);
        if (answer === undefined || !isMember(part, person)) return [];
        return [{ group_id: part.group_id, person_id: person.person_id, answer }];
      }),
    );
}
