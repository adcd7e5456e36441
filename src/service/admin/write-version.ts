// Writes a policy version with all that follows from it: people, accounts, approver groups, roles, and the proposals that it
// leaves behind. Whoever calls holds the lock of policies and has judged that it may be written.

import { recordEvent } from '../../audit/record.ts';
import * as absences from '../../db/absences.ts';
import type { Tx } from '../../db/database.ts';
import type { PolicyVersion } from '../../db/policies.ts';
import * as policies from '../../db/policies.ts';
import * as proposals from '../../db/proposals.ts';
import * as requests from '../../db/requests.ts';
import { addressOf } from '../../domain/people/address.ts';
import { type Principal, RULE } from '../../domain/people/principal.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import { escalateUnreached } from '../clock/reach.ts';
import type { ServiceDeps } from '../deps.ts';
import { tell } from '../news.ts';
import { applyGroups } from './apply-groups.ts';
import { applyPeople } from './apply-people.ts';
import { applyRoles } from './apply-roles.ts';
import { countOwners } from './owners.ts';

export type NewVersion = {
  readonly current: PolicyVersion | null;
  readonly document: PolicyDocument;
  /** The text that was handed in, kept byte by byte. */
  readonly source: string;
  readonly digest: Uint8Array;
  readonly via: policies.Via;
  /** The approval request under which it is written, if any. */
  readonly request_id: string | null;
  readonly actor: Principal;
};

export type Written = { readonly id: string; readonly number: number; readonly digest: string };

/** Throws policy_invalid for what the record contradicts, and last_owner. */
export async function writeVersion(deps: ServiceDeps, tx: Tx, version: NewVersion): Promise<Written> {
  const { current, document, source, digest, via, request_id, actor } = version;
  const owners_before = await countOwners(tx);
  const id = deps.newId('policy');
  const number = (current?.number ?? 0) + 1;
  const hex = hexOf(digest);
  await policies.insertVersion(tx, { id, number, document, source, digest, via, request_id, applied_by: actor.id });
  await recordEvent(deps, tx, {
    outcome: 'success',
    actor,
    type: 'policy.applied',
    ...(request_id === null ? {} : { request_id }),
    facts: { policy_id: id, number, digest: hex },
  });
  await applyPeople(deps, tx, document, actor);
  await absences.replaceAbsences(tx, absencesIn(document));
  for (const facts of await applyGroups(deps, tx, document)) {
    await recordEvent(deps, tx, { outcome: 'success', actor, type: 'approver_group.changed', facts });
  }
  await escalateUnreached(deps, tx);
  await applyRoles(deps, tx, { from: current?.document.roles, to: document.roles, owners_before, actor });
  for (const left of await proposals.listPending(tx, { base_below: number })) await cancelProposal(deps, tx, left);
  return { id, number, digest: hex };
}

/** Who is away by the document: a date means its last moment. */
function absencesIn({ people }: PolicyDocument): readonly absences.Absence[] {
  return people.flatMap(({ email, away }) => {
    if (away === undefined) return [];
    const until_at = new Date(away.until.includes('T') ? away.until : `${away.until}T23:59:59.999Z`);
    const delegate = away.delegate === undefined ? null : addressOf(away.delegate);
    return [{ address: addressOf(email), until_at, delegate }];
  });
}

/** Nobody is asked any more for what can no longer be applied, or what its author has replaced. */
export async function cancelProposal(deps: ServiceDeps, begun: Tx, request_id: string): Promise<void> {
  const tx = await requests.lockRequest(begun, request_id);
  if (tx === null || !(await requests.closeRequest(tx, request_id, 'cancelled'))) return;
  await recordEvent(deps, tx, {
    type: 'approval_request.cancelled',
    outcome: 'success',
    actor: RULE,
    request_id,
    facts: {},
  });
  await tell(tx, { id: request_id });
}

/** As digests are written: `sha256:` and 64 digits. */
export function hexOf(digest: Uint8Array): string {
  return `sha256:${Buffer.from(digest).toString('hex')}`;
}
