// What went between the app and the playground, and the faults that can be switched on. Types only.
import type { ActErrorCode } from './act-error.ts';
import type { Json, JsonObject } from './things.ts';

/** One Web API call as it came in. `args` hold no token. */
export type ApiCall = {
  seq: number;
  at_ms: number;
  method: string;
  args: JsonObject;
  token_kind: 'bot' | 'app' | 'user' | 'unknown' | 'none';
  ok: boolean;
  /** HTTP status sent; 0: the connection was cut. */
  status: number;
  error?: string;
  /** The fault that was applied, if any. */
  fault?: FaultKind;
  /** The answer's body, also when it was lost on the way. */
  response?: JsonObject;
};

/** One payload on its way to the app. */
export type Delivery = {
  id: string;
  seq: number;
  at_ms: number;
  /** interactive: clicks and views. */
  type: 'interactive' | 'slash_commands' | 'events_api';
  via: 'socket' | 'http' | 'none';
  /** Number of the socket that got it, from 1, or 0. */
  socket: number;
  payload: JsonObject;
  retry_num: number;
  acked: boolean;
  ack_ms: number | null;
  ack?: Json;
  error?: ActErrorCode;
};

export type FaultKind = Fault['kind'];
/** `count`: how many times it still happens; left out: until cleared. `method`: a Web API method, or `*`. */
export type Fault = { id?: string; count?: number } & (
  | { kind: 'http_error'; method: string; status?: number }
  /** The effect happens, then the connection is cut. */
  | { kind: 'lost_answer'; method: string }
  /** `{ ok: false, error }` without effect, such as internal_error, fatal_error, invalid_auth, account_inactive. */
  | { kind: 'api_error'; method: string; error: string; channel?: string }
  | { kind: 'rate_limited'; method: string; retry_after?: number; channel?: string }
  /** Answers `ms` later; the effect happens first. */
  | { kind: 'slow'; method: string; ms: number }
  /** The socket is cut instead of getting the next envelope, which is then lost. */
  | { kind: 'socket_drop' }
  /** The same envelope or request comes twice. */
  | { kind: 'duplicate_delivery'; type?: Delivery['type'] }
  /** An app_rate_limited payload goes out before the next one. */
  | { kind: 'app_rate_limited' }
  /** The next payload reaches no one. */
  | { kind: 'no_delivery'; type?: Delivery['type'] }
);
