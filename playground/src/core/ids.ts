// Makes ids, hashes and message timestamps in Slack's shapes.
import { randomBytes } from 'node:crypto';
import type { World } from './world.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** An id such as V0K3J…: a letter and ten of Slack's capitals and digits. */
export function slackId(prefix: string): string {
  return prefix + [...randomBytes(10)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** A block_id or action_id as Slack fills it in when the app gave none. */
export function fillerId(): string {
  return randomBytes(4).toString('base64url').slice(0, 5);
}

/** A view's hash, `seconds.random`. */
export function viewHash(now: number): string {
  return `${Math.floor(now / 1000)}.${randomBytes(6).toString('base64url')}`;
}

const lastMicros = new WeakMap<World, number>();

/** A message timestamp, `seconds.microseconds`, larger than every earlier one. */
export function nextTs(world: World): string {
  const last = lastMicros.get(world) ?? newestStored(world);
  const micros = Math.max(world.clock.now() * 1000, last + 1);
  lastMicros.set(world, micros);
  const seconds = Math.floor(micros / 1_000_000);
  return `${seconds}.${String(micros - seconds * 1_000_000).padStart(6, '0')}`;
}

function newestStored(world: World): number {
  const all = [...world.store.all('message'), ...world.store.all('ephemeral')];
  return all.reduce((newest, { ts }) => Math.max(newest, Math.round(Number(ts) * 1_000_000)), 0);
}
