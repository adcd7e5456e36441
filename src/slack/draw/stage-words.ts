// What we call a stage, and the ladder of a request with several: which are done, and by whom, which waits now, what comes then.
// Pure.

import { counted } from '../../domain/request/display.ts';
import type { WaitingRecord } from '../../domain/request/record.ts';
import type { Stage } from '../../domain/request/request.ts';
import { approvalsThatCount, currentStage, openStage } from '../../domain/request/stages.ts';
import { steadText } from './stead-words.ts';
import { fact, listed, type Phrase, short } from './text.ts';

const GROUPS_LENGTH_MAX = 200;

/** Stages named before and after the one that waits: the card has a title, a content and reasons to hold as well. */
const DONE_MAX = 2;
const THEN_MAX = 3;
const STAGE_LENGTH_MAX = 120;
/** People named as having approved a stage: the record has all of them. */
const NAMES_MAX = 3;
const NAME_LENGTH_MAX = 30;

/** "2 people of payments", "2 people of payments and dba, at least one of each". */
export function stageText(stage: Stage): string {
  const people = stage.quorum === 1 ? '1 person' : `${stage.quorum} people`;
  const isEach = stage.each === true && stage.approvers.length > 1;
  const each = stage.added === undefined ? 'each' : 'each of the first';
  return `${people} of ${groupsText(stage)}${isEach ? `, at least one of ${each}` : ''}`;
}

/** "payments or dba"; "payments and dba" where each has a say of its own. */
export function groupsText(stage: Stage): string {
  const named = stage.approvers.map((group) => group.name);
  const added = (stage.added ?? []).map((group) => group.name);
  const standing = standInText(stage);
  if (standing !== '') return short(`${groupsText({ ...stage, stand_ins: undefined })}${standing}`, GROUPS_LENGTH_MAX);
  if (stage.each !== true) return short(listed([...named, ...added], 'or'), GROUPS_LENGTH_MAX);
  const others = added.length === 0 ? '' : `, or ${listed(added, 'or')}`;
  return short(`${listed(named)}${others}`, GROUPS_LENGTH_MAX);
}

/** Whom the policy has stand in, and for whom; empty where everybody could be reached. */
function standInText({ stand_ins }: Pick<Stage, 'stand_ins'>): string {
  if (stand_ins === undefined) return '';
  const named = (groups: readonly { readonly name: string }[]) => listed(groups.map(({ name }) => name));
  return `, or ${named(stand_ins.approvers)} in place of ${named(stand_ins.for)}`;
}

/** The stage that is waiting, or the last one. */
export function stageNow({ request, decisions }: Deciding): Stage | undefined {
  return request.requirement?.stages[openStage(request, decisions)];
}

type Deciding = Pick<WaitingRecord, 'request' | 'decisions'>;

/** One line a stage, none where there is one stage: "Done  1 person of payments: Ann", "Now  …", "Then  …". */
export function ladderLines(record: Deciding): Phrase[] {
  const { request, decisions } = record;
  const stages = request.requirement?.stages ?? [];
  if (stages.length < 2) return [];
  const open = currentStage(request, decisions);
  const isWaiting = request.state === 'pending';
  const lineOf = (label: string, index: number): Phrase[] => {
    const stage = stages[index];
    return stage === undefined ? [] : [fact(label, `${short(stageText(stage), STAGE_LENGTH_MAX)}${by(record, index)}`)];
  };
  const first = Math.max(0, open - DONE_MAX);
  const done = Array.from({ length: open - first }, (_, place) => first + place);
  const then = Array.from(
    { length: Math.min(THEN_MAX, Math.max(0, stages.length - open - 1)) },
    (_, place) => open + 1 + place,
  );
  const left = stages.length - open - 1 - then.length;
  return [
    ...(first === 0 ? [] : [fact('Done', counted(first, 'stage'))]),
    ...done.flatMap((index) => lineOf('Done', index)),
    ...lineOf(isWaiting ? 'Now' : 'Not done', open),
    ...then.flatMap((index) => lineOf(isWaiting ? 'Then' : 'Not reached', index)),
    ...(left > 0 ? [fact(isWaiting ? 'Then' : 'Not reached', `${counted(left, 'more stage')}`)] : []),
  ];
}

/** ": Ann, Ben and 2 more"; empty while nobody has approved. */
function by({ request, decisions }: Deciding, index: number): string {
  const names = approvalsThatCount(request, decisions, index).map((made) =>
    short(`${made.person.name}${steadText(made)}`, NAME_LENGTH_MAX),
  );
  if (names.length === 0) return '';
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : '';
  return `: ${names.slice(0, NAMES_MAX).join(', ')}${more}`;
}
