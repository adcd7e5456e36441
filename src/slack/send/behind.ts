// The people behind a request, tied to their accounts before anybody is asked: a later change of an address, or of the policy,
// changes nothing about who must not approve (INV-2).

import { addressesOfUntied, tieAccount } from '../../service/clock/behind.ts';
import type { DeliverDeps, Snapshot } from './deliver.ts';

/** Looks up whoever behind the request has no account of our team on record yet. Throws SlackUnavailable. */
export async function tieBehind(deps: DeliverDeps, { tenant_id, record, team_id }: Snapshot): Promise<void> {
  const untied = await addressesOfUntied(deps, { tenant_id, request_id: record.request.id, team_id });
  for (const { person_id, address } of untied) {
    const found = await deps.messenger.findByEmail(address);
    // What Slack itself cannot vouch for ties nobody to anything.
    if (found?.is_confirmed !== true) continue;
    await tieAccount(deps, { tenant_id, person_id, account: `${team_id}/${found.user_id}` });
  }
}
