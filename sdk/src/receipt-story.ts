// Whether the events of one request can have happened in the order that their receipts have in the log.
import { LogError } from './log-error.ts';
import type { VerifiedReceipt } from './receipt.ts';

export const OUTCOMES = ['approved', 'denied', 'expired', 'cancelled'].map((state) => `approval_request.${state}`);
export const RAN = ['lease.used', 'execution.started'];
export const LEASE_ENDS = ['lease.used', 'lease.expired', 'lease.revoked'];
const AFTER_GRANT = ['credential.issued', ...RAN, 'lease.expired', 'lease.revoked'];
const REVOKED = 'approval.revoked';
export const AFTER_APPROVAL = ['grant.created', ...AFTER_GRANT, 'result.reported', REVOKED];

/** Holds what is shown against what may come after what. Throws LogError `receipts_disagree`, about the first misfit. */
export function requireStory(all: readonly VerifiedReceipt[]): void {
  const isRevoked = (index: number) => all.some(({ event, index: at }) => event.type === REVOKED && at < index);
  const grant = all.find(({ event }) => event.type === 'grant.created');
  const created = all.find(({ event }) => event.type === 'approval_request.created');
  const isApproved = all.some(({ event }) => event.type === 'approval_request.approved');
  for (const receipt of all) {
    const { event, index } = receipt;
    const isLate = ['grant.created', ...AFTER_GRANT].includes(event.type) && isRevoked(index);
    const isUngranted = AFTER_GRANT.includes(event.type) && grant !== undefined && index < grant.index;
    const isFault = isLate || isUngranted || isLeaseFault(all, receipt);
    if (isFault || isDecisionFault(receipt, { created, isApproved })) throw new LogError('receipts_disagree', event.id);
  }
}

/** A lease is issued once, then it ends once. */
function isLeaseFault(all: readonly VerifiedReceipt[], { event, index }: VerifiedReceipt): boolean {
  const before = all.filter((other) => other.event.lease_id === event.lease_id && other.index < index);
  const isAfter = (types: readonly string[]) => before.some((other) => types.includes(other.event.type));
  if (event.type === 'credential.issued') return isAfter([event.type, ...LEASE_ENDS]);
  return LEASE_ENDS.includes(event.type) && isAfter(LEASE_ENDS);
}

/** A denial ends a request, and nobody who stands behind it decides on it, nor has somebody do so in their place. */
function isDecisionFault(
  { event }: VerifiedReceipt,
  { created, isApproved }: { readonly created: VerifiedReceipt | undefined; readonly isApproved: boolean },
): boolean {
  if (event.type !== 'decision.recorded') return false;
  if (event.facts['decision'] === 'deny' && isApproved) return true;
  const behind = listOf(created?.event.facts['excluded_people']);
  const steads = listOf(event.facts['stands_in_for']) as readonly { readonly person_id?: unknown }[];
  const deciders: readonly unknown[] = [event.actor.id, ...steads.map((stead) => stead?.person_id)];
  return deciders.some((person_id) => behind.includes(person_id));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
