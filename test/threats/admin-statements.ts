// The statements on roles and admin tokens, with arguments that name another tenant's rows; see statements.ts.
import { newId } from '../../src/process/wiring.ts';
import type { Attempts, Victim } from './statements.ts';

const soon = () => new Date(Date.now() + 60_000);
const HASH = Buffer.alloc(32, 6);

/** The arguments after `tx`, for each statement. */
export function adminAttemptsOn({ person_id }: Victim): Pick<Attempts, 'adminTokens' | 'roles'> {
  return {
    adminTokens: {
      insertToken: [
        {
          ...{
            id: newId('adminToken'),
            name: 'evil',
            role: 'owner',
            owner_person_id: person_id,
            maker_person_id: null,
          },
          ...{ secret_hash: HASH, hint: 'evil', expires_at: soon() },
        },
      ],
      findLive: [HASH],
      listLive: [],
      listTokens: [100],
      findIdByName: ['evil'],
      revokeToken: [newId('adminToken')],
      touchToken: [newId('adminToken')],
    },
    roles: {
      listHolders: [['owner']],
      listRolesOf: [person_id],
      insertOwner: [person_id],
      endOwner: [person_id],
    },
  };
}
