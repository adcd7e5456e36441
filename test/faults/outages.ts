// PostgreSQL and Temporal go away under traffic, for seconds to minutes, and come back; Temporal also without its memory.
import { setTimeout as pause } from 'node:timers/promises';
import type { Role } from '../support/product.ts';
import type { Chance } from './chance.ts';
import type { Scene } from './points.ts';
import type { Stop } from './servers.ts';
import { ROLES } from './world.ts';

export type Outage = {
  readonly server: 'postgres' | 'temporal';
  readonly how: Stop;
  readonly seconds: number;
  /** Temporal's file is gone when it comes back. */
  readonly isWiped: boolean;
  /** Killed while the server is away, and started again after it is back. */
  readonly killed: Role | null;
};

const LONG_SECONDS_MIN = 120;
const LONG_SECONDS_MORE = 120;
const SHORT_SECONDS_MAX = 15;

/** Every way in which a server goes, in some order, for some seconds; one way of this server for minutes. */
export function planOutages(chance: Chance, long: Outage['server']): Outage[] {
  const ways: Omit<Outage, 'seconds' | 'killed'>[] = [
    { server: 'postgres', how: 'orderly', isWiped: false },
    { server: 'postgres', how: 'immediate', isWiped: false },
    { server: 'postgres', how: 'kill -9', isWiped: false },
    { server: 'temporal', how: 'orderly', isWiped: false },
    { server: 'temporal', how: 'kill -9', isWiped: false },
    { server: 'temporal', how: 'kill -9', isWiped: true },
  ];
  const longest = chance.pick(ways.filter(({ server }) => server === long));
  const seconds = (way: (typeof ways)[number]) =>
    way === longest ? LONG_SECONDS_MIN + chance.below(LONG_SECONDS_MORE) : 1 + chance.below(SHORT_SECONDS_MAX);
  return chance.shuffle(ways.map((way) => ({ ...way, seconds: seconds(way), killed: chance.pick([null, ...ROLES]) })));
}

/** What an outage is called in the table and the trace. */
export function nameOfOutage({ server, how, isWiped }: Outage): string {
  return `${server}: ${how}${isWiped ? ', file wiped' : ''}`;
}

/** Takes the server away and brings it back; whoever is in the middle of something has to bear it. */
export async function sufferOutage({ world }: Scene, outage: Outage): Promise<void> {
  const name = nameOfOutage(outage);
  const server = world.servers[outage.server];
  await server.stop(outage.how);
  world.trace.note('away', name, `for ${outage.seconds} s`);
  if (outage.killed !== null) await world.kill(outage.killed);
  if (outage.isWiped) world.servers.temporal.wipe();
  // The length of an outage is its nature; nothing is expected to have happened by its end.
  await pause(outage.seconds * 1_000);
  await server.start();
  world.trace.note('back', name);
  if (outage.killed !== null) await world.start(outage.killed);
}
