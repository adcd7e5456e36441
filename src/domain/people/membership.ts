// Where the members of an approver group come from: each kind once, so that whoever must know them all switches over it. Pure.

export type MemberSource =
  /** The policy file lists them by their addresses. */
  | { readonly kind: 'listed' }
  /** The chat says, at each click and claim, who is in the user group. */
  | { readonly kind: 'slack_user_group'; readonly id: string };

type Group = { readonly slack_user_group: string | null };

/** Where the members of this group come from. */
export function sourceOf({ slack_user_group }: Group): MemberSource {
  return slack_user_group === null ? { kind: 'listed' } : { kind: 'slack_user_group', id: slack_user_group };
}

/** The user group that the source is, if it is one. */
export function userGroupOf(source: MemberSource): string | null {
  switch (source.kind) {
    case 'listed':
      return null;
    case 'slack_user_group':
      return source.id;
  }
}

/** The user groups that these groups stand for, each once. */
export function userGroupsOf(groups: readonly Group[]): string[] {
  return [...new Set(groups.flatMap((group) => userGroupOf(sourceOf(group)) ?? []))];
}
