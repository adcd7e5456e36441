// The last window of Settings: what a change would do, and who could decide then, before it is made. Pure. It keeps the change
// and the version that it is of, never a right.

import { peopleWords } from '../../domain/policy/policy-words.ts';
import type { PolicyStep } from '../../service/admin/change-policy.ts';
import type { PlannedSettings, StageReach } from '../../service/admin/settings.ts';
import { type Block, type Modal, paragraph, plain } from './block-kit.ts';
import { SETTINGS_CALLBACKS } from './settings-modals.ts';

/** All that a window of Slack keeps. */
const MEMORY_LENGTH_MAX = 3_000;
/** A paragraph holds 3,000 characters; more paragraphs than these nobody reads in a window. */
const PARAGRAPH_LENGTH_MAX = 2_800;
const PLAN_PARAGRAPHS_MAX = 20;

/** What the last window keeps: the change, and the document that it made when it was shown. */
export type StepMemory = {
  readonly base: number;
  readonly step: PolicyStep;
  readonly digest: string;
  readonly is_alone: boolean;
};

/** What the last window says of each stage: how many may decide, and how many must. */
export type CountedReach = StageReach & { readonly is_enough: boolean; readonly more: number };

/** What the change would do, who could decide then, and what becomes of it; null where nobody could read it in a window. */
export function drawStep(step: PolicyStep, planned: PlannedSettings, reach: readonly CountedReach[]): Modal | null {
  const is_alone = planned.ends === 'alone';
  const memory: StepMemory = { base: planned.base, step, digest: planned.digest, is_alone };
  const private_metadata = JSON.stringify(memory);
  const plan = paragraphsOf(planned.plan.map((line) => `• ${line}`));
  if (private_metadata.length > MEMORY_LENGTH_MAX || plan.length > PLAN_PARAGRAPHS_MAX) return null;
  const can = reach.every(({ is_enough }) => is_enough) && planned.ends !== 'unchanged';
  const submit = can ? { submit: plain(planned.ends === 'proposed' ? 'Ask for approval' : 'Apply') } : {};
  return {
    type: 'modal',
    callback_id: SETTINGS_CALLBACKS.step,
    private_metadata,
    title: plain('What this changes'),
    ...submit,
    close: plain('Cancel'),
    blocks: [
      ...plan,
      ...paragraphsOf(reach.map(reachText)),
      paragraph(can ? ENDS[planned.ends] : planned.ends === 'unchanged' ? ENDS.unchanged : NOT_ENOUGH),
    ],
  };
}

const ENDS: Readonly<Record<PlannedSettings['ends'], string>> = {
  unchanged: 'Nothing would change.',
  applied: 'This only narrows, so it is applied at once.',
  proposed: 'This widens, so it waits until somebody else agrees: Placet asks them, and you do not count.',
  alone:
    'This widens, and nobody but you ever held a role, so nobody else can agree. ' +
    'If you apply it, it is applied at once, and it is on record as made alone.',
};
const NOT_ENOUGH =
  'Too few people could decide, so every request under this rule would be refused. Nothing can be applied.';

function reachText({ rule, stage, stages, quorum, people, sources, more, is_enough }: CountedReach): string {
  const of = stages === 1 ? '' : `, stage ${stage + 1}`;
  const by = sources.some(({ kind }) => kind === 'on_call') ? 'what was asked at' : 'Slack’s list of';
  const listed = sources.length === 0 ? '' : ` (${more} of them by ${by} this moment)`;
  const sum = people + more;
  return `${is_enough ? '✓' : '✗'} “${rule}”${of}: ${peopleWords(sum)} could decide${listed}, ${quorum} must.`;
}

/** Lines in as few paragraphs as hold them; a longer line is cut nowhere, it takes several. */
function paragraphsOf(lines: readonly string[]): Block[] {
  const pieces = lines.flatMap((line) => line.match(new RegExp(`[\\s\\S]{1,${PARAGRAPH_LENGTH_MAX}}`, 'gu')) ?? []);
  const texts: string[] = [];
  for (const piece of pieces) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + piece.length < PARAGRAPH_LENGTH_MAX)
      texts[texts.length - 1] = `${last}\n${piece}`;
    else texts.push(piece);
  }
  return texts.map(paragraph);
}
