// Which people behind a request the record knows by an address alone, and the account that shows it.

import { recordEvent } from '../../audit/record.ts';
import * as identities from '../../db/identities.ts';
import type { ServiceDeps } from '../deps.ts';

/** The live addresses of the people behind the request who have no account in this team. */
export function addressesOfUntied(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id, ...of }: { readonly tenant_id: string; readonly request_id: string; readonly team_id: string },
): Promise<readonly identities.Untied[]> {
  return deps.transact(tenant_id, (tx) => identities.listUntied(tx, of));
}

/** Links the account to the person; one that is linked already, or was somebody else's before, is left to an operator. */
export function tieAccount(
  deps: ServiceDeps,
  {
    tenant_id,
    person_id,
    account,
  }: { readonly tenant_id: string; readonly person_id: string; readonly account: string },
): Promise<void> {
  return deps.transact(tenant_id, async (tx) => {
    const [last] = await identities.listLastLinks(tx, [account]);
    if (last !== undefined && last.person_id !== person_id) return;
    if (!(await identities.linkAccount(tx, { provider: 'slack', subject: account, person_id, linked_by: 'email' })))
      return;
    await recordEvent(deps, tx, {
      type: 'slack_account.linked',
      outcome: 'success',
      actor: { kind: 'system', id: 'worker' },
      facts: { account, person_id, linked_by: 'email' },
    });
  });
}
