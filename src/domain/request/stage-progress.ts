// How far a stage is: distinct people over all of its groups and, where each group has a say, one person of its own for
// every group that the rule named (INV-1). Pure.

/** What a stage asks for, and by whom it may be given. */
export type StageDemand = {
  /** Groups that the rule named. */
  readonly group_ids: readonly string[];
  /** Groups that an escalation added: their people fill the quorum, never another group's share. */
  readonly added_group_ids: readonly string[];
  readonly quorum: number;
  /** True when every named group needs a person of its own. */
  readonly is_each: boolean;
};

/** An approval that counts, with the groups that its person is known to be in. */
export type StageApproval = { readonly person_id: string; readonly group_ids: readonly string[] };

export type StageProgress = {
  /** Distinct people. */
  readonly approvals: number;
  readonly quorum: number;
  /** Named groups that still need a person of their own; empty where no group has a say of its own. */
  readonly waiting_group_ids: readonly string[];
  readonly is_full: boolean;
};

/** People who are in none of the stage's groups do not count, whatever they approved. */
export function stageProgress(demand: StageDemand, approvals: readonly StageApproval[]): StageProgress {
  const groups = new Set([...demand.group_ids, ...demand.added_group_ids]);
  const people = new Map<string, Set<string>>();
  for (const { person_id, group_ids } of approvals) {
    const here = group_ids.filter((group_id) => groups.has(group_id));
    if (here.length === 0) continue;
    const known = people.get(person_id) ?? new Set();
    for (const group_id of here) known.add(group_id);
    people.set(person_id, known);
  }
  const waiting_group_ids = demand.is_each ? unrepresented(demand.group_ids, [...people.values()]) : [];
  // A stage without a group would be met by nobody: fail closed.
  const is_full = groups.size > 0 && people.size >= demand.quorum && waiting_group_ids.length === 0;
  return { approvals: people.size, quorum: demand.quorum, waiting_group_ids, is_full };
}

/**
 * The groups that are left without anybody when as many as possible have one person of their own: a largest matching, by
 * augmenting paths (Kuhn 1955). A person in five groups stands for one of them, and for whichever one is of most use.
 */
function unrepresented(group_ids: readonly string[], people: readonly ReadonlySet<string>[]): readonly string[] {
  const groupOf = new Map<number, string>();
  const findPerson = (group_id: string, tried: Set<number>): boolean => {
    for (const [person, groups] of people.entries()) {
      if (!groups.has(group_id) || tried.has(person)) continue;
      tried.add(person);
      const other = groupOf.get(person);
      if (other !== undefined && !findPerson(other, tried)) continue;
      groupOf.set(person, group_id);
      return true;
    }
    return false;
  };
  return group_ids.filter((group_id) => !findPerson(group_id, new Set()));
}
