// Every statement on approver groups and who is away, with arguments that name another tenant's rows.

import { newId } from '../../src/process/wiring.ts';
import type { Attempts } from './statements.ts';
import type { Victim } from './victim.ts';

const soon = () => new Date(Date.now() + 60_000);

/** Those of groups. */
export function attemptsOnGroups(victim: Victim): Pick<Attempts, 'absences' | 'groupParts' | 'groups' | 'reach'> {
  const { group_id, person_id } = victim;
  const group = { id: newId('group'), name: victim.group_name, channel: 'C0EVIL', slack_user_group: null };
  const member = { group_id, person_id };
  const listed = { group_id, address: victim.email };
  return {
    absences: {
      replaceAbsences: [[{ address: 'eve@example.com', until_at: soon(), delegate: null }]],
      listAwayFor: [person_id],
      listDelegations: [[person_id]],
      listStandIns: [[person_id]],
      listAwayAccounts: [],
    },
    groupParts: {
      listParts: [[group_id]],
      listPartsNamed: [[victim.group_name]],
      listAskedParts: [],
      listAllParts: [],
      setSources: [
        [{ group_id, source: { kind: 'groups' } }],
        [{ group_id, part_id: newId('group'), is_among: false }],
      ],
    },
    reach: {
      listWaitingParts: [],
      readReachState: [],
      listWaitingIds: ['', 1_000],
    },
    groups: {
      upsertGroups: [[group]],
      retireOtherGroups: [[]],
      addListed: [[listed]],
      removeOthersListed: [[group_id], []],
      followRename: [{ from: [victim.email], to: 'eve@example.com' }],
      removeClicked: [[group_id]],
      keepAdministrators: [[group_id]],
      setClicked: [{ ...member, is_member: false }],
      listGroups: [100],
      findGroupsByName: [[victim.group_name]],
      listMembers: [group_id, 100],
      listMemberships: [[group_id], [person_id]],
      listEligible: [[group_id], { excluded_people: [], limit: 100, answered: [] }],
    },
  };
}
