// What a person is told, in the model's own words: every moment reads T, every name and account is the model's.

import type { Account, Person } from './calls.ts';
import type { Choice, Request } from './world.ts';

export type Refusal =
  | 'outsider'
  | 'deactivated'
  | 'guest'
  | 'not_linked'
  | 'address_taken'
  | 'address_changed'
  | 'address_of_another'
  | 'account_of_another'
  | 'already_counted'
  | 'closed'
  | 'expired'
  | 'is_requester'
  | 'was_requester'
  | 'not_in_group'
  | 'content_changed'
  | 'review_first';

/** The answer to a decision that counts. */
export function toldCounted(request: Request, choice: Choice): string {
  if (choice === 'deny') return `Your denial counts. ${ending(request)}`;
  if (request.state === 'approved') return `Your approval counts. ${ending(request)}`;
  const missing = request.quorum - approvals(request);
  return `Your approval counts. That makes ${tally(request)}; it needs ${missing} more of ${groups(request)}.`;
}

/** The answer to one that does not; `person` is whom the account stands for, if it does for anybody. */
export function toldRefused(request: Request, refusal: Refusal, who: Account, person: Person | null): string {
  switch (refusal) {
    case 'already_counted': {
      const own =
        request.decisions.find((decision) => decision.person === person) ??
        request.decisions.find((decision) => decision.account === who);
      const stand = request.state === 'pending' ? `${tally(request)} approvals so far.` : ending(request);
      return `Your ${own?.choice === 'deny' ? 'denial' : 'approval'} was already counted at T. ${stand}`;
    }
    case 'closed':
      return `Nothing was recorded: this is already over. ${ending(request)}`;
    case 'expired':
      return `Nothing was recorded: this expired at T with ${tally(request)} approvals. Nothing runs.`;
    case 'is_requester':
      return 'Nothing was recorded: this was asked for you or by your agent, so somebody else must decide.';
    case 'was_requester':
      return (
        'Nothing was recorded: your account or its address is that of somebody behind this request, or was since it was ' +
        'made, so somebody else must decide.'
      );
    case 'not_in_group':
      return `Nothing was recorded: members of ${groups(request)} decide on this, and you are not one of them.`;
    case 'content_changed':
      return 'Nothing was recorded: what you were shown is not what would run. Open the request again.';
    case 'review_first':
      return 'Nothing was recorded: you were not shown everything. Open Review and approve there.';
    case 'outsider':
      return (
        'Nothing was recorded: people of other organisations or workspaces do not decide here, ' +
        'unless whoever runs Placet lists theirs (SLACK_TEAM_IDS).'
      );
    case 'deactivated':
      return 'Nothing was recorded: your Slack account is deactivated.';
    case 'guest':
      return 'Nothing was recorded: guests do not decide unless the policy file names their account.';
    case 'not_linked':
      return (
        'Nothing was recorded: we do not know which person your Slack account belongs to. ' +
        'Ask whoever keeps the policy file to list you under people.'
      );
    case 'address_changed':
      return (
        'Nothing was recorded: your address in Slack is another one than we know you by. ' +
        'Ask whoever keeps the policy file to put the new address in place of the old one; you stay the same person.'
      );
    case 'address_of_another':
      return (
        'Nothing was recorded: the address that Slack shows for your account is another person’s here. If both are you, ' +
        'ask an operator to join them (placet person merge); else correct your address in Slack.'
      );
    case 'account_of_another':
      return (
        'Nothing was recorded: your Slack account was another person’s before, and only an operator moves an account ' +
        '(placet person move-account).'
      );
    case 'address_taken':
      return (
        'Nothing was recorded: the person with your address has another Slack account. If it is yours too, ask whoever ' +
        'keeps the policy file to list both; if the address was somebody else’s before, ask an operator to end that ' +
        '(placet person end-address).'
      );
  }
}

/** How many approvals count; one person counts once, whatever accounts there are. */
export function approvals({ decisions }: Request): number {
  const counting = decisions.filter(({ choice, has_moved }) => choice === 'approve' && !has_moved);
  return new Set(counting.map(({ person }) => person)).size;
}

function tally(request: Request): string {
  return `${approvals(request)} of ${request.quorum}`;
}

function groups(request: Request): string {
  return request.groups.join(' or ');
}

function ending(request: Request): string {
  const names = (choice: Choice) =>
    request.decisions
      .filter((decision) => decision.choice === choice)
      .map(({ person, account }) => `${person} (@${account}) at T`)
      .join(', ');
  switch (request.state) {
    case 'pending':
      return '';
    case 'approved':
      return `Approved by ${names('approve')}.`;
    case 'denied': {
      const reason = request.decisions.find(({ choice }) => choice === 'deny')?.reason ?? '';
      return `Denied by ${names('deny')}. Reason: “${reason}”`;
    }
    case 'expired':
      return `Expired at T with ${tally(request)} approvals. Nothing runs.`;
    case 'cancelled':
      return 'Cancelled by the agent at T. Nothing runs.';
  }
}
