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

const POLL_MS = 20;
const CARD_MS_MAX = 120_000;
const CLICKS_AT_ONCE = 32;

/** Hands on the playground of a product. */
export function createHands(product: Product): Hands {
  if (product.playground === null) throw new Error('this product has no playground');
  const pool = new Pool(product.playground.url, { connections: CLICKS_AT_ONCE });
  return {
    cardOf: async (request_id) => {
      for (const end = Date.now() + CARD_MS_MAX; Date.now() < end; await pause(POLL_MS)) {
        const [card] = await product.sql<Card>(
          `select channel_id as channel, ts from placet.slack_messages
           where tenant_id = 'default' and request_id = $1 and kind = 'card' and state = 'posted'`,
          [request_id],
        );
        if (card !== undefined) return card;
      }
      throw new Error(`no card for ${request_id}`);
    },
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
    close: () => pool.destroy(),
  };
}
