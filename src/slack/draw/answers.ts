// The private answers to clicks: what was counted, what was not and why. Pure. One answer for everything that can happen.

import type { NoApprover, Refusal } from '../../domain/request/decision.ts';
import type { ClickRecord, NamedDecision } from '../../domain/request/record.ts';
import type { Choice } from '../../domain/request/request.ts';
import { hasQuestion } from '../../domain/request/shown.ts';
import { currentStage } from '../../domain/request/stages.ts';
import { context, type Message } from './block-kit.ts';
import { REASON_PROBLEM } from './modals.ts';
import { causePhrase, missingText, resultPhrase, tallyText } from './outcome-words.ts';
import { userOf, wholeTitleOf } from './request-words.ts';
import { groupsText, stageNow } from './stage-words.ts';
import { cut, fallback, type Phrase, sentence, withDays } from './text.ts';

const REVOKED: Readonly<Record<string, string>> = {
  revoked:
    'It is revoked: nothing is claimed, begun or used under this approval any more. What ran already is not undone.',
  unchanged: 'This was revoked before. Nothing was changed.',
  nothing_to_revoke: 'Nothing of this approval is left to revoke: it was used, or its time is over.',
  not_approved: 'This is not approved, so there is nothing to revoke.',
  permission_missing:
    'You may not revoke this. Whoever approved it, the owner of its agent, and owners and admins may. Nothing was changed.',
};

/** What became of a wish to revoke: how it ended, or the code of its refusal. */
export function answerRevoked(outcome: string, request_id: string): Message {
  const phrase: Phrase = [REVOKED[outcome] ?? 'Nothing was changed; try again.'];
  return { text: fallback(phrase), blocks: [sentence(phrase), context(request_id)] };
}

/** What went wrong before or instead of an answer of the record. */
export type ClickError =
  | 'not_verified'
  | 'not_recorded'
  | 'unknown_card'
  | 'stale_card'
  | 'not_shown'
  | 'not_listed'
  | 'being_recorded'
  | 'being_read'
  | 'unknown_action';

const TITLE_LENGTH_MAX = 200;

const CLICK_ERRORS: Readonly<Record<ClickError, string>> = {
  not_verified: 'We could not check with Slack who you are. Nothing was recorded; try again.',
  not_recorded:
    'We could not confirm that this was recorded. Try again in a moment: nothing counts twice, and the card shows what counted.',
  unknown_card: 'This card is not one of ours. Nothing was recorded. The Home tab of Placet shows what waits for you.',
  stale_card:
    'This card is out of date. Nothing was recorded. Use the newer card in this channel, or the Home tab of Placet.',
  not_shown: 'We could not show this in time. Nothing was recorded; click again.',
  not_listed: 'We could not read what waits for you. Try again in a moment.',
  being_recorded: 'Your decision is being recorded. The answer follows here.',
  being_read: 'The next page is on its way. Nothing was recorded.',
  unknown_action: 'This button does nothing any more. Nothing was recorded.',
};

const NO_APPROVER: Readonly<Record<NoApprover, string>> = {
  inactive: 'you are listed as inactive. Ask whoever keeps the policy file.',
  outsider:
    'people of other organisations or workspaces do not decide here, ' +
    'unless whoever runs Placet lists theirs (SLACK_TEAM_IDS).',
  deactivated: 'your Slack account is deactivated.',
  guest: 'guests do not decide unless the policy file names their account.',
  bot: 'only people decide.',
  not_linked:
    'we do not know which person your Slack account belongs to. ' +
    'Ask whoever keeps the policy file to list you under people.',
  address_unconfirmed:
    'Slack shows no confirmed address for your account, so nobody can tell that it is still yours. ' +
    'Confirm it in Slack, or ask whoever keeps the policy file to list your account under people.',
  address_changed:
    'your address in Slack is another one than we know you by. ' +
    'Ask whoever keeps the policy file to put the new address in place of the old one; you stay the same person.',
  address_of_another:
    'the address that Slack shows for your account is another person’s here. If both are you, ask an operator to join ' +
    'them (placet person merge); else correct your address in Slack.',
  address_taken:
    'the person with your address has another Slack account. If it is yours too, ask whoever keeps the policy file to ' +
    'list both; if the address was somebody else’s before, ask an operator to end that (placet person end-address).',
  account_of_another:
    'your Slack account was another person’s before, and only an operator moves an account (placet person move-account).',
};

/** The answer to a decision that counts: how far the request is now, or how it ended. */
export function answerCounted(record: ClickRecord, decision: Choice): Message {
  const isOver = record.request.state !== 'pending';
  if (decision === 'deny') return answer(record, [{ bold: 'Your denial counts.' }, ' ', ...resultPhrase(record)]);
  const stand: Phrase = isOver
    ? resultPhrase(record)
    : [
        `That makes ${isNextStage(record) ? 'its stage complete' : tallyText(record)}; it needs ${missingText(record)}.`,
      ];
  return answer(record, [{ bold: 'Your approval counts.' }, ' ', ...stand]);
}

/** The decision that was just counted was the last one that its stage needed. */
function isNextStage({ request, decisions }: ClickRecord): boolean {
  return (decisions.at(-1)?.stage ?? 0) < currentStage(request, decisions);
}

/** The answer to a decision that does not count: why, and what to do. `user_id` is the Slack account that clicked or decided. */
export function answerRefused(record: ClickRecord, refusal: Refusal, user_id: string): Message {
  return answer(record, refusalPhrase(record, refusal, user_id));
}

/** What waits for an account that decides nothing: why, and its name as the policy file would list it. */
export function answerNoApprover(
  refusal: NoApprover,
  account: { readonly team_id: string; readonly user_id: string },
): Message {
  const phrase: Phrase = [`Nothing can wait for you: ${NO_APPROVER[refusal]}`];
  const name = `Your Slack account is ${account.team_id}/${account.user_id}`;
  return { text: fallback(phrase), blocks: [sentence(phrase), context(name)] };
}

/** The answer when there is no request to speak of, or none that may be shown. */
export function answerClickError(error: ClickError, request_id: string | null = null): Message {
  const phrase: Phrase = [CLICK_ERRORS[error]];
  return { text: fallback(phrase), blocks: [sentence(phrase), ...(request_id === null ? [] : [context(request_id)])] };
}

function refusalPhrase(record: ClickRecord, refusal: Refusal, user_id: string): Phrase {
  switch (refusal) {
    case 'already_counted':
      return alreadyCounted(record, user_id);
    case 'closed':
      return ['Nothing was recorded: this is already over. ', ...resultPhrase(record)];
    case 'expired':
      return expiredPhrase(record);
    case 'content_changed':
      return ['Nothing was recorded: what you were shown is not what would run. Open the request again.'];
    case 'is_requester':
      return ['Nothing was recorded: this was asked for you or by your agent, so somebody else must decide.'];
    case 'was_requester':
      return [
        'Nothing was recorded: your account or its address is that of somebody behind this request, or was since it was ' +
          'made, so somebody else must decide.',
      ];
    case 'not_in_group':
      return [`Nothing was recorded: ${membersOf(record)} decide on this, and you are not one of them.`];
    case 'stood_in_for':
      return ['Nothing was recorded: you are away, and your delegate has decided in your place.'];
    case 'stead_spent':
      return ['Nothing was recorded: whoever you could decide for has decided, or somebody else has in that place.'];
    case 'source_unreadable':
      return [
        `Nothing was recorded: ${membersOf(record)} decide on this, and who is in one of these groups cannot be read now, so ` +
          'nobody counts by it. Ask whoever keeps the policy file.',
      ];
    case 'reason_missing':
      return [`Nothing was recorded. ${REASON_PROBLEM}`];
    case 'review_first':
      return [`Nothing was recorded: ${whyReview(record)}. Open Review and approve there.`];
    default:
      return [`Nothing was recorded: ${NO_APPROVER[refusal]}`];
  }
}

function whyReview({ request }: ClickRecord): string {
  return hasQuestion(request)
    ? 'the rule asks more of whoever approves than one click'
    : 'you were not shown everything';
}

function alreadyCounted(record: ClickRecord, user_id: string): Phrase {
  const own = ownDecision(record, user_id);
  const what = own?.decision === 'deny' ? 'denial' : 'approval';
  const when: Phrase = own === undefined ? [] : [' at ', { at: own.decided_at }];
  const isOver = record.request.state !== 'pending';
  const stand: Phrase = isOver ? resultPhrase(record) : [`${tallyText(record)} approvals so far.`];
  return [`Your ${what} was already counted`, ...when, '. ', ...stand];
}

function ownDecision(record: ClickRecord, user_id: string): NamedDecision | undefined {
  return record.decisions.find((decision) => userOf(decision) === user_id);
}

/** The clock closes a request a moment before the record says so; both read the same here. */
function expiredPhrase(record: ClickRecord): Phrase {
  const at = record.request.closed_at ?? record.request.expires_at;
  const when: Phrase = at === null ? [] : [' at ', { at }];
  return [
    'Nothing was recorded: this expired',
    ...when,
    ` with ${tallyText(record)} approvals.`,
    ...causePhrase(record),
    ' Nothing runs.',
  ];
}

function membersOf(record: ClickRecord): string {
  const stage = stageNow(record);
  return stage === undefined ? 'others' : `members of ${groupsText(stage)}`;
}

function answer(record: ClickRecord, phrase: Phrase): Message {
  const { request } = record;
  const dated = withDays(phrase, request);
  const blocks = [sentence(dated), context(cut(wholeTitleOf(request), TITLE_LENGTH_MAX), request.id)];
  return { text: fallback(dated), blocks };
}
