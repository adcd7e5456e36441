// Chooses the way to the app, plays delivery faults, retries events, keeps the log of deliveries.
import { randomUUID } from 'node:crypto';
import { settingsOf, type World } from '../core/world.ts';
import type { Delivery, JsonObject } from '../protocol.ts';
import type { Carrier, Outcome, Parcel } from './outcome.ts';
import { UNDELIVERED } from './outcome.ts';

/** Waits before the retries of an event: at once, a minute, five minutes. Interactions are never sent again. */
const EVENT_RETRY_MS = [0, 60_000, 300_000];

export type Sent = Outcome & { delivery_id: string };
export type Transport = {
  /** Delivers and waits for the acknowledgement; events are retried on their own afterwards. */
  deliver(type: Delivery['type'], payload: JsonObject, acceptsResponse?: boolean): Promise<Sent>;
};

/** Creates the transport over both carriers; the settings choose. */
export function createTransport(world: World, carriers: { socket: Carrier; http: Carrier }): Transport {
  const carrier = () => (settingsOf(world).events_url ? carriers.http : carriers.socket);

  const attempt = async (parcel: Parcel): Promise<Sent> => {
    const isMine = (fault: { type?: Delivery['type'] }) => !fault.type || fault.type === parcel.type;
    if (world.faults.take(['app_rate_limited'], () => true)) {
      await carrier().carry({ ...parcel, type: 'events_api', payload: appRateLimited(world), retryNum: 0 });
    }
    if (world.faults.take(['no_delivery'], isMine)) return record(parcel, UNDELIVERED);
    const isDoubled = world.faults.take(['duplicate_delivery'], isMine) !== null;
    const first = carrier().carry(parcel);
    if (isDoubled)
      void carrier()
        .carry(parcel)
        .then((outcome) => record(parcel, outcome));
    return record(parcel, await first);
  };

  const record = (parcel: Parcel, outcome: Outcome): Sent => {
    const { stopsRetries: _stops, delivered: _delivered, ...told } = outcome;
    const id = randomUUID();
    const { type, payload, retryNum } = parcel;
    world.deliveries.add({ id, at_ms: world.clock.now(), type, payload, retry_num: retryNum, ...told });
    world.changes.touch('delivery');
    return { ...outcome, delivery_id: id };
  };

  const retry = (parcel: Parcel, outcome: Outcome) => {
    const wait = EVENT_RETRY_MS[parcel.retryNum];
    if (outcome.acked || outcome.stopsRetries || wait === undefined) return;
    const retryReason = reasonOf(outcome);
    world.clock.after(wait, () => {
      const again = { ...parcel, retryNum: parcel.retryNum + 1, retryReason };
      void attempt(again).then((next) => retry(again, next));
    });
  };

  return {
    async deliver(type, payload, acceptsResponse = false) {
      const parcel: Parcel = { type, payload, acceptsResponse, retryNum: 0, retryReason: '' };
      const sent = await attempt(parcel);
      if (type === 'events_api') retry(parcel, sent);
      return sent;
    },
  };
}

function reasonOf(outcome: Outcome): string {
  if (outcome.error === 'operation_timed_out') return outcome.via === 'http' ? 'http_timeout' : 'timeout';
  return outcome.error === 'http_error' ? 'http_error' : 'connection_failed';
}

/** https://docs.slack.dev/reference/events/app_rate_limited: it has no inner event. */
function appRateLimited(world: World): JsonObject {
  return {
    token: 'playground',
    type: 'app_rate_limited',
    team_id: world.identity.team.id,
    minute_rate_limited: Math.floor(world.clock.now() / 60_000) * 60,
    api_app_id: world.identity.appId,
  };
}
