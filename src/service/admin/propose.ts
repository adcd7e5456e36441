// A change of policy that widens becomes an approval request: judged by the live version's `policy_changes` alone, or by one
// owner or admin where it has none; never by its rules. Whoever is behind the change never counts.

import { numberEvent } from '../../audit/record.ts';
import * as agents from '../../db/agents.ts';
import type { Tx } from '../../db/database.ts';
import * as groups from '../../db/groups.ts';
import type { PolicyVersion } from '../../db/policies.ts';
import * as proposals from '../../db/proposals.ts';
import * as requests from '../../db/requests.ts';
import * as roles from '../../db/roles.ts';
import type { NewRequest } from '../../db/tables.ts';
import type { AuditEvent } from '../../domain/audit/event.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import {
  administratorGroup,
  BUILTIN_ENVIRONMENT,
  PROPOSAL_SECONDS,
  proposalAction,
} from '../../domain/policy/proposal.ts';
import { plainAsk, type Requirement } from '../../domain/request/request.ts';
import type { JudgementDeps } from '../agent/judgement.ts';
import { type Author, peopleBehind } from './author.ts';
import type { Change } from './prepare-change.ts';
import { cancelProposal, hexOf } from './write-version.ts';

export type ProposeDeps = Pick<JudgementDeps, 'transact' | 'newId' | 'digestAction' | 'fitsCard'>;

export type Proposal = Change & { readonly by: Author };

export type Proposed = { readonly kind: 'proposed'; readonly request_id: string; readonly expires_at: Date };

/** One owner or admin agrees where the document does not say who must. */
const DEFAULT_QUORUM = 1;
const DECIDING_ROLES = ['owner', 'admin'] as const;
/** The longest plan that one request holds: beyond it nobody reads, and the change is better made in parts. */
const CANONICAL_BYTES_MAX = 130_000;

/** Asks for the change; the same one again is the same request, another one takes the place of what its author asked before. */
export async function propose(deps: ProposeDeps, tx: Tx, change: Proposal): Promise<Proposed> {
  const { current, document, source, digest, by } = change;
  const base_number = current?.number ?? 0;
  const author = { author_kind: by.kind, author_id: by.id } as const;
  const same = await proposals.findSame(tx, { ...author, base_number, digest });
  if (same !== null) return { kind: 'proposed', request_id: same, expires_at: await expiryOf(tx, same) };
  for (const earlier of await proposals.listPending(tx, { author_id: by.id })) await cancelProposal(deps, tx, earlier);
  const request = await requestOf(deps, tx, change);
  const facts = { effect: request.effect, rule: null, policy_id: request.policy_id, action: 'placet.policy.apply' };
  const about = { outcome: 'success', actor: by, request_id: request.id, digest: request.digest } as const;
  const events: AuditEvent[] = [
    { ...about, type: 'approval_request.created', facts },
    { ...about, type: 'policy.proposed', facts: { base_number, digest: hexOf(digest) } },
  ];
  const numbered = events.map((event) => numberEvent(deps, tx.now, event));
  const inserted = await requests.insertRequests(tx, [{ request, events: numbered, grant: null }]);
  if (!inserted.has(request.id))
    throw new PlacetError('internal', {}, new Error('a proposal has the key of another request'));
  await proposals.insertProposal(tx, {
    ...{ request_id: request.id, base_number, document, source, digest, via: by.via },
    ...author,
  });
  return { kind: 'proposed', request_id: request.id, expires_at: request.expires_at ?? tx.now };
}

/** True when nobody but these people ever held a role: a team of one, or an installation in its first minute. */
export async function isAlone(tx: Tx, current: PolicyVersion | null, by: Author): Promise<boolean> {
  if (current?.document.policy_changes !== undefined) return false;
  return !(await roles.wereHeldByOthers(tx, peopleBehind(by)));
}

async function requestOf(deps: ProposeDeps, tx: Tx, { current, digest, plan, by }: Proposal): Promise<NewRequest> {
  const base = { number: current?.number ?? 0, digest: current === null ? null : hexOf(current.digest) };
  const action = proposalAction({ base, digest: hexOf(digest), plan });
  const digested = deps.digestAction(action);
  if (digested.canonical.length > CANONICAL_BYTES_MAX) throw new PlacetError('policy_change_too_large');
  const excluded_people = [...new Set(peopleBehind(by))];
  const requirement = await requirementOf(deps, tx, { document: current?.document ?? null, excluded_people });
  const [owner_person_id = ''] = excluded_people;
  const id = deps.newId('request');
  const { timeout_seconds: _timeout, ...ask } = plainAsk(action);
  return {
    ...ask,
    ...digested,
    id,
    agent_id: await agents.ensureBuiltin(tx, {
      id: deps.newId('agent'),
      owner_person_id,
      environment: BUILTIN_ENVIRONMENT,
    }),
    environment: BUILTIN_ENVIRONMENT,
    idempotency_key: id,
    body_digest: digest,
    on_behalf_of_person_id: null,
    excluded_people,
    effect: 'require',
    state: 'pending',
    policy_id: current?.id ?? null,
    policy_number: current?.number ?? null,
    rule: null,
    denial: null,
    requirement,
    presentation: null,
    salts_sealed: null,
    members_when_made: null,
    needs_review: !deps.fitsCard({ ...action, presentation: null, credential: null }),
    created_at: tx.now,
    expires_at: new Date(tx.now.getTime() + PROPOSAL_SECONDS * 1_000),
    closed_at: null,
  };
}

/** Who must agree: as the live version says, else an owner or admin. Throws quorum_unreachable when that is nobody. */
async function requirementOf(
  deps: ProposeDeps,
  tx: Tx,
  of: { readonly document: PolicyDocument | null; readonly excluded_people: readonly string[] },
): Promise<Requirement> {
  const { approvers, quorum } = of.document?.policy_changes ?? { approvers: null, quorum: DEFAULT_QUORUM };
  const deciding =
    approvers === null
      ? await administrators(deps, tx, of.excluded_people)
      : await groups.findGroupsByName(tx, approvers);
  const ids = deciding.map(({ id }) => id);
  const { excluded_people } = of;
  const counting = await groups.listEligible(tx, ids, { excluded_people, limit: quorum, answered: [] });
  const eligible = new Set(counting.filter(({ is_among }) => !is_among).map((each) => each.eligible)).size;
  if (eligible < quorum) throw new PlacetError('quorum_unreachable', { quorum, eligible });
  return { stages: [{ approvers: deciding.map(({ id, name }) => ({ group_id: id, name })), quorum }] };
}

/** A group of one for each owner and admin: each is asked in a direct message, and all of them together are the stage. */
async function administrators(deps: ProposeDeps, tx: Tx, excluded: readonly string[]) {
  const holders = (await roles.listHolders(tx, DECIDING_ROLES)).filter(
    ({ person_id }) => !excluded.includes(person_id),
  );
  const each = new Map(holders.map((holder) => [holder.person_id, holder] as const));
  if (each.size === 0) return [];
  const wanted = [...each.values()].map(({ person_id, email }) => ({
    id: deps.newId('group'),
    name: administratorGroup(email),
    channel: person_id,
    slack_user_group: null,
  }));
  const kept = await groups.upsertGroups(tx, wanted);
  await groups.keepAdministrators(
    tx,
    kept.map(({ id }) => id),
  );
  return kept;
}

async function expiryOf(tx: Tx, request_id: string): Promise<Date> {
  return (await requests.readExpiry(tx, request_id)) ?? tx.now;
}
