// What claim and start share: an approval is acted on once, under the request's lock, after its approvers were looked at again.

import { recordEvent } from '../../audit/record.ts';
import * as absences from '../../db/absences.ts';
import * as agents from '../../db/agents.ts';
import type { LockedTx, Tx } from '../../db/database.ts';
import * as identities from '../../db/identities.ts';
import { inOrder } from '../../db/in-order.ts';
import * as people from '../../db/people.ts';
import * as policies from '../../db/policies.ts';
import { APPROVED } from '../../db/record-parts.ts';
import type { ClaimRefusal, StartRefusal } from '../../domain/credential/lease.ts';
import { PlacetError } from '../../domain/errors.ts';
import {
  type AskedSource,
  askedSource,
  type SourceAnswer,
  saysWho,
  sourcesToAsk,
} from '../../domain/people/membership.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import { hasQuorum } from '../../domain/request/decision.ts';
import type { ApprovedRecord } from '../../domain/request/record.ts';
import { stoodForIn } from '../../domain/request/steads.ts';
import type { ServiceDeps } from '../deps.ts';
import { lockRequestRecord } from '../locked.ts';
import { type AskSources, isAnswered, keepAsked, membershipsNow, type SourcesToAsk } from '../memberships.ts';
import { barredBy, type KnownPolicyDeps, readPolicy } from './known-policy.ts';

export type ApprovedDeps = ServiceDeps & KnownPolicyDeps & { readonly askSources: AskSources };

type ActRefusal = ClaimRefusal | StartRefusal;

/** One way to act on an approval. */
export type ApprovedInput<T extends object, Read> = {
  readonly id: string;
  /** Read in the round trip of the lock. */
  readonly read: (tx: Tx) => Promise<Read>;
  /** The answer of an earlier call that this one only repeats, or null. */
  readonly earlier: (record: ApprovedRecord) => T | null;
  readonly refusalOf: (record: ApprovedRecord, has_quorum: boolean, now: Date) => ActRefusal | null;
  /** What has to be got outside of the transaction first, or null. */
  readonly missing: (read: Read) => (() => Promise<void>) | null;
  /** Does it, and may commit with it; the code, and nothing written, when somebody else has done it first. */
  readonly act: (tx: LockedTx, record: ApprovedRecord, read: Read) => Promise<T | ActRefusal>;
  /** As what its refusals are recorded. */
  readonly refused: 'grant.claim_refused' | 'execution.start_refused';
};

type Attempted<T> =
  | { readonly kind: 'done'; readonly answer: T }
  | { readonly kind: 'refused'; readonly code: ActRefusal }
  /** Nothing was written: somebody else was faster, which is still to be recorded. */
  | { readonly kind: 'late'; readonly code: ActRefusal; readonly digest: string }
  /** Nothing was written: the sources of its groups are to be asked first. */
  | ({ readonly kind: 'unasked' } & SourcesToAsk)
  /** Nothing was written: this is to be got first. */
  | { readonly kind: 'unready'; readonly get: () => Promise<void> };

/** A policy that names another user group, or a key that is rotated, while one is asked for is met so many times at most. */
export const ASKED_TIMES_MAX = 5;

/** Acts, once. Every refusal is audited; a caller that is not the requester gets not_found and burns nothing. */
export async function actOnApproved<T extends object, Read>(
  deps: ApprovedDeps,
  caller: AgentPrincipal,
  input: ApprovedInput<T, Read>,
): Promise<T> {
  let answers: readonly SourceAnswer[] = [];
  let dependency = 'slack';
  // Slack is asked and keys are opened outside of the transaction: no lock waits for it, and a call that cannot succeed asks
  // nothing.
  for (let tries = 0; tries < ASKED_TIMES_MAX; tries += 1) {
    const attempted = await attempt(deps, caller, input, answers);
    switch (attempted.kind) {
      case 'done':
        return attempted.answer;
      case 'refused':
        throw new PlacetError(attempted.code);
      case 'late': {
        const { code, digest } = attempted;
        await deps.transact(caller.tenant_id, (tx) => refuse(deps, tx, caller, { input, digest, code }));
        throw new PlacetError(code);
      }
      case 'unasked':
        answers = await deps.askSources(attempted.sources, attempted.accounts);
        dependency = 'slack';
        break;
      case 'unready':
        await attempted.get();
        dependency = 'signing key';
        break;
    }
  }
  throw new PlacetError('unavailable', { dependency });
}

function attempt<T extends object, Read>(
  deps: ApprovedDeps,
  caller: AgentPrincipal,
  input: ApprovedInput<T, Read>,
  answers: readonly SourceAnswer[],
): Promise<Attempted<T>> {
  return deps.transact(caller.tenant_id, async (begun): Promise<Attempted<T>> => {
    // Sent together, in this order: no policy is applied meanwhile, so that rules and people are of one. Whoever applies
    // one locks requests after the policy too, so that neither waits for the other in turn.
    const [read, , policy, locked] = await inOrder(begun, [
      input.read,
      (tx) => policies.holdPolicies(tx),
      (tx) => readPolicy(deps, tx),
      (tx) => lockRequestRecord(tx, input.id, APPROVED),
    ]);
    if (locked?.record.request.agent_id !== caller.id) throw new PlacetError('not_found');
    const { tx, record } = locked;
    const earlier = input.earlier(record);
    if (earlier !== null) return { kind: 'done', answer: earlier };
    const sources = sourcesOf(record);
    // Whoever approved and whatever Slack would say, some are refused: those ask nothing.
    const certain = coded(input.refusalOf(record, true, tx.now)) ?? barredBy(record, policy, tx.now);
    if (certain === null) {
      if (!isAnswered(sources, answers)) return { kind: 'unasked', sources, accounts: await accountsOf(tx, record) };
      const get = input.missing(read);
      if (get !== null) return { kind: 'unready', get };
    }
    const refusal = certain ?? coded(input.refusalOf(record, await isStanding(tx, record, answers), tx.now));
    if (refusal?.code === 'quorum_lost') assertSaid(answers);
    if (refusal !== null) return refuse(deps, tx, caller, { input, digest: record.request.digest, ...refusal });
    const answer = await input.act(tx, record, read);
    if (typeof answer !== 'string') return { kind: 'done', answer };
    return { kind: 'late', code: answer, digest: record.request.digest };
  });
}

type Refusing = {
  readonly input: Pick<ApprovedInput<object, never>, 'id' | 'refused'>;
  readonly digest: string;
  readonly code: ActRefusal;
  readonly rule?: string;
};

const coded = (code: ActRefusal | null) => (code === null ? null : { code });

async function refuse(
  deps: ApprovedDeps,
  tx: Tx,
  actor: AgentPrincipal,
  { input, digest, ...facts }: Refusing,
): Promise<{ readonly kind: 'refused'; readonly code: ActRefusal }> {
  const { id: request_id, refused: type } = input;
  await recordEvent(deps, tx, { type, outcome: 'failure', actor, request_id, digest, facts });
  return { kind: 'refused', code: facts.code };
}

/** Throws `unavailable` where a source failed: nobody can say then that its people count no more, and it may be asked again. */
export function assertSaid(answers: readonly SourceAnswer[]): void {
  if (!answers.every(saysWho)) throw new PlacetError('unavailable', { dependency: 'source of members' });
}

/** The accounts that decided, and those of whoever they decided for. */
export async function accountsOf(tx: Tx, { decisions }: ApprovedRecord): Promise<readonly string[]> {
  const steads = stoodForIn(decisions);
  const links = steads.length === 0 ? [] : await identities.listAccounts(tx, steads);
  return [...decisions.map(({ account }) => account), ...links.map(({ subject }) => subject)];
}

/** The sources without whose answers nobody can say whether the approval still stands. */
export function sourcesOf({ request, parts }: Pick<ApprovedRecord, 'request' | 'parts'>): readonly AskedSource[] {
  return request.effect === 'allow' ? [] : sourcesToAsk(parts);
}

/**
 * The people who approved are still active, still in the group, still not the requester, nor by now the maker of a key of its
 * agent, who could act on their own approval (INV-1, INV-2); and whoever they decided for, too. What was allowed by a rule needed
 * nobody. The request is locked where a source was asked: what it answered is kept.
 */
export async function isStillApproved(
  tx: Tx,
  { request, decisions, parts }: Omit<ApprovedRecord, 'standing'>,
  answers: readonly SourceAnswer[],
): Promise<boolean> {
  if (request.effect === 'allow') return true;
  const steads = stoodForIn(decisions);
  const ids = [...new Set([...decisions.map(({ person_id }) => person_id), ...steads])];
  const judged = { parts, answers, person_ids: ids };
  const delegations = steads.length === 0 ? [] : await absences.listDelegations(tx, steads);
  const [approvedBy, behind, memberships] = await inOrder(tx, [
    (tx) => people.listPeople(tx, ids),
    (tx) => agents.listBehind(tx, request.agent_id),
    (tx) => membershipsNow(tx, judged),
  ]);
  await keepAsked(tx, judged, memberships);
  const counting = approvedBy.filter(({ id }) => !behind.includes(id));
  const approvers = counting.map((person) => ({
    person_id: person.id,
    is_active: person.is_active,
    group_ids: memberships.filter(({ person_id }) => person_id === person.id).map(({ group_id }) => group_id),
  }));
  return hasQuorum(request, decisions, approvers, delegations);
}

/**
 * The same, where nothing was written since the record was read: it says all of it where the policy lists everybody and each
 * decided by a right of their own.
 */
export async function isStanding(tx: Tx, record: ApprovedRecord, answers: readonly SourceAnswer[]): Promise<boolean> {
  const { request, decisions, standing } = record;
  if (answers.length > 0 || stoodForIn(decisions).length > 0) return isStillApproved(tx, record, answers);
  return request.effect === 'allow' || hasQuorum(request, decisions, standing);
}

/**
 * Whether it may still stand by what is known without asking: those who decided as members by a source that is not asked are
 * taken to be so still. Who is deactivated, behind the agent, or of no listed group any more counts no longer.
 */
export function mayStand({ request, decisions, parts, standing }: ApprovedRecord): boolean {
  if (request.effect === 'allow' || stoodForIn(decisions).length > 0) return true;
  const elsewhere = new Set(parts.flatMap(({ group_id, source }) => (askedSource(source) === null ? [] : [group_id])));
  const approvers = standing.map((approver) => {
    const own = decisions.filter(({ person_id }) => person_id === approver.person_id);
    const taken = own.flatMap(({ group_ids }) => (group_ids ?? []).filter((id) => elsewhere.has(id)));
    return { ...approver, group_ids: [...new Set([...approver.group_ids, ...taken])] };
  });
  return hasQuorum(request, decisions, approvers);
}
