// Slack's rate limits, played when the settings say strict. https://docs.slack.dev/apis/web-api/rate-limits
import { settingsOf, type World } from '../core/world.ts';
import type { Method, Tier } from './method.ts';

/** Calls a minute and method; `special` is "hundreds". */
const PER_MINUTE: Record<Exclude<Tier, 'post'>, number> = { 1: 1, 2: 20, 3: 50, 4: 100, special: 300 };
/** chat.postMessage: one a second per channel with short bursts, several hundred a minute per workspace. */
const POSTS_PER_SECOND = 1;
const POSTS_PER_MINUTE = 300;

type Bucket = { left: number; at: number };
const buckets = new WeakMap<World, Map<string, Bucket>>();

/** Seconds to wait before this call, or 0 when it may go on. Counts the call. */
export function retryAfter(world: World, name: string, method: Method, channel: string): number {
  if (method.tier !== 'post') return take(world, name, PER_MINUTE[method.tier], PER_MINUTE[method.tier] / 60);
  const ofChannel = take(world, `${name} ${channel}`, settingsOf(world).post_burst, POSTS_PER_SECOND);
  return ofChannel || take(world, name, POSTS_PER_MINUTE, POSTS_PER_MINUTE / 60);
}

/** Takes one from a bucket of `size` that fills by `perSecond`. */
function take(world: World, key: string, size: number, perSecond: number): number {
  const all = buckets.get(world) ?? new Map<string, Bucket>();
  buckets.set(world, all);
  const now = world.clock.now();
  const old = all.get(key) ?? { left: size, at: now };
  const left = Math.min(size, old.left + ((now - old.at) / 1000) * perSecond);
  all.set(key, { left: left >= 1 ? left - 1 : left, at: now });
  return left >= 1 ? 0 : Math.ceil((1 - left) / perSecond);
}
