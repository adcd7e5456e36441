// Whether the people who may count can fill every stage: before a request waits, and of a policy file that names them all. Pure.

/** One group's people who may count; of an open one nobody knows how many there are, so it counts as enough. */
export type PoolGroup = { readonly people: readonly string[]; readonly is_open: boolean };
export type PoolStage = { readonly groups: readonly PoolGroup[]; readonly quorum: number; readonly is_each: boolean };

/** The stage that cannot be filled, and how many people there are for it. */
export type Unreachable = { readonly stage: number; readonly quorum: number; readonly eligible: number };

/** A place in a stage, and whoever may take it. */
type Seat = { readonly stage: number; readonly groups: readonly PoolGroup[] };

/** So many people of one group are as good as all of them: nobody else takes more seats. */
export function seatsOf(stages: readonly Pick<PoolStage, 'quorum'>[]): number {
  return stages.reduce((sum, { quorum }) => sum + quorum, 0);
}

/** The first stage that the people cannot fill beside the stages before it, or null when all can be filled. */
export function firstUnreachable(stages: readonly PoolStage[], is_distinct: boolean): Unreachable | null {
  const seats = stages.flatMap(seatsIn);
  let taken = new Map<string, Seat>();
  let stage = 0;
  for (const seat of seats) {
    if (!is_distinct && seat.stage !== stage) taken = new Map();
    ({ stage } = seat);
    if (seat.groups.some(({ is_open }) => is_open) || takesSeat(seat, taken, new Set())) continue;
    const { groups = [], quorum = 0 } = stages[stage] ?? {};
    return { stage, quorum, eligible: new Set(groups.flatMap(({ people }) => people)).size };
  }
  return null;
}

/** Whether a stage can be filled beside those before it; where one of those cannot, whether it could alone. */
export function canFill(stages: readonly PoolStage[], place: number, is_distinct: boolean): boolean {
  const fault = firstUnreachable(stages.slice(0, place + 1), is_distinct);
  return fault === null || (fault.stage < place && firstUnreachable(stages.slice(place, place + 1), true) === null);
}

/** The places of the groups for which others stand in: those that have nobody; where each has somebody, all of them. */
export function placesInNeed(groups: readonly PoolGroup[]): readonly number[] {
  const known = groups.flatMap(({ is_open }, place) => (is_open ? [] : [place]));
  const empty = known.filter((place) => groups[place]?.people.length === 0);
  return empty.length > 0 ? empty : known;
}

/** The stage with these standing in for its groups in need. */
export function withHelp(pool: PoolStage, help: readonly PoolGroup[]): PoolStage {
  const places = placesInNeed(pool.groups);
  const people = help.flatMap((group) => group.people);
  const is_open = help.some((group) => group.is_open);
  const groups = pool.groups.map((group, place) =>
    places.includes(place)
      ? { people: [...new Set([...group.people, ...people])], is_open: group.is_open || is_open }
      : group,
  );
  return { ...pool, groups };
}

/** Where each group needs a person of its own, the first seats are theirs. */
function seatsIn({ groups, quorum, is_each }: PoolStage, stage: number): readonly Seat[] {
  const own = is_each ? groups.map((group) => ({ stage, groups: [group] })) : [];
  const rest = Math.max(0, quorum - own.length);
  return [...own, ...Array.from({ length: rest }, () => ({ stage, groups }))];
}

/** Finds the seat a person, moving others to another seat where they may have one (Kuhn 1955). */
function takesSeat(seat: Seat, taken: Map<string, Seat>, tried: Set<string>): boolean {
  for (const { people } of seat.groups) {
    for (const person of people) {
      if (tried.has(person)) continue;
      tried.add(person);
      const other = taken.get(person);
      if (other !== undefined && !takesSeat(other, taken, tried)) continue;
      taken.set(person, seat);
      return true;
    }
  }
  return false;
}
