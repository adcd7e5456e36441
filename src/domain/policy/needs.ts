// What a rule asks of agent and approvers besides people and time: a justification, a reason, a second look. Pure.

export const NEEDS = ['required', 'optional'] as const;
export type Need = (typeof NEEDS)[number];

/** Each is left out where it need not be. */
export type RuleNeeds = {
  /** The agent's why must come with what it asks. */
  readonly justification?: Need | undefined;
  /** The approver's why, also to approve. */
  readonly reason?: Need | undefined;
  /** Approving takes a second look. */
  readonly confirm?: boolean | undefined;
};

/** The rule that judges, asking for all that any of those asks which match as well: no rule is lost behind a stricter one. */
export function withNeeds<R extends RuleNeeds>(rule: R, matching: readonly RuleNeeds[]): R {
  const isNeeded = (member: 'justification' | 'reason') => matching.some((each) => each[member] === 'required');
  const needs: RuleNeeds = {
    ...(isNeeded('justification') ? { justification: 'required' } : {}),
    ...(isNeeded('reason') ? { reason: 'required' } : {}),
    ...(matching.some(({ confirm }) => confirm === true) ? { confirm: true } : {}),
  };
  const isMore = Object.entries(needs).some(([member, need]) => rule[member as keyof RuleNeeds] !== need);
  return isMore ? { ...rule, ...needs } : rule;
}
