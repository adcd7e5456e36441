// How payloads reach us, as the app sees it: Socket Mode or signed HTTP behind one shape. Types only.

import type { Receiver as BoltReceiver } from '@slack/bolt';

export type Receiver = {
  readonly bolt: BoltReceiver;
  /** Begins to listen; throws when Slack refuses the token. It may still be away afterwards, which `isConnected` tells. */
  readonly start: () => Promise<void>;
  /** Stops listening. Never throws; what is under way goes on. */
  readonly stop: () => Promise<void>;
  readonly isConnected: () => boolean;
};
