// The approver's hands: finds the card of a request as soon as it is posted, and clicks Approve on it in the playground.

import { setTimeout as pause } from 'node:timers/promises';
import { CONTROL_ROUTES } from '@placet/playground';
import { Pool } from 'undici';
import { APPROVER } from './policy.ts';
import type { Product } from './product.ts';

export type Card = { readonly channel: string; readonly ts: string };

export type Hands = {
  /** The card's place; waits for it. */
  readonly cardOf: (request_id: string) => Promise<Card>;
  /** Resolves once Slack's client would show that the click was taken. */
  readonly approve: (card: Card) => Promise<void>;
  readonly close: () => Promise<void>;
};

const POLL_MS = 25;
const CARD_MS_MAX = 120_000;
const CLICKS_AT_ONCE = 32;

/** Hands on the playground of a product. */
export function createHands(product: Product): Hands {
  if (product.playground === null) throw new Error('this product has no playground');
  const pool = new Pool(product.playground.url, { connections: CLICKS_AT_ONCE });
  const cards = createCards(product);
  return {
    cardOf: cards.cardOf,
    approve: async (card) => {
      const answer = await pool.request({
        method: 'POST',
        path: CONTROL_ROUTES.click,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ as: APPROVER.user_id, ...card, action_id: 'approve' }),
      });
      const result = (await answer.body.json()) as { readonly acked?: boolean; readonly error?: string };
      if (result.acked !== true) throw new Error(`the click was not taken: ${result.error}`);
    },
    close: async () => {
      await cards.stop();
      await pool.destroy();
    },
  };
}

type Wanted = {
  readonly found: (card: Card) => void;
  readonly lost: (error: Error) => void;
  readonly until_ms: number;
};

/** One look for all that wait for a card, so that the looking stays cheap however many wait. */
function createCards({ sql }: Product): { cardOf: Hands['cardOf']; stop: () => Promise<void> } {
  const wanted = new Map<string, Wanted>();
  const stopping = new AbortController();
  const look = async () => {
    if (wanted.size === 0) return;
    const rows = await sql<Card & { id: string }>(
      `select request_id as id, channel_id as channel, ts from placet.slack_messages
       where tenant_id = 'default' and request_id = any ($1) and kind = 'card' and state = 'posted'`,
      [[...wanted.keys()]],
    );
    for (const { id, channel, ts } of rows) {
      wanted.get(id)?.found({ channel, ts });
      wanted.delete(id);
    }
    for (const [id, { lost, until_ms }] of wanted) if (until_ms < Date.now()) lost(new Error(`no card for ${id}`));
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await look().catch((error: Error) => {
        for (const { lost } of wanted.values()) lost(error);
      });
      await pause(POLL_MS);
    }
  };
  const looping = loop();
  return {
    cardOf: (id) =>
      new Promise((found, lost) => {
        wanted.set(id, { found, lost, until_ms: Date.now() + CARD_MS_MAX });
      }),
    stop: async () => {
      stopping.abort();
      await looping;
    },
  };
}
