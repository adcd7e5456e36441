// What waits for an account: the record asked with what the sources of its groups say lately.

import * as absences from '../../db/absences.ts';
import type { Tx } from '../../db/database.ts';
import * as groupParts from '../../db/group-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import type { Profile } from '../../domain/people/account.ts';
import {
  type AskedSource,
  askedSource,
  type SourceAnswer,
  sourceKey,
  sourcesToAsk,
} from '../../domain/people/membership.ts';
import type { Permission } from '../../domain/people/roles.ts';
import type { NoApprover } from '../../domain/request/decision.ts';
import type { RevocableRecord, Waiting, WaitingRecord } from '../../domain/request/record.ts';
import { currentStage } from '../../domain/request/stages.ts';
import { isWaitingFor, standsFor } from '../../domain/request/steads.ts';
import { permissionsOfPerson } from '../admin/author.ts';
import type { ServiceDeps } from '../deps.ts';
import { membershipsNow } from '../memberships.ts';
import { accountOf, type IdentifyDeps, identify, isMemberOf } from './identify.ts';

/** Newest first: what is older is on its card, and in the hands of admins. */
const REVOCABLE_MAX = 5;

export type WaitingInput = {
  readonly tenant_id: string;
  readonly profile: Profile;
  /** What the sources of all groups answered lately: for a list, never for a decision. */
  readonly answers: readonly SourceAnswer[];
  readonly limit: number;
};

export type WaitingAnswer =
  | ({
      readonly kind: 'listed';
      /** What the person may do besides; left out for whoever has no role. */
      readonly permissions?: readonly Permission[];
      /** What the person may take back; left out where there is none. */
      readonly revocable?: readonly RevocableRecord[];
    } & Waiting)
  | { readonly kind: 'refused'; readonly refusal: NoApprover };

/** Pending requests that wait for this account's person, or why it decides nothing. */
export function listWaitingFor(deps: IdentifyDeps, input: WaitingInput): Promise<WaitingAnswer> {
  return deps.transact(input.tenant_id, async (tx): Promise<WaitingAnswer> => {
    const { profile, answers, limit } = input;
    const parts = answers.length === 0 ? [] : await groupParts.listAskedParts(tx);
    const now = parts.map((part) => ({ ...part, members_then: membersOf(part.source, answers) }));
    const identified = await identify(deps, tx, { profile, is_member: isMemberOf({ parts: now }, answers, profile) });
    if (identified.kind === 'refused') return { kind: 'refused', refusal: identified.refusal };
    const { id: person_id, is_active } = identified.principal;
    if (!is_active) return { kind: 'refused', refusal: 'inactive' };
    const { subject: account } = accountOf(profile);
    const mine = await askedGroups(tx, { parts: now, answers, person_id });
    const rights = await rightsInPlace(tx, { answers, person_id });
    const group_ids = [...mine.group_ids, ...rights.steads.flatMap((stead) => stead.group_ids)];
    const filter = { person_id, account, group_ids, joined: mine.joined, limit: limit + 1 };
    const found = await requestRecords.listWaitingFor(tx, filter);
    const own = [...rights.group_ids, ...mine.group_ids, ...mine.joined.map(({ group_id }) => group_id)];
    const isWaiting = ({ request, decisions }: WaitingRecord) =>
      rights.steads.length > 0
        ? isWaitingFor(request, decisions, { person_id, group_ids: own, steads: rights.steads })
        : !standsFor(request, decisions, currentStage(request, decisions)).has(person_id);
    const permissions = await permissionsOfPerson(tx, identified.principal);
    const listed = { items: found.slice(0, limit).filter(isWaiting), has_more: found.length > limit };
    const is_any = permissions.includes('leases.revoke');
    const revocable = await requestRecords.listRevocable(tx, { person_id, is_any, limit: REVOCABLE_MAX });
    return {
      ...{ kind: 'listed', ...listed },
      ...(permissions.length === 0 ? {} : { permissions }),
      ...(revocable.length === 0 ? {} : { revocable }),
    };
  });
}

/** The people who are away and whose delegate this is, with their groups; and its own listed ones, where there are any such. */
async function rightsInPlace(tx: Tx, { answers, person_id }: Omit<Judging, 'parts'>) {
  const away = await absences.listAwayFor(tx, person_id);
  if (away.length === 0) return { group_ids: [], steads: [] };
  const parts = await groupParts.listAllParts(tx);
  const person_ids = [person_id, ...away.map((each) => each.person_id)];
  const memberships = await membershipsNow(tx, { parts, answers, person_ids });
  const groupsOf = (id: string) => memberships.filter((each) => each.person_id === id).map(({ group_id }) => group_id);
  return {
    group_ids: groupsOf(person_id),
    steads: away.map((each) => ({ ...each, group_ids: groupsOf(each.person_id) })),
  };
}

type Judging = {
  readonly parts: Parameters<typeof membershipsNow>[1]['parts'];
  readonly answers: readonly SourceAnswer[];
  readonly person_id: string;
};

/** The groups that the person is in by what was asked, and those in which it must have been when a request was made. */
async function askedGroups(tx: Tx, { parts, answers, person_id }: Judging) {
  if (parts.length === 0) return { group_ids: [], joined: [] };
  const memberships = await membershipsNow(tx, { parts, answers, person_ids: [person_id] });
  const isJoined = ({ answer }: { answer: SourceAnswer | null }) => answer?.source.kind === 'channel_members';
  const joined = memberships.filter(isJoined).flatMap(({ group_id, answer }) =>
    parts.flatMap((part) => {
      const source = askedSource(part.source);
      const isSame = source !== null && answer !== null && sourceKey(source) === sourceKey(answer.source);
      return isSame && part.group_id === group_id ? [{ group_id, part_id: part.part_id }] : [];
    }),
  );
  return { group_ids: memberships.filter((each) => !isJoined(each)).map(({ group_id }) => group_id), joined };
}

function membersOf(source: Judging['parts'][number]['source'], answers: readonly SourceAnswer[]): readonly string[] {
  const elsewhere = askedSource(source);
  if (elsewhere === null) return [];
  return answers.find((answer) => sourceKey(answer.source) === sourceKey(elsewhere))?.members ?? [];
}

/** The sources of all groups, so that the door can ask who is in them. */
export function listSources(deps: Pick<ServiceDeps, 'transact'>, tenant_id: string): Promise<readonly AskedSource[]> {
  return deps.transact(tenant_id, async (tx) => sourcesToAsk(await groupParts.listAskedParts(tx)));
}
