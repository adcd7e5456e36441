// Why a policy says what it says of one ask: for each rule whether it judges, and if not, what keeps it from it. Pure.

import { conditionContext, readCondition } from './condition.ts';
import { matchesGlob } from './glob.ts';
import { evaluate, hasLabels, type Judgement, type PolicyDocument, type PolicyInput, type Rule } from './policy.ts';
import { TOGETHER } from './rule-stages.ts';

export type ExplainedRule = {
  readonly name: string;
  readonly effect: Rule['effect'];
  readonly is_judging: boolean;
  /** In words. */
  readonly why: string;
};

export type Explanation = { readonly judgement: Judgement; readonly rules: readonly ExplainedRule[] };

/**
 * The judgement, and of each rule in the order of the document why it is or is not the one that judges. Where values are masked
 * nobody keeps them, so no condition sees them any more.
 */
export function explain(document: PolicyDocument, input: PolicyInput, is_masked = false): Explanation {
  const judgement = evaluate(document, input);
  const judging = judgingNames(document, judgement);
  const rules = document.rules.map((rule) => {
    const { name, effect } = rule;
    const found = whyNot(rule, input, is_masked);
    const is_judging = found.applies && judging.includes(name);
    const why = found.applies ? whyOf(rule, found.words, { judgement, is_judging }) : found.words;
    return { name, effect, is_judging, why };
  });
  return { judgement, rules };
}

/** The names of the rules that judge: one, or those that do so together, whose rule has all their names. */
function judgingNames({ rules }: PolicyDocument, { rule }: Judgement): readonly string[] {
  if (rule === null) return [];
  if (rules.some(({ name }) => name === rule.name)) return [rule.name];
  const within = (name: string) => `${TOGETHER}${rule.name}${TOGETHER}`.includes(`${TOGETHER}${name}${TOGETHER}`);
  return rules.flatMap(({ name, effect }) => (effect === rule.effect && within(name) ? [name] : []));
}

type Judging = { readonly judgement: Judgement; readonly is_judging: boolean };

function whyOf(rule: Rule, words: string, { judgement, is_judging }: Judging): string {
  const { rule: judging, denial } = judgement;
  if (judging === null) return 'matches';
  if (is_judging) {
    const isAlone = judging.name === rule.name;
    const what = denial === 'outside_hours' ? 'denies outside its hours' : isAlone ? 'judges' : 'judges with others';
    return words === '' ? what : `${what}: ${words}`;
  }
  if (denial === 'outside_hours') return `matches, but "${judging.name}" denies outside its hours`;
  if (judging.effect !== rule.effect) return `matches, but ${judging.effect} goes before ${rule.effect}`;
  return `matches, but "${judging.name}" is stricter or stands first`;
}

/** Whether a rule applies, and what its condition says; else what keeps it from it. */
function whyNot(rule: Rule, input: PolicyInput, is_masked: boolean): ConditionWords {
  const mismatch = rule.off === true ? 'it is switched off' : mismatchOf(rule, input);
  return mismatch === null ? conditionWords(rule, input, is_masked) : { applies: false, words: mismatch };
}

/** The first part of the match that does not fit, or null. */
function mismatchOf({ match }: Rule, { agent, action, resource }: PolicyInput): string | null {
  if (!matchesGlob(match.action, action)) return `its action "${match.action}" does not match`;
  if (!matchesGlob(match.resource, resource)) return `its resource "${match.resource}" does not match`;
  if (!match.agents.some((pattern) => matchesGlob(pattern, agent.name)))
    return `none of its agents ${list(match.agents)} matches`;
  if (!match.environments.some((pattern) => matchesGlob(pattern, agent.environment)))
    return `none of its environments ${list(match.environments)} matches`;
  if (!hasLabels(agent.labels, match.labels)) return 'the agent has not the labels that it asks for';
  return null;
}

type ConditionWords = { readonly applies: boolean; readonly words: string };

/** A condition that fails never allows: a rule that denies or requires matches by it. */
function conditionWords(rule: Rule, input: PolicyInput, is_masked: boolean): ConditionWords {
  const { applies, words } = conditionAnswer(rule, input);
  if (words === '' || !is_masked) return { applies, words };
  return { applies, words: `${words} (seen without the masked values)` };
}

function conditionAnswer({ when, effect }: Rule, input: PolicyInput): ConditionWords {
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
