// What the ways of delivery have in common: the payload to send and what became of it.
import type { ActErrorCode, Delivery, Json, JsonObject } from '../protocol.ts';

/** Time that an app has to acknowledge. */
export const ACK_MS_MAX = 3_000;

export type Parcel = {
  type: Delivery['type'];
  payload: JsonObject;
  /** Whether the acknowledgement may carry an answer. */
  acceptsResponse: boolean;
  retryNum: number;
  retryReason: string;
};

export type Outcome = {
  via: Delivery['via'];
  socket: number;
  delivered: boolean;
  acked: boolean;
  ack_ms: number | null;
  ack?: Json;
  error?: ActErrorCode;
  /** The app asked for no more retries. */
  stopsRetries?: boolean;
};

/** One way to reach the app. */
export type Carrier = { carry(parcel: Parcel): Promise<Outcome> };

/** Reached no one. */
export const UNDELIVERED: Outcome = {
  via: 'none',
  socket: 0,
  delivered: false,
  acked: false,
  ack_ms: null,
  error: 'no_listener',
};
