// Why a policy says what it says of one ask: for each rule whether it judges, and if not, what keeps it from it. Pure.

import { conditionContext, readCondition } from './condition.ts';
import { matchesGlob } from './glob.ts';
import { evaluate, type Judgement, type PolicyDocument, type PolicyInput, type Rule } from './policy.ts';

export type ExplainedRule = {
  readonly name: string;
  readonly effect: Rule['effect'];
  readonly is_judging: boolean;
  /** In words. */
  readonly why: string;
};

export type Explanation = { readonly judgement: Judgement; readonly rules: readonly ExplainedRule[] };

/** The judgement, and of each rule in the order of the document why it is or is not the one that judges. */
export function explain(document: PolicyDocument, input: PolicyInput): Explanation {
  const judgement = evaluate(document, input);
  const rules = document.rules.map((rule) => {
    const { name, effect } = rule;
    const is_judging = rule === judgement.rule;
    return { name, effect, is_judging, why: whyOf(rule, input, judgement) };
  });
  return { judgement, rules };
}

function whyOf(rule: Rule, input: PolicyInput, { rule: judging }: Judgement): string {
  const mismatch = mismatchOf(rule, input);
  if (mismatch !== null) return mismatch;
  const condition = conditionWords(rule, input);
  if (!condition.applies) return condition.words;
  if (rule === judging) return condition.words === '' ? 'judges' : `judges: ${condition.words}`;
  if (judging === null) return 'matches';
  if (judging.effect !== rule.effect) return `matches, but ${judging.effect} goes before ${rule.effect}`;
  return `matches, but "${judging.name}" is stricter or stands first`;
}

/** The first part of the match that does not fit, or null. */
function mismatchOf({ match }: Rule, { agent, action, resource }: PolicyInput): string | null {
  if (!matchesGlob(match.action, action)) return `its action "${match.action}" does not match`;
  if (!matchesGlob(match.resource, resource)) return `its resource "${match.resource}" does not match`;
  if (!match.agents.some((pattern) => matchesGlob(pattern, agent.name)))
    return `none of its agents ${list(match.agents)} matches`;
  if (!match.environments.some((pattern) => matchesGlob(pattern, agent.environment)))
    return `none of its environments ${list(match.environments)} matches`;
  return null;
}

type ConditionWords = { readonly applies: boolean; readonly words: string };

/** A condition that fails never allows: a rule that denies or requires matches by it. */
function conditionWords({ when, effect }: Rule, input: PolicyInput): ConditionWords {
  if (when === undefined) return { applies: true, words: '' };
  const reading = readCondition(when, null);
  const answer = reading.kind === 'condition' ? reading.condition(conditionContext(input)) : 'error';
  if (answer === 'holds') return { applies: true, words: 'its condition holds' };
  if (answer !== 'error') return { applies: false, words: 'its condition does not hold' };
  return effect === 'allow'
    ? { applies: false, words: 'its condition failed, and what fails allows nothing' }
    : { applies: true, words: 'its condition failed, which counts as matching' };
}

function list(patterns: readonly string[]): string {
  return patterns.map((pattern) => `"${pattern}"`).join(', ');
}
