// What every part of the playground shares: identity of the app, records, clock, logs. Wiring only, no rules.
import type { ApiCall, Delivery, Seed, Settings, Team } from '../protocol.ts';
import type { Changes } from './changes.ts';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Log } from './log.ts';
import type { Store } from './store.ts';

type Identity = {
  appId: string;
  appName: string;
  botId: string;
  botUserId: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  team: Team;
};

export type World = {
  identity: Identity;
  seed: Seed;
  store: Store;
  clock: Clock;
  changes: Changes;
  faults: Faults;
  calls: Log<ApiCall>;
  deliveries: Log<Delivery>;
  /** Messages kept per channel. */
  messagesMax: number;
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  url: string;
};

/** The settings as they are now. */
export function settingsOf(world: World): Settings {
  const settings = world.store.get('settings', 'settings');
  if (!settings) throw new Error('the playground was not seeded');
  return settings;
}
