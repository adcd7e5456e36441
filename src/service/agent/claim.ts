// Resume: redeem the grant once, write the lease, and sign the credential at that moment. The credential is stored nowhere.

import { recordEvent } from '../../audit/record.ts';
import type { LockedTx, Tx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import * as groups from '../../db/groups.ts';
import { inOrder } from '../../db/in-order.ts';
import * as leases from '../../db/leases.ts';
import * as outbox from '../../db/outbox.ts';
import * as people from '../../db/people.ts';
import * as requests from '../../db/requests.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import { type ClaimRefusal, claimRefusal, type Grant } from '../../domain/credential/lease.ts';
import { PlacetError } from '../../domain/errors.ts';
import { userGroupsOf } from '../../domain/people/membership.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import { hasQuorum } from '../../domain/request/decision.ts';
import type { RequestRecord } from '../../domain/request/record.ts';
import { type ServiceDeps, SMALL_NEWS_SECONDS } from '../deps.ts';
import { lockUnderPolicy } from '../locked.ts';
import { keepListed, type SlackMembers } from '../user-groups.ts';

export type CredentialFacts = {
  readonly lease_id: string;
  readonly request: RequestRecord['request'];
  readonly grant: Grant;
  /** The human that the agent works for, when there is one. */
  readonly person_id: string | null;
  readonly issued_at: Date;
  readonly expires_at: Date;
};

export type Signer = { readonly kid: string; readonly sign: (facts: CredentialFacts) => Promise<string> };

export type Signers = {
  /** The signer with this key, once the process has opened it. */
  readonly opened: (kid: string) => Signer | undefined;
  /** Opens the active key of a tenant, which is made at its first need. */
  readonly open: (tenant_id: string) => Promise<void>;
};

export type ClaimDeps = ServiceDeps & {
  readonly signers: Signers;
  /** Who is in these Slack user groups now, asked of Slack; throws `unavailable` when Slack cannot be asked. */
  readonly listSlackMembers: (slack_user_groups: readonly string[]) => Promise<SlackMembers>;
};

export type Claimed = { readonly token: string; readonly lease: { readonly id: string; readonly expires_at: Date } };

type Attempted =
  /** The lease stands; its credential is still to be signed. */
  | { readonly kind: 'issued'; readonly facts: CredentialFacts; readonly signer: Signer }
  | { readonly kind: 'refused'; readonly code: ClaimRefusal }
  /** Nothing was written: Slack is to be asked about these first. */
  | { readonly kind: 'unasked'; readonly slack_user_groups: readonly string[] }
  /** Nothing was written: the key that signs now is to be opened first. */
  | { readonly kind: 'unopened' };

/** A policy that names another user group, or a key that is rotated, while one is asked for is met so many times at most. */
const TRIES_MAX = 5;

/**
 * The credential, once. Every refusal is audited; a caller that is not the requester gets not_found and burns nothing. The
 * lease is committed first and the credential signed after it, so that nobody waits behind a signature: a process that dies
 * between the two has burnt the claim, as one does whose answer is lost. No second credential is ever signed for a lease.
 */
export async function claim(deps: ClaimDeps, caller: AgentPrincipal, id: string): Promise<Claimed> {
  let listed: SlackMembers | null = null;
  // Slack is asked and keys are opened outside of the transaction: no lock waits for it, and a claim that cannot succeed asks
  // nothing.
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const attempted = await attemptClaim(deps, caller, { id, listed });
    switch (attempted.kind) {
      case 'issued':
        return sign(attempted);
      case 'refused':
        throw new PlacetError(attempted.code);
      case 'unasked':
        listed = await deps.listSlackMembers(attempted.slack_user_groups);
        break;
      case 'unopened':
        await deps.signers.open(caller.tenant_id);
        break;
    }
  }
  throw new PlacetError('unavailable', { dependency: 'slack' });
}

async function sign({ signer, facts }: Extract<Attempted, { kind: 'issued' }>): Promise<Claimed> {
  const token = await signer.sign(facts);
  return { token, lease: { id: facts.lease_id, expires_at: facts.expires_at } };
}

function attemptClaim(
  deps: ClaimDeps,
  caller: AgentPrincipal,
  { id, listed }: { readonly id: string; readonly listed: SlackMembers | null },
): Promise<Attempted> {
  return deps.transact(caller.tenant_id, async (begun): Promise<Attempted> => {
    // Sent together: one round trip.
    const [kid, locked] = await inOrder(begun, [
      (tx) => signingKeys.readActiveKid(tx),
      (tx) => lockUnderPolicy(tx, id),
    ]);
    if (locked?.record.request.agent_id !== caller.id) throw new PlacetError('not_found');
    const { tx, record } = locked;
    const facts = { state: record.request.state, grant: record.grant, has_result: record.result !== null };
    const slack_user_groups = record.request.effect === 'allow' ? [] : userGroupsOf(record.groups);
    // Whatever Slack would say, some claims are refused: those ask nothing.
    const isAsking = claimRefusal({ ...facts, has_quorum: true }, tx.now) === null;
    if (isAsking && !slack_user_groups.every((group) => listed?.user_ids.has(group))) {
      return { kind: 'unasked', slack_user_groups };
    }
    if (isAsking && listed !== null) await keepListed(tx, record, listed);
    const has_quorum = await isStillApproved(tx, record);
    const code = claimRefusal({ ...facts, has_quorum }, tx.now);
    const signer = kid === null ? undefined : deps.signers.opened(kid);
    if (code === null && signer === undefined) return { kind: 'unopened' };
    const { grant } = record;
    if (code === null && signer !== undefined && grant !== null && (await grants.redeemGrant(tx, grant.id))) {
      return { kind: 'issued', signer, facts: await issue(deps, tx, caller, { record, grant, kid: signer.kid }) };
    }
    const refused = code ?? 'already_claimed';
    const { digest } = record.request;
    await recordEvent(deps, tx, {
      type: 'grant.claim_refused',
      outcome: 'failure',
      actor: caller,
      request_id: id,
      digest,
      facts: { code: refused },
    });
    return { kind: 'refused', code: refused };
  });
}

/** The people who approved are looked at again: still active, still in the group, still not the requester (INV-1, INV-2). */
async function isStillApproved(tx: Tx, { request, decisions, groups: asked_groups }: RequestRecord): Promise<boolean> {
  if (request.effect === 'allow') return true;
  const ids = decisions.map(({ person_id }) => person_id);
  const group_ids = asked_groups.map(({ id }) => id);
  const [approvedBy, memberships] = await inOrder(tx, [
    (tx) => people.listPeople(tx, ids),
    (tx) => groups.listMemberships(tx, group_ids, ids),
  ]);
  const approvers = approvedBy.map((person) => ({
    person_id: person.id,
    is_active: person.is_active,
    group_ids: memberships.filter(({ person_id }) => person_id === person.id).map(({ group_id }) => group_id),
  }));
  return hasQuorum(request, decisions, approvers);
}

async function issue(
  deps: ClaimDeps,
  tx: LockedTx,
  caller: AgentPrincipal,
  { record, grant, kid }: { readonly record: RequestRecord; readonly grant: Grant; readonly kid: string },
): Promise<CredentialFacts> {
  const { request } = record;
  const lease_id = deps.newId('lease');
  // Whole seconds, because a JWT's times are (RFC 7519 section 2).
  const issued_at = new Date(Math.floor(tx.now.getTime() / 1_000) * 1_000);
  const expires_at = new Date(issued_at.getTime() + grant.credential.lifetime_seconds * 1_000);
  const row = {
    id: lease_id,
    grant_id: grant.id,
    request_id: request.id,
    digest: request.digest,
    state: 'active' as const,
    issued_at,
    expires_at,
  };
  const isTold = request.effect === 'require';
  // Sent together: one round trip.
  await inOrder(tx, [
    (tx) => leases.insertLease(tx, { ...row, kid }),
    (tx) =>
      recordEvent(deps, tx, {
        type: 'credential.issued',
        outcome: 'success',
        actor: caller,
        request_id: request.id,
        lease_id,
        digest: request.digest,
        facts: {
          grant_id: grant.id,
          kid,
          audience: grant.credential.audience,
          scopes: grant.credential.scopes.join(' '),
          expires_at: expires_at.toISOString(),
        },
      }),
    isTold ? (tx) => requests.touchRequest(tx, request.id) : null,
    isTold ? (tx) => outbox.enqueue(tx, request.id, 'nudge', SMALL_NEWS_SECONDS) : null,
  ]);
  return { lease_id, request, grant, person_id: request.on_behalf_of_person_id, issued_at, expires_at };
}
