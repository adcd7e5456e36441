// What a delivery is and what it needs: the record at one moment, Slack, and how to post, find and redraw. Types only.

import type { CardRecord } from '../../domain/request/record.ts';
import type { QueueKey } from '../../domain/work/queue.ts';
import type { AdvanceDeps, Opened } from '../../service/clock/advance.ts';
import type { SlackMessage } from '../../service/clock/deliveries.ts';
import type { Settled } from '../../service/clock/together.ts';
import type { Message } from '../draw/block-kit.ts';
import type { ShownAccount } from './find-account.ts';
import type { FindInput, FoundPosts } from './find-posts.ts';
import type { Addressed, CardToSend, FoundAnswer, Place, PostAnswer, UpdateAnswer } from './web-api.ts';

/** A direct message, and the id of ours by which it is found again. */
export type AddressedPerson = { readonly user_id: string; readonly id: string };

/** What a delivery needs of Slack: one try each. Answers are data; teamId and findByEmail throw SlackUnavailable. */
export type Messenger = {
  readonly teamId: () => Promise<string>;
  /** The same without asking; null before it was asked once. */
  readonly knownTeamId: () => string | null;
  readonly findByEmail: (email: string) => Promise<ShownAccount | null>;
  readonly postCard: (to: Addressed, message: CardToSend) => Promise<PostAnswer>;
  readonly updateCard: (place: Place, message: CardToSend) => Promise<UpdateAnswer>;
  readonly findMessage: (place: Place) => Promise<FoundAnswer>;
  readonly postReply: (to: Place & Addressed, message: Message) => Promise<PostAnswer>;
  readonly postDm: (to: AddressedPerson, message: Message) => Promise<PostAnswer>;
  readonly findPosts: (sought: FindInput) => Promise<FoundPosts>;
  readonly findDms: (sought: Pick<FindInput, 'id' | 'since'> & AddressedPerson) => Promise<FoundPosts>;
  readonly disableButtons: (place: Place, request_id: string) => Promise<UpdateAnswer>;
};

export type DeliverDeps = AdvanceDeps & {
  readonly messenger: Messenger;
  /** Hears of each error once for which Slack refused a message, for the operator's log. */
  readonly onRefused: (refused: RefusedMessage) => void;
};

/** What Slack refused, why, and when it is tried again; null: never. */
export type RefusedMessage = {
  readonly request_id: string;
  readonly kind: string;
  readonly code: string;
  readonly next_attempt_at: Date | null;
};

/** The record at one moment: everything that one try delivers is drawn from it. */
export type Snapshot = {
  readonly tenant_id: string;
  readonly record: CardRecord;
  readonly messages: readonly SlackMessage[];
  readonly now: Date;
  readonly team_id: string;
  /** What was prepared for several messages at once; null where each goes by itself. */
  readonly together: Together | null;
};

export type Delivery = {
  readonly kind: SlackMessage['kind'];
  readonly destination: string;
  /** Posts it with this id of ours in it. */
  readonly post: (id: string) => Promise<PostAnswer>;
  /** Looks for posts with that id, made since then, whose answer was lost. */
  readonly find: (id: string, since: Date) => Promise<FoundPosts>;
  readonly redraw: ((place: Place) => Promise<UpdateAnswer>) | null;
};

/** A message whose turn was taken with that of others. */
export type CallingMessage = {
  readonly row: SlackMessage;
  readonly key: QueueKey;
  /** Leaves what became of it to be kept with the others. */
  readonly settle: (settled: Settled) => void;
};

/** What was prepared for several messages at once. */
export type Together = Pick<Opened, 'is_tied' | 'owner_accounts'> & {
  /** The message if its turn was taken with the others; once, since whoever delivers it again takes a turn of its own. */
  readonly take: (delivery: Pick<Delivery, 'kind' | 'destination'>) => CallingMessage | null;
  /** All that is to be kept: also the turns that nobody needed. */
  readonly all: () => readonly Settled[];
};
