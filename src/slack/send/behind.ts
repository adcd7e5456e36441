// The people behind a request, tied to their accounts before anybody is asked: a later change of an address, or of the policy,
// changes nothing about who must not approve (INV-2).

import { addressesOfUntied, tieAccount } from '../../service/clock/behind.ts';
import type { DeliverDeps, Snapshot } from './delivery.ts';
import { deliverEach } from './snapshot.ts';

/** Looks up who behind the request has no account of our team yet, nobody after `until_ms`. Throws SlackUnavailable. */
export async function tieBehind(deps: DeliverDeps, snapshot: Snapshot, until_ms: number): Promise<void> {
  const { tenant_id, record, team_id } = snapshot;
  const untied = await addressesOfUntied(deps, { tenant_id, request_id: record.request.id, team_id });
  await deliverEach(untied, until_ms, async (address) => {
    const shown = await deps.messenger.findByEmail(address);
    // What Slack itself cannot vouch for ties nobody to anything.
    if (shown?.is_vouched === true) await tieAccount(deps, { tenant_id, address, account: shown.account });
  });
}
