// The model's Slack door: who a click is by, whether it counts, what the person is told. Rules as the documents tell them.

import type { Account, Click, Person } from './calls.ts';
import { type Answered, change, count } from './doors.ts';
import { accountsOf, type Looked, syncMember } from './members.ts';
import { approvals, type Refusal, toldCounted, toldRefused } from './sentences.ts';
import { type Choice, emailPerson, linkedPerson, namedBy, nowOf, peopleIn, type Request, type State } from './world.ts';

/** Which Slack user group the record says that dba is. */
export function lookAtGroup(state: State, looked: Looked): Looked {
  return { ...looked, group: state.dba.slack };
}

/** What Slack says of the account. */
export function lookAtAccount(state: State, looked: Looked, who: Account): Looked {
  return { ...looked, is_off: state.off.includes(who) };
}

/** Whom Slack lists in the user group. */
export function lookAtMembers(state: State, looked: Looked): Looked {
  const { group = null } = looked;
  return { ...looked, members: group === null ? [] : state.user_groups[group] };
}

/** The moment at which a decision is recorded, or refused. */
export function decide(state: State, click: Click, looked: Looked): Answered {
  const { request } = state;
  if (request === null) throw new Error('a card shows a request');
  const identified = identify(state, click.who, { ...looked, is_about_dba: isAboutDba(request) });
  if ('refusal' in identified) return refuse(state, request, { ...identified, who: click.who });
  const { person } = identified;
  const synced = lookedAt(identified.state, request, { person, looked });
  const choice: Choice = click.kind === 'submit' && click.modal === 'deny' ? 'deny' : 'approve';
  const modal = click.kind === 'submit' ? click : null;
  const { who } = click;
  const refusal = refusalOf(synced, request, { who, person, choice, modal });
  if (refusal !== null) return refuse(synced, request, { refusal, who, person });
  const reason = click.kind === 'submit' && choice === 'deny' ? click.reason : null;
  const decisions = [...request.decisions, { person, account: who, choice, reason, has_moved: false }];
  const isQuorum = approvals({ ...request, decisions }) >= request.quorum;
  const to = choice === 'deny' ? 'denied' : isQuorum ? 'approved' : 'pending';
  const after = { ...request, decisions, state: to } as const;
  const ended = to === 'pending' ? [] : [`approval_request.${to}`];
  const granted = to === 'approved' && request.credential !== null ? ['grant.created'] : [];
  const counted = count(change(synced, after), 'decision.recorded', ...ended, ...granted);
  return { state: counted, answer: toldCounted(after, choice) };
}

/** A click on Deny…: opens the modal unless there is nothing left to deny for this account. */
export function openDeny(state: State, who: Account): Answered {
  const { request } = state;
  if (request === null) throw new Error('a card shows a request');
  const own = request.decisions.find(({ account }) => account === who);
  if (own !== undefined) return { state, answer: toldRefused(request, 'already_counted', who, own.person) };
  if (request.state === 'pending') return { state, answer: 'modal to submit' };
  return { state, answer: toldRefused(request, request.state === 'expired' ? 'expired' : 'closed', who, null) };
}

/** A click on Review: shows all of it to approvers and the people behind it, and remembers that. */
export function openReview(state: State, who: Account, looked: Looked): Answered {
  const { request } = state;
  if (request === null) throw new Error('a card shows a request');
  const identified = identify(state, who, { ...looked, is_about_dba: isAboutDba(request) });
  if ('refusal' in identified) return { state, answer: toldRefused(request, identified.refusal, who, null) };
  const { person } = identified;
  const synced = lookedAt(identified.state, request, { person, looked });
  const mayLook = request.excluded.includes(person) || isMember(synced, request, person);
  if (!mayLook) return { state: synced, answer: toldRefused(request, 'not_in_group', who, person) };
  const isNew = !request.seen.includes(person);
  const seen = isNew ? count(change(synced, { seen: [...request.seen, person].sort() }), 'content.viewed') : synced;
  return { state: seen, answer: request.state === 'pending' ? 'modal to submit' : 'modal' };
}

/** What a click on another request leaves in the facts that all share: the account's link, and who is in dba. */
export function touch(state: State, who: Account, looked: LookedFor): State {
  const identified = identify(state, who, looked);
  if ('refusal' in identified) return state;
  return looked.is_about_dba ? syncMember(identified.state, identified.person, looked) : identified.state;
}

/** Home identifies the account as a click does, and keeps nothing of who is in dba; null when that changes nothing. */
export function home(state: State, who: Account): State | null {
  const looked = lookAtMembers(state, lookAtAccount(state, lookAtGroup(state, {}), who));
  const identified = identify(state, who, { ...looked, is_about_dba: true });
  return 'refusal' in identified || identified.state === state ? null : identified.state;
}

/** Before a card, the worker looks for the addresses of ann where she has no account. */
export function lookAtUntied(state: State, looked: Looked): Looked {
  const addresses = state.has_second_address ? [false, true] : [false];
  return { ...looked, untied: accountsOf(state, 'ann').length > 0 ? [] : addresses };
}

/** Which account Slack finds by them; it finds none that is deactivated. */
export function lookAtShown(state: State, looked: Looked): Looked {
  const shown = (looked.untied ?? []).flatMap((isNew) => {
    const account = (['ann', 'ann2'] as const).find((each) => state.renamed.includes(each) === isNew);
    return account === undefined || state.off.includes(account) ? [] : [account];
  });
  return { ...looked, shown };
}

/** It is linked then, unless it is by now, or another one is by its address; null without a link to make. */
export function tie(state: State, { shown = [] }: Looked): State | null {
  const [account] = shown;
  const isTied = account === undefined || state.links[account] !== undefined;
  const isOther = accountsOf(state, 'ann').some((each) => state.links[each] === 'email');
  return isTied || isOther ? null : linked(state, account, 'ann');
}

/** With whether the request is one on which dba decides. */
type LookedFor = Looked & { readonly is_about_dba: boolean };

type Refused = { readonly refusal: Refusal; readonly who: Account; readonly person?: Person };

function refuse(state: State, request: Request, { refusal, who, person }: Refused): Answered {
  return { state: count(state, 'decision.refused'), answer: toldRefused(request, refusal, who, person ?? null) };
}

function identify(
  state: State,
  who: Account,
  looked: LookedFor,
): { readonly state: State; readonly person: Person } | { readonly refusal: Refusal } {
  if (looked.is_off === true) return { refusal: 'deactivated' };
  if (who === 'oly') return { refusal: 'outsider' };
  if (who === 'gus' && state.links.gus !== 'policy') return { refusal: 'guest' };
  const own = emailPerson(who);
  if (own === null) return { refusal: 'not_linked' };
  if (who === 'ann2' && state.is_moved) return identifyMoved(state);
  const person = nowOf(state, own);
  // An address that is nobody's: the file alone vouches for an account that shows it.
  const isKnownAddress = !state.renamed.includes(who) || state.has_second_address;
  const link = state.links[who];
  if (link !== undefined)
    return isKnownAddress || link === 'policy' ? { state, person } : { refusal: 'address_changed' };
  if (!isKnownAddress) return { refusal: state.had_link.includes(who) ? 'account_of_another' : 'not_linked' };
  const isKnown = state.people.includes(person) || namedBy(state.policy).includes(person);
  if (!isKnown && !isListed(state, who, looked)) return { refusal: 'not_linked' };
  // The first account is linked by its e-mail; any other only by the policy file.
  if (accountsOf(state, person).length > 0) return { refusal: 'address_taken' };
  return { state: linked(state, who, person), person };
}

/** The account that was moved to cyd: good for cyd as long as it shows no address of ann's. */
function identifyMoved(
  state: State,
): { readonly state: State; readonly person: Person } | { readonly refusal: Refusal } {
  const isAnns = !state.renamed.includes('ann2') || state.has_second_address;
  const person = linkedPerson(state, 'ann2');
  return isAnns || person === null ? { refusal: 'address_of_another' } : { state, person };
}

/** Slack lists the account in the user group that decides. */
function isListed({ dba }: State, who: Account, { is_about_dba, group = null, members = [] }: LookedFor): boolean {
  return is_about_dba && group !== null && group === dba.slack && members.includes(who);
}

function linked(state: State, who: Account, person: Person): State {
  const people = [...new Set([...state.people, person])].sort();
  const had_link = [...new Set([...state.had_link, who])].sort();
  return { ...state, people, had_link, links: sorted({ ...state.links, [who]: 'email' }) };
}

function isAboutDba({ groups }: Request): boolean {
  return groups.includes('dba');
}

/** Links in one order, so that equal states are equal texts. */
export function sorted(links: State['links']): State['links'] {
  return Object.fromEntries(Object.entries(links).sort(([a], [b]) => (a < b ? -1 : 1)));
}

type By = { readonly person: Person; readonly looked: Looked };

function lookedAt(state: State, request: Request, { person, looked }: By): State {
  return isAboutDba(request) ? syncMember(state, person, looked) : state;
}

function isMember(state: State, { groups }: Request, person: Person): boolean {
  return peopleIn(state, groups).includes(person);
}

type Attempt = {
  readonly who: Account;
  readonly person: Person;
  readonly choice: Choice;
  /** From a modal, or from the card. */
  readonly modal: { readonly is_altered: boolean } | null;
};

function refusalOf(state: State, request: Request, { who, person, choice, modal }: Attempt): Refusal | null {
  const isBySame = request.decisions.some((decision) => decision.person === person || decision.account === who);
  if (isBySame) return 'already_counted';
  if (request.state === 'expired') return 'expired';
  if (request.state !== 'pending') return 'closed';
  if (state.is_time_over) return 'expired';
  if (request.excluded.includes(person)) return 'is_requester';
  if (who === 'ann2' && request.was_ann2_behind) return 'was_requester';
  if (!isMember(state, request, person)) return 'not_in_group';
  if (modal?.is_altered === true) return 'content_changed';
  const hasSeenAll = modal !== null && request.seen.includes(person);
  return choice === 'approve' && request.body.is_long && !hasSeenAll ? 'review_first' : null;
}
