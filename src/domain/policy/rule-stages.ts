// The stages of a rule, and which of several rules that require approval judges: the one whose demands contain the others', else
// all of them together. Pure.

import { commonCredential } from '../credential/scope.ts';
import type { CredentialSpec } from '../request/request.ts';
import { type Hours, OUTSIDE } from './hours.ts';
import type { RuleNeeds } from './needs.ts';

/** One stage as the file has it; what is left out does not hold. */
export type RuleStage = {
  readonly approvers: readonly string[];
  readonly quorum: number;
  /** Each of its groups needs a person of its own. */
  readonly each?: true;
  readonly remind_after_seconds?: number;
  /** Asks these groups as well, so long after the stage has begun. */
  readonly escalate?: { readonly after_seconds: number; readonly to: readonly string[] };
};

/** What a rule demands, and what it grants. */
export type RuleDemand = RuleNeeds & {
  readonly name: string;
  /** One stage in its short form; empty, with a quorum of one, where `stages` says more. */
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly stages?: readonly RuleStage[];
  /** Left out where nobody counts in two stages. */
  readonly distinct_stages?: false;
  readonly timeout_seconds: number;
  readonly hours?: Hours;
  readonly credential: CredentialSpec | null;
};

/** More steps than these are a procedure, and no request gets through it in time. */
export const STAGES_MAX = 10;
/** Each of them needs a person of its own, so more could not be asked in one go. */
export const EACH_GROUPS_MAX = 10;

/** Between the names of rules that judge together. */
export const TOGETHER = ' + ';

/** The stages of a rule that requires approval; `approvers` and `quorum` are the short form of one. */
export function stagesOf({
  stages,
  approvers,
  quorum,
}: Pick<RuleDemand, 'stages' | 'approvers' | 'quorum'>): readonly RuleStage[] {
  return (stages ?? [{ approvers, quorum }]).map((stage) => {
    const names = [...new Set(stage.approvers)];
    // Where each group has a person of its own there are at least as many people.
    return {
      ...stage,
      approvers: names,
      quorum: stage.each === true ? Math.max(stage.quorum, names.length) : stage.quorum,
    };
  });
}

/** True when what the rule demands is more than one stage's quorum. */
export function isStaged(rule: RuleDemand): boolean {
  const stages = stagesOf(rule);
  return stages.length !== 1 || stages.some(({ each, escalate }) => each === true || escalate !== undefined);
}

/** The stricter of two rules of one stage first: more people, then less time; else the order of the document stands. */
export function stricterFirst(a: RuleDemand, b: RuleDemand): number {
  return b.quorum - a.quorum || a.timeout_seconds - b.timeout_seconds;
}

/**
 * The rule that judges where all of these match and require approval. Of rules of one stage it is the stricter one. Where any
 * demands more, it is the one whose demands contain all others'; where there is none, one that has the stages of all.
 */
export function judgingRule<R extends RuleDemand>(matching: readonly R[]): R | null {
  const [first, ...others] = [...matching].sort(stricterFirst);
  if (first === undefined || others.length === 0 || ![first, ...others].some(isStaged)) return first ?? null;
  // Whichever contains all others is met on the way, and nothing takes its place but its equal.
  const widest = others.reduce((kept, rule) => (contains(rule, kept) && !contains(kept, rule) ? rule : kept), first);
  return matching.every((rule) => contains(widest, rule)) ? widest : together(matching);
}

/** True when whatever meets all stages of `rule` meets those of `other` too. Certain; not every case is found. */
export function contains(rule: RuleDemand, other: RuleDemand): boolean {
  if (rule === other) return true;
  const wanted = stagesOf(other);
  // People who may count in two stages of the one may not do for an other that keeps its stages apart.
  if (wanted.length > 1 && other.distinct_stages !== false && rule.distinct_stages === false) return false;
  let next = 0;
  for (const stage of stagesOf(rule)) {
    const want = wanted[next];
    if (want !== undefined && containsStage(stage, want)) next += 1;
  }
  return next === wanted.length;
}

/** Every group that a stage may ask. */
export function groupNames({ approvers, escalate }: RuleStage): readonly string[] {
  return [...approvers, ...(escalate?.to ?? [])];
}

function containsStage(stage: RuleStage, other: RuleStage): boolean {
  // Whoever an escalation adds may count too.
  const isWithin = groupNames(stage).every((name) => other.approvers.includes(name));
  const hasEach =
    other.each !== true || (stage.each === true && other.approvers.every((name) => stage.approvers.includes(name)));
  return isWithin && hasEach && stage.quorum >= other.quorum;
}

/** One rule with the stages of all of them in the order of the document, the shortest time, and only what all of them grant. */
function together<R extends RuleDemand>(matching: readonly R[]): R {
  const rules = matching.filter(
    (rule, place) =>
      !matching.some((other, at) => at !== place && contains(other, rule) && (at < place || !contains(rule, other))),
  );
  const [first] = rules as [R, ...R[]];
  const { distinct_stages: _distinct, hours: _hours, ...rest } = first;
  const demand: RuleDemand = {
    name: rules.map(({ name }) => name).join(TOGETHER),
    approvers: [],
    quorum: 1,
    stages: rules.flatMap(stagesOf),
    ...(rules.every((rule) => rule.distinct_stages === false) ? { distinct_stages: false } : {}),
    timeout_seconds: Math.min(...rules.map(({ timeout_seconds }) => timeout_seconds)),
    credential: rules.map(({ credential }) => credential).reduce(commonCredential),
    ...hoursOf(rules),
  };
  return { ...rest, ...demand } as R;
}

/** Those of the first rule that waits for its hours, else of the first that has any: a denial outside was judged before. */
function hoursOf(rules: readonly RuleDemand[]): Pick<RuleDemand, 'hours'> {
  const all = rules.flatMap(({ hours }) => hours ?? []);
  const [hours] = OUTSIDE.flatMap((outside) => all.filter((each) => each.outside === outside));
  return hours === undefined ? {} : { hours };
}
