// What whoever approves was shown, whether that is enough, and what more a rule asks of them. Pure.

import type { ApprovalRequest, Choice } from './request.ts';

type Subject = Pick<ApprovalRequest, 'requirement' | 'needs_review'>;

/**
 * What a decision was made from: a list only names the request, a card shows what fits, a modal the whole content, and
 * `confirmed` is the whole content with a second look.
 */
export type Shown = 'name' | 'card' | 'whole' | 'confirmed';

/** Nobody approves what they were not shown: a name never is enough, a card is where it holds all that would run. */
export function isShownEnough(request: Subject, shown: Shown): boolean {
  switch (shown) {
    case 'confirmed':
      return true;
    case 'whole':
      return request.requirement?.confirm !== true;
    case 'card':
      return isApprovedOnCard(request);
    case 'name':
      return false;
  }
}

/** True when one click on a card may approve: it holds all that would run, and nothing more is asked of the approver. */
export function isApprovedOnCard({ needs_review, requirement }: Subject): boolean {
  return !needs_review && !hasQuestion({ requirement });
}

/** True when whoever approves is asked something more after the whole content: for a reason, or once more. */
export function hasQuestion({ requirement }: Pick<Subject, 'requirement'>): boolean {
  return requirement?.confirm === true || requirement?.reason === 'required';
}

/** "a reason and a second look": what is asked of whoever approves besides; empty where nothing is. */
export function questionText({ requirement }: Pick<Subject, 'requirement'>): string {
  const questions = [
    ...(requirement?.reason === 'required' ? ['a reason'] : []),
    ...(requirement?.confirm ? ['a second look'] : []),
  ];
  return questions.join(' and ');
}

/** True where a decision needs its reason: a denial always does. */
export function needsReason({ requirement }: Pick<Subject, 'requirement'>, decision: Choice): boolean {
  return decision === 'deny' || requirement?.reason === 'required';
}
