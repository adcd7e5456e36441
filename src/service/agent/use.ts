// Use: the tool spends the lease once, right before it runs. Whether the approval still stands is asked afresh: by the rules that
// deny, and of the people who approved.

import { numberEvent, recordEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import { inOrder } from '../../db/in-order.ts';
import type { LeaseToUse } from '../../db/leases.ts';
import * as leases from '../../db/leases.ts';
import * as policies from '../../db/policies.ts';
import { APPROVED } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import * as requests from '../../db/requests.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import type { SigningKeyRow } from '../../db/tables.ts';
import { type UseRefusal, useRefusal } from '../../domain/credential/lease.ts';
import { PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import type { SourceAnswer } from '../../domain/people/membership.ts';
import type { TokenPrincipal } from '../../domain/people/principal.ts';
import type { ApprovedRecord } from '../../domain/request/record.ts';
import type { ServiceDeps } from '../deps.ts';
import { isAnswered, type SourcesToAsk } from '../memberships.ts';
import { SMALL_NEWS_SECONDS } from '../news.ts';
import { type ApprovedDeps, ASKED_TIMES_MAX, accountsOf, assertSaid, isStanding, sourcesOf } from './approved.ts';
import { type Barred, barredBy, readPolicy } from './known-policy.ts';
import { type PresentedProof, type ProofRecord, takeProof } from './proof.ts';
import { recordingRefusal } from './refused-credential.ts';

export type VerifyDeps = ServiceDeps & {
  readonly tenant_id: string;
  /** Whoever holds a credential of ours, verified against the tenant's keys; throws credential_invalid. */
  readonly verify: (presented: Presented, keys: VerifyingKeys) => Promise<Holder>;
};

/** Whoever holds a credential, and the proof that it came with where it is bound to a key. */
export type Holder = TokenPrincipal & { readonly proof?: ProofRecord };

export type UseDeps = VerifyDeps & ApprovedDeps;

export type VerifyingKeys = readonly Pick<SigningKeyRow, 'kid' | 'public_jwk'>[];

/** A credential as it came: under which scheme, and with which proof. */
export type PresentedCredential = {
  readonly token: string | undefined;
  readonly scheme?: 'Bearer' | 'DPoP' | undefined;
  readonly proof?: PresentedProof | null | undefined;
};

export type Presented = PresentedCredential & {
  readonly audience: string;
  readonly of: { readonly lease_id: string } | { readonly request_id: string };
  readonly now: Date;
  /** Accept one that ended this many seconds ago. */
  readonly late_seconds: number;
};

export type Used = { readonly id: string; readonly state: 'used'; readonly used_at: Date };

type Presenting = PresentedCredential & { readonly lease_id: string; readonly digest: string };

/** Spends the lease that the credential names; what is refused spends nothing. */
export async function use(deps: UseDeps, input: Presenting): Promise<Used> {
  const { lease_id } = input;
  const answer = await recordingRefusal(deps, { lease_id }, () => useOrRefuse(deps, input));
  if (typeof answer === 'string') throw new PlacetError(answer);
  return answer;
}

type Attempted =
  | { readonly kind: 'used'; readonly used_at: Date }
  | { readonly kind: 'refused'; readonly code: UseRefusal }
  /** Nothing was written: the lease was not spent, which is still to be recorded. */
  | { readonly kind: 'unspent' }
  /** Nothing was written: the sources of its groups are to be asked first. */
  | ({ readonly kind: 'unasked' } & SourcesToAsk);

async function useOrRefuse(deps: UseDeps, input: Presenting): Promise<Used | UseRefusal> {
  let answers: readonly SourceAnswer[] = [];
  for (let tries = 0; tries < ASKED_TIMES_MAX; tries += 1) {
    const attempted = await attempt(deps, input, answers);
    switch (attempted.kind) {
      case 'used':
        return { id: input.lease_id, state: 'used', used_at: attempted.used_at };
      case 'refused':
        return attempted.code;
      case 'unspent':
        return refuseUse(deps, input);
      case 'unasked':
        // Outside of the transaction: no lock waits for a source.
        answers = await deps.askSources(attempted.sources, attempted.accounts);
        break;
    }
  }
  throw new PlacetError('unavailable', { dependency: 'slack' });
}

function attempt(deps: UseDeps, input: Presenting, answers: readonly SourceAnswer[]): Promise<Attempted> {
  return deps.transact(deps.tenant_id, async (tx): Promise<Attempted> => {
    if (!isId('lease', input.lease_id)) throw new PlacetError('credential_invalid');
    // Sent together, in this order: no policy is applied meanwhile. Before any lock of its request: nobody without the
    // credential makes others wait.
    const [, policy, record, lease, public_keys] = await inOrder(tx, [
      (tx) => policies.holdPolicies(tx),
      (tx) => readPolicy(deps, tx),
      (tx) => requestRecords.readRecordOfLease(tx, input.lease_id, APPROVED),
      (tx) => leases.readLease(tx, input.lease_id),
      (tx) => signingKeys.listPublicKeys(tx),
    ]);
    const actor = await verifyLease(deps, tx, { input, lease, public_keys });
    if (lease === null || record === null || useRefusal(lease, input.digest, tx.now) !== null) {
      return { kind: 'unspent' };
    }
    const barred = barredBy(record, policy, tx.now);
    const standing = barred ?? (await standingOf(tx, record, answers));
    if (standing !== null && 'sources' in standing) return { kind: 'unasked', ...standing };
    if (standing !== null) return refuse(deps, tx, { actor, lease, ...standing });
    // Each proof is good for one call, whichever process it reaches first; what was refused until here has not taken it.
    if (actor.proof !== undefined && !(await takeProof(tx, actor.proof))) throw seenBefore();
    const used_at = await spend(deps, tx, { actor, lease, digest: input.digest });
    return used_at === null ? { kind: 'unspent' } : { kind: 'used', used_at };
  });
}

type Standing = { readonly code: 'quorum_lost' } | SourcesToAsk | null;

/** Null while the people who approved still count; else that they do not, or which sources are to be asked first. */
async function standingOf(tx: Tx, record: ApprovedRecord, answers: readonly SourceAnswer[]): Promise<Standing> {
  const sources = sourcesOf(record);
  if (!isAnswered(sources, answers)) return { sources, accounts: await accountsOf(tx, record) };
  // The request's lock comes before what is kept of its people, as at the claim: else the two would wait for each other.
  if (answers.length > 0) await requests.lockRequest(tx, record.request.id);
  if (await isStanding(tx, record, answers)) return null;
  assertSaid(answers);
  return { code: 'quorum_lost' };
}

type Spending = { readonly actor: TokenPrincipal; readonly lease: LeaseToUse; readonly digest: string };

/** When, or null when the lease is not to be spent by now. */
function spend(deps: UseDeps, tx: Tx, { actor, lease, digest }: Spending): Promise<Date | null> {
  const { id: lease_id, request_id } = lease;
  const event = numberEvent(deps, tx.now, {
    type: 'lease.used',
    outcome: 'success',
    actor,
    request_id,
    lease_id,
    digest: lease.digest,
    facts: { use: lease.use },
  });
  const named = { id: lease_id, request_id, digest };
  // The request's lock, as everywhere: a result that is being reported meanwhile comes before or after, never beside. The
  // statement behind it decides, so it is committed with it.
  return tx.commitWith(() =>
    requests.behindLock(tx, request_id, (tx) =>
      leases.spendLease(tx, named, { event, tell_seconds: SMALL_NEWS_SECONDS }),
    ),
  );
}

type Refusing = { readonly actor: TokenPrincipal; readonly lease: LeaseToUse } & (
  | Barred
  | { readonly code: UseRefusal; readonly rule?: string }
);

async function refuse<Code extends UseRefusal>(
  deps: UseDeps,
  tx: Tx,
  { actor, lease, ...facts }: Refusing & { readonly code: Code },
): Promise<{ readonly kind: 'refused'; readonly code: Code }> {
  const { id: lease_id, request_id, digest } = lease;
  await recordEvent(deps, tx, {
    type: 'lease.use_refused',
    outcome: 'failure',
    actor,
    request_id,
    lease_id,
    digest,
    facts,
  });
  return { kind: 'refused', code: facts.code };
}

/** Says why the lease was not spent, by what it is under the lock. None is ever spent again, nor gets a later end. */
function refuseUse(deps: UseDeps, input: Presenting): Promise<UseRefusal> {
  return deps.transact(deps.tenant_id, async (begun) => {
    const [known, public_keys] = await inOrder(begun, [
      (tx) => leases.readLease(tx, input.lease_id),
      (tx) => signingKeys.listPublicKeys(tx),
    ]);
    const actor = await verifyLease(deps, begun, { input, lease: known, public_keys });
    // The lease is read after the lock was got, although both are asked for at once.
    const [tx, lease] = await inOrder(begun, [
      (tx) => requests.lockRequest(tx, known?.request_id ?? ''),
      (tx) => leases.readLease(tx, input.lease_id),
    ]);
    if (tx === null || lease === null) throw new PlacetError('credential_invalid');
    const code = useRefusal(lease, input.digest, tx.now) ?? 'already_used';
    return (await refuse(deps, tx, { actor, lease, code })).code;
  });
}

type Verifying = {
  readonly input: Presenting;
  readonly lease: LeaseToUse | null;
  readonly public_keys: VerifyingKeys;
};

/** As the verifier would have said it: the log tells, and whoever presents it learns nothing. */
function seenBefore(): PlacetError {
  return new PlacetError(
    'credential_invalid',
    {},
    Object.assign(new Error('seen before'), { code: 'proof_seen_before' }),
  );
}

/** Whoever presents the credential of this very lease. */
function verifyLease(deps: UseDeps, tx: Tx, { input, lease, public_keys }: Verifying): Promise<Holder> {
  if (lease === null) throw new PlacetError('credential_invalid');
  const { lease_id, token, scheme, proof } = input;
  const presented = { token, scheme, proof, audience: lease.audience, of: { lease_id }, now: tx.now, late_seconds: 0 };
  return deps.verify(presented, public_keys);
}
