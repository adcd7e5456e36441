// One round: a world of its own, Slack at fault, servers away, kills at named points in three lanes at once, traffic all
// the time, then the final check.
import { type Chance, createChance } from './chance.ts';
import { check } from './check.ts';
import { faultsOfEnd } from './check-leaks.ts';
import { nameOfClash, sufferClash } from './clashes.ts';
import { playLane, type Score } from './lane.ts';
import { nameOfOutage, sufferOutage } from './outages.ts';
import type { Round } from './plan.ts';
import type { Scene } from './points.ts';
import type { Servers } from './servers.ts';
import { nameOfCombination, sufferFaults } from './slack-faults.ts';
import { createStories, PLANS } from './stories.ts';
import { createTrace } from './trace.ts';
import { openWorld, ROLES } from './world.ts';

export type RoundReport = {
  readonly seed: number;
  readonly requests: number;
  /** What was hit, by name, as often as it was. */
  readonly hits: readonly string[];
  readonly findings: readonly string[];
  readonly trace: string;
};

/** Stories that are under way when a server goes. */
const STORIES_PER_OUTAGE = 4;
const PLAN_NAMES = Object.keys(PLANS) as (keyof typeof PLANS)[];

/** Plays the round; its trace is kept in the file as it grows, where one is named. */
export async function playRound(servers: Servers, round: Round, traceFile?: string): Promise<RoundReport> {
  const world = await openWorld(servers, createTrace(traceFile));
  const stories = createStories(world);
  const chance = createChance(round.seed).fork();
  const score: Score = { hits: [], findings: [] };
  try {
    const scene: Scene = { world, stories };
    await playFaults(scene, round, chance, score);
    await playClashes(scene, round, chance, score);
    await playOutages(scene, round, chance, score);
    beginSome(scene, round.points.length === 0 ? 0 : round.traffic, chance);
    await Promise.all(ROLES.map((role) => playLane(scene, role, round.points, score)));
    await stories.ended();
    score.findings.push(...(await check(world, stories.all)));
  } catch (error) {
    score.findings.push(`the round broke off: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await world.close();
  }
  const findings = [...world.crashes, ...score.findings, ...(await faultsOfEnd(world))];
  return { seed: round.seed, requests: stories.all.length, hits: score.hits, findings, trace: world.trace.text() };
}

function beginSome({ stories }: Scene, count: number, chance: Chance): void {
  for (let begun = 0; begun < count; begun += 1) stories.begin(chance.pick(PLAN_NAMES));
}

async function playFaults(scene: Scene, { combinations }: Round, chance: Chance, { hits, findings }: Score) {
  for (const kinds of combinations) {
    findings.push(...(await sufferFaults(scene, kinds, chance)));
    hits.push(nameOfCombination(kinds));
  }
}

async function playClashes(scene: Scene, { clashes }: Round, chance: Chance, { hits, findings }: Score) {
  for (const clash of clashes) {
    const missed = await sufferClash(scene, clash, chance);
    findings.push(...missed);
    if (missed.length === 0) hits.push(nameOfClash(clash));
  }
}

async function playOutages(scene: Scene, { outages }: Round, chance: Chance, { hits }: Score): Promise<void> {
  for (const outage of outages) {
    beginSome(scene, STORIES_PER_OUTAGE, chance);
    await sufferOutage(scene, outage);
    hits.push(nameOfOutage(outage));
  }
}
