// One role is killed again and again: several stories stand at a named point each, and one kill -9 hits them all.
import type { Role } from '../support/product.ts';
import type { Point, Scene, Stands } from './points.ts';

/** Each stands on a connection of the role's pool of ten, which needs some for its other work. */
const TOGETHER_MAX = 4;
/** On a busy machine one may have gone on before the others stood: it is tried again. */
const TRIES_MAX = 4;

export type Score = { readonly hits: string[]; readonly findings: string[] };

type Lane = {
  readonly scene: Scene;
  readonly role: Role;
  readonly score: Score;
  /** Resolves once the role is up again; the next stories begin meanwhile. */
  starting: Promise<void>;
};

/** Hits each point of the role; those that were not hit are findings. */
export async function playLane(scene: Scene, role: Role, points: readonly Point[], score: Score): Promise<void> {
  const lane: Lane = { scene, role, score, starting: Promise.resolve() };
  let left = points.filter((point) => point.role === role);
  for (let tries = 0; left.length > 0 && tries < TRIES_MAX; tries += 1) {
    const missed: Point[] = [];
    const volleys = volleysOf(left);
    for (const [place, volley] of volleys.entries()) {
      missed.push(...(await playVolley(lane, volley)));
      // A point at the start starts the role by itself.
      if (!isAtStart(volleys[place + 1])) startAgain(lane);
    }
    left = missed;
  }
  await lane.starting;
  score.findings.push(...left.map(({ name }) => `${name} was not hit`));
}

/** Groups for one kill each, with at most one that comes last. */
function volleysOf(points: readonly Point[]): Point[][] {
  const { beside, last, 'at start': starts } = byStands(points);
  const count = Math.max(last.length, Math.ceil(beside.length / TOGETHER_MAX));
  const volleys = Array.from({ length: count }, (): Point[] => []);
  for (const [place, point] of beside.entries()) volleys[place % count]?.push(point);
  for (const [place, point] of last.entries()) volleys[place]?.push(point);
  return [...volleys, ...starts.map((point) => [point])];
}

function byStands(points: readonly Point[]): Readonly<Record<Stands, readonly Point[]>> {
  const those = (how: Stands) => points.filter(({ stands }) => stands === how);
  return { beside: those('beside'), last: those('last'), 'at start': those('at start') };
}

/** Points that were not hit. */
async function playVolley(lane: Lane, volley: readonly Point[]): Promise<Point[]> {
  const { scene, role, score } = lane;
  const { world } = scene;
  const stand = async (point: Point) => {
    const standing = await point.stand(scene);
    world.trace.note('reached', point.name);
    return { point, ...standing };
  };
  const { beside, last, 'at start': starts } = byStands(volley);
  const all = await Promise.all(beside.map(stand));
  await lane.starting;
  if (starts.length > 0 && world.childOf(role) !== undefined) await world.kill(role);
  for (const point of [...last, ...starts]) all.push(await stand(point));
  const hit = all.filter(({ isStanding }) => isStanding());
  await world.kill(role);
  for (const { point } of hit) {
    world.trace.note('hit', point.name);
    score.hits.push(point.name);
  }
  for (const { release } of all) await release();
  return all.filter((each) => !hit.includes(each)).map(({ point }) => point);
}

const isAtStart = (volley: readonly Point[] = []) => volley.some(({ stands }) => stands === 'at start');

function startAgain(lane: Lane): void {
  lane.starting = lane.scene.world.start(lane.role);
  // Told where it is waited for.
  lane.starting.catch(() => undefined);
}
