// What the Slack door reads and records for an approver besides the decision: content views, the queue, the card's place.

import { recordEvent } from '../../audit/record.ts';
import * as absences from '../../db/absences.ts';
import * as contentViews from '../../db/content-views.ts';
import type { Tx } from '../../db/database.ts';
import { inOrder } from '../../db/in-order.ts';
import type { SlackMessage } from '../../db/messages.ts';
import * as messages from '../../db/messages.ts';
import { CARD, GROUPS, VIEWED } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import type { Profile } from '../../domain/people/account.ts';
import { type AskedSource, type SourceAnswer, sourcesToAsk } from '../../domain/people/membership.ts';
import { lookRefusal, type Refusal } from '../../domain/request/decision.ts';
import type { CardRecord } from '../../domain/request/record.ts';
import { keepCopy } from '../clock/deliveries.ts';
import type { ServiceDeps } from '../deps.ts';
import { lockUnderPolicy } from '../locked.ts';
import { approverOf, type IdentifyDeps, identify, isMemberOf } from './identify.ts';

type ReadDeps = Pick<ServiceDeps, 'transact'>;

/** What of a request a modal is drawn from that decides nothing yet; throws not_found. */
export function readCard(deps: ReadDeps, tenant_id: string, request_id: string): Promise<CardRecord> {
  return deps.transact(tenant_id, async (tx) => {
    const record = isId('request', request_id) ? await requestRecords.readRequestRecord(tx, request_id, CARD) : null;
    if (record === null) throw new PlacetError('not_found');
    return record;
  });
}

/** A request that is clicked on, as far as the door must know it: which sources are to be asked before it is judged. */
export type ClickedRequest = {
  readonly id: string;
  readonly sources: readonly AskedSource[];
  /** Accounts of people who are away and in whose place the click may be made. */
  readonly accounts: readonly string[];
};

/** The request of a click that names it without a card; throws not_found. */
export function readClicked(deps: ReadDeps, tenant_id: string, request_id: string): Promise<ClickedRequest> {
  return deps.transact(tenant_id, async (tx) => {
    const clicked = isId('request', request_id) ? await clickedIn(tx, request_id) : null;
    if (clicked === null) throw new PlacetError('not_found');
    return clicked;
  });
}

async function clickedIn(tx: Tx, id: string): Promise<ClickedRequest | null> {
  const record = await requestRecords.readRequestRecord(tx, id, GROUPS);
  if (record === null) return null;
  const sources = sourcesToAsk(record.parts);
  const accounts = sources.length === 0 ? [] : await absences.listAwayAccounts(tx);
  return { id, sources, accounts };
}

export type ContentViewInput = {
  readonly tenant_id: string;
  readonly request_id: string;
  readonly profile: Profile;
  /** What the sources of its groups answered to this very click. */
  readonly answers: readonly SourceAnswer[];
};

export type ContentViewAnswer =
  | { readonly kind: 'recorded'; readonly record: CardRecord }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly record: CardRecord };

/** Records that this person was shown all of the content, once; only approvers and the people behind it get to see it. */
export function recordContentView(deps: IdentifyDeps, input: ContentViewInput): Promise<ContentViewAnswer> {
  return deps.transact(input.tenant_id, async (begun): Promise<ContentViewAnswer> => {
    // Locked as a decision locks it, first of all: the same person may be deciding at this moment.
    const locked = await lockUnderPolicy(begun, input.request_id, VIEWED);
    if (locked === null) throw new PlacetError('not_found');
    const { tx, record } = locked;
    const is_member = isMemberOf(record, input.answers, input.profile);
    const identified = await identify(deps, tx, { profile: input.profile, is_member });
    if (identified.kind === 'refused') return { kind: 'refused', refusal: identified.refusal, record };
    const approver = await approverOf(tx, { ...input, record }, identified.principal);
    const refusal = lookRefusal(record.request, approver);
    if (refusal !== null) return { kind: 'refused', refusal, record };
    const { request_id } = input;
    const { digest } = record.request;
    const { principal: actor } = identified;
    if (await contentViews.insertContentView(tx, request_id, approver.person_id, digest))
      await recordEvent(deps, tx, { type: 'content.viewed', outcome: 'success', actor, request_id, digest, facts: {} });
    return { kind: 'recorded', record };
  });
}

export type CardPlace = {
  readonly tenant_id: string;
  readonly team_id: string;
  readonly channel_id: string;
  readonly ts: string;
  /** The opaque id in the button's value: it must be the one that the record has for this place. */
  readonly request_id: string;
};

export type CardFound =
  | { readonly kind: 'live'; readonly clicked: ClickedRequest }
  | { readonly kind: 'stale' | 'unknown' };

/** Whether a clicked message is the live card of that request. A post whose answer was lost is adopted by its first click. */
export function findCard(deps: ServiceDeps, place: CardPlace): Promise<CardFound> {
  return deps.transact(place.tenant_id, async (tx): Promise<CardFound> => {
    const { team_id, channel_id, ts, request_id } = place;
    // Sent together: one round trip. Of groups whose source is asked, more is read behind it.
    const [known, clicked] = await inOrder(tx, [
      (tx) => messages.findByPlace(tx, channel_id, ts),
      isId('request', request_id) ? (tx) => clickedIn(tx, request_id) : null,
    ]);
    if (clicked === null) return { kind: 'unknown' };
    if (known !== null) return cardOf(known, clicked);
    const isAdopted = await messages.adoptPlace(tx, {
      request_id,
      kind: 'card',
      destination: channel_id,
      team_id,
      channel_id,
      ts,
    });
    if (isAdopted) return { kind: 'live', clicked };
    // Another click, or the answer of the post itself, may just have stored this very place: that is no other copy.
    const stored = await messages.findByPlace(tx, channel_id, ts);
    if (stored !== null) return cardOf(stored, clicked);
    // Known from now on: should its buttons not go at once, the worker takes them away.
    await keepCopy(deps, tx, { request_id, team_id, channel_id, ts });
    return { kind: 'stale' };
  });
}

function cardOf(message: SlackMessage, clicked: ClickedRequest): CardFound {
  if (message.request_id !== clicked.id) return { kind: 'unknown' };
  return message.kind === 'copy' ? { kind: 'stale' } : { kind: 'live', clicked };
}
