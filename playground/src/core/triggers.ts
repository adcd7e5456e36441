// trigger_ids: made with each act of a person, good once and for three seconds.
import { randomBytes } from 'node:crypto';
import type { World } from './world.ts';

/** Life of a trigger_id. */
const TRIGGER_MS_MAX = 3_000;
/** Ids remembered, so that an old one is told from an unknown one. */
const TRIGGERS_MAX = 5_000;

type Trigger = { user: string; expiresAt: number; isUsed: boolean };
const known = new WeakMap<World, Map<string, Trigger>>();

function triggersOf(world: World): Map<string, Trigger> {
  const found = known.get(world) ?? new Map<string, Trigger>();
  known.set(world, found);
  return found;
}

/** A new trigger_id of this person. */
export function makeTrigger(world: World, user: string): string {
  const triggers = triggersOf(world);
  const id = `${world.clock.now()}.${triggers.size + 1000}.${randomBytes(16).toString('hex')}`;
  triggers.set(id, { user, expiresAt: world.clock.now() + TRIGGER_MS_MAX, isUsed: false });
  const oldest = triggers.size > TRIGGERS_MAX ? triggers.keys().next().value : undefined;
  if (oldest !== undefined) triggers.delete(oldest);
  return id;
}

export type TriggerFault = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';

/** The person behind a trigger_id, or why it is no good. It is not used up yet. */
export function findTrigger(world: World, id: string): { user: string } | { error: TriggerFault } {
  const trigger = triggersOf(world).get(id);
  if (!trigger) return { error: /^\d+\.\d+\.[0-9a-f]+$/.test(id) ? 'expired_trigger_id' : 'invalid_trigger_id' };
  if (trigger.isUsed) return { error: 'exchanged_trigger_id' };
  if (world.clock.now() >= trigger.expiresAt) return { error: 'expired_trigger_id' };
  return { user: trigger.user };
}

/** Uses a trigger_id up. */
export function spendTrigger(world: World, id: string): void {
  const trigger = triggersOf(world).get(id);
  if (trigger) trigger.isUsed = true;
}
