// The approver of the bench: finds the card of a request as soon as it is posted, and approves it in the playground.

import { setTimeout as pause } from 'node:timers/promises';
import { approver, type CardPlace, createPlaygroundClient, type Send } from '@placet/playground';
import { Pool } from 'undici';
import { APPROVER } from './policy.ts';
import type { Product } from './product.ts';

export type Approver = {
  /** The card's place; waits for it. */
  readonly cardOf: (request_id: string) => Promise<CardPlace>;
  /** Resolves once Slack's client would show that the click was taken. */
  readonly approve: (card: CardPlace) => Promise<void>;
  readonly close: () => Promise<void>;
};

const POLL_MS = 25;
const CARD_MS_MAX = 120_000;
const CLICKS_AT_ONCE = 32;

/** An approver before the playground of a product. */
export function createApprover(product: Product): Approver {
  if (product.playground === null) throw new Error('this product has no playground');
  const { url } = product.playground;
  const pool = new Pool(url, { connections: CLICKS_AT_ONCE });
  const screen = { slack: createPlaygroundClient(url, sendOver(pool)) };
  const cards = createCards(product);
  return {
    cardOf: cards.cardOf,
    approve: (card) => approver.press(screen, APPROVER.user_id, card),
    close: async () => {
      await cards.stop();
      await pool.destroy();
    },
  };
}

/** Through a pool of connections, which costs the bench's own process less than fetch does. */
function sendOver(pool: Pool): Send {
  return async (url, init) => {
    const { pathname, search } = new URL(url);
    const { statusCode, body } = await pool.request({ ...init, path: pathname + search });
    return { ok: statusCode < 400, json: () => body.json() };
  };
}

type Wanted = {
  readonly found: (card: CardPlace) => void;
  readonly lost: (error: Error) => void;
  readonly until_ms: number;
};

/** One look for all that wait for a card, so that the looking stays cheap however many wait. */
function createCards({ sql }: Product): { cardOf: Approver['cardOf']; stop: () => Promise<void> } {
  const wanted = new Map<string, Wanted>();
  const stopping = new AbortController();
  const look = async () => {
    if (wanted.size === 0) return;
    const rows = await sql<CardPlace & { id: string }>(
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
