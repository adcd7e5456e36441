// The final check of a round, always the same, whatever was killed: everything that is wrong, as sentences.
import { faultsOfCards } from './check-cards.ts';
import { faultsOfLeaks } from './check-leaks.ts';
import { faultsOfRest } from './check-quiet.ts';
import { faultsOf, faultsOfStory, faultsOfWhole, readRecord } from './check-record.ts';
import type { Story } from './stories.ts';
import type { World } from './world.ts';

/** Waits until the world is at rest, then holds record, Slack, agents and processes against each other. */
export async function check(world: World, stories: readonly Story[]): Promise<string[]> {
  const rest = await faultsOfRest(world);
  const rows = await readRecord(world);
  return [
    ...rest,
    ...(await faultsOfWhole(world, stories, rows)),
    ...rows.flatMap(faultsOf),
    ...stories.flatMap((story) => faultsOfStory(story, rows)),
    ...(await faultsOfCards(world, rows)),
    ...(await faultsOfLeaks(world)),
  ];
}
