// Ask: write a judged request once, with its audit events, in one transaction; under load with others of the same moment.

import { numberEvent, recordEvent } from '../../audit/record.ts';
import type { LockedTx, Tx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import { inOrder } from '../../db/in-order.ts';
import * as requests from '../../db/requests.ts';
import type { NewGrant, NumberedEvent } from '../../db/tables.ts';
import type { AuditEvent } from '../../domain/audit/event.ts';
import { endsOf, usesOf } from '../../domain/credential/terms.ts';
import { hasCode, PlacetError } from '../../domain/errors.ts';
import type { SourceAnswer } from '../../domain/people/membership.ts';
import { type AgentPrincipal, POLICY } from '../../domain/people/principal.ts';
import { isReserved } from '../../domain/policy/actions.ts';
import type { Action, CredentialSpec } from '../../domain/request/request.ts';
import type { ServiceDeps } from '../deps.ts';
import { goAlone, type Together } from '../together.ts';
import { type EarlierDeps, findEarlier, mustFindEarlier } from './earlier.ts';
import type { OpenSources } from './fallback.ts';
import {
  type AgentSubmission,
  isRefusal,
  type JudgementDeps,
  judge,
  type PolicyFacts,
  readPolicyFacts,
  type Submission,
} from './judgement.ts';
import type { Salts } from './masks.ts';
import { type RequestView, viewAtCreation } from './request-view.ts';

export type SubmitDeps = JudgementDeps &
  EarlierDeps & {
    /** What makes requests together that are asked for at the same moment; without it each is made alone. */
    readonly together?: Together<AgentSubmission, Attempt>;
  };

/** Writes the request and answers it; a repeat of the same key and body gets the same answer, another body a conflict. */
export async function submit(deps: SubmitDeps, caller: AgentPrincipal, submission: Submission): Promise<RequestView> {
  if (isReserved(submission.ask.action)) throw new PlacetError('action_reserved');
  // Whom it works for may be written as a new person first: that is nobody else's to wait for.
  const go = submission.ask.on_behalf_of === null ? (deps.together ?? goAlone) : goAlone;
  const { tenant_id } = caller;
  let answers: readonly SourceAnswer[] = [];
  // Sources are asked outside of the transaction: no lock of policies waits for them.
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const attempt = await go(tenant_id, { caller, submission, answers }, (all) => attemptAll(deps, tenant_id, all));
    if (attempt.status === 'rejected') throw attempt.reason;
    const { value } = attempt;
    if (value === null) return deps.transact(tenant_id, (tx) => mustFindEarlier(deps, tx, caller, submission));
    if (!('unasked' in value)) return value;
    answers = await deps.askSources(value.unasked, null);
  }
  throw new PlacetError('unavailable', { dependency: 'sources' });
}

/** A policy that names other sources while some are asked is met so many times at most. */
const TRIES_MAX = 5;

/** The answer, null when a request under this key stands already, what is to be asked first, or why it was refused. */
export type Attempt = PromiseSettledResult<RequestView | OpenSources | null>;

/** Judges and writes all of them in one transaction; each is refused for itself. */
function attemptAll(deps: SubmitDeps, tenant_id: string, all: readonly AgentSubmission[]): Promise<readonly Attempt[]> {
  return deps.transact(tenant_id, async (tx) => {
    const known = await readPolicyFacts(deps, tx, all);
    const outcomes: (New | Attempt)[] = [];
    for (const input of all) outcomes.push(await judgeOrRefuse(deps, tx, known, input));
    const [first] = outcomes;
    // Nothing of what was refused is kept, such as the person that it would have been for.
    if (all.length === 1 && first !== undefined && 'status' in first && first.status === 'rejected') throw first.reason;
    const creations = outcomes.flatMap((each) => ('creation' in each ? each.creation : []));
    if (creations.length === 0) return outcomes as readonly Attempt[];
    // The insert itself tells a repeat: asking first would cost every other request a round trip.
    const inserted = await tx.commitWith(() => requests.insertRequests(tx, creations));
    return outcomes.map((each) => ('creation' in each ? answered(each, inserted) : each));
  });
}

type New = { readonly creation: requests.Creation; readonly salts: Salts };

async function judgeOrRefuse(
  deps: SubmitDeps,
  tx: Tx,
  known: PolicyFacts,
  input: AgentSubmission,
): Promise<New | Attempt> {
  try {
    const judged = await judge(deps, tx, known, input);
    // A repeat keeps the answer of its creation, whether or not anybody can be asked today.
    if ('unasked' in judged) return repeatOr(deps, tx, input, { status: 'fulfilled', value: judged });
    const { request, salts } = judged;
    const grant = request.effect === 'allow' ? newGrant(deps, tx, request) : null;
    return { creation: { request, grant, events: eventsOf(deps, input.caller, { request, grant }) }, salts };
  } catch (reason) {
    if (!isRefusal(reason)) throw reason;
    return repeatOr(deps, tx, input, { status: 'rejected', reason });
  }
}

/** A repeat keeps the answer of its creation, also under a policy that would refuse it today. */
async function repeatOr(
  deps: SubmitDeps,
  tx: Tx,
  { caller, submission }: AgentSubmission,
  refused: Attempt,
): Promise<Attempt> {
  try {
    const value = await findEarlier(deps, tx, caller, submission);
    return value === null ? refused : { status: 'fulfilled', value };
  } catch (reason) {
    if (hasCode(reason, 'idempotency_conflict')) return { status: 'rejected', reason };
    throw reason;
  }
}

function answered({ creation: { request, grant }, salts }: New, inserted: ReadonlySet<string>): Attempt {
  if (!inserted.has(request.id)) return { status: 'fulfilled', value: null };
  // From the canonical text, as every later answer: its members stand in the same order.
  const { parameters, masked } = JSON.parse(new TextDecoder().decode(request.canonical)) as Action;
  return { status: 'fulfilled', value: viewAtCreation({ request: { ...request, parameters, masked }, grant }, salts) };
}

function eventsOf(
  deps: SubmitDeps,
  caller: AgentPrincipal,
  { request, grant }: Pick<requests.Creation, 'request' | 'grant'>,
): readonly NumberedEvent[] {
  const { effect, rule, policy_id, action, created_at } = request;
  const about = { outcome: 'success', request_id: request.id, digest: request.digest } as const;
  const facts = { effect, rule, policy_id, action };
  const events: AuditEvent[] = [{ ...about, type: 'approval_request.created', actor: caller, facts }];
  if (effect === 'allow') events.push({ ...about, type: 'approval_request.approved', actor: POLICY, facts: { rule } });
  if (effect === 'deny') events.push({ ...about, type: 'approval_request.denied', actor: POLICY, facts: { rule } });
  if (grant !== null) events.push(grantCreated(request, grant));
  return events.map((event) => numberEvent(deps, created_at, event));
}

type Granted = { readonly id: string; readonly digest: string; readonly credential: CredentialSpec | null };

/** The grant of an approved request, when its rule grants a credential at all. */
export async function makeGrant(service: ServiceDeps, tx: LockedTx, request: Granted): Promise<void> {
  const grant = newGrant(service, tx, request);
  if (grant === null) return;
  await inOrder(tx, [
    (tx) => grants.insertGrant(tx, grant),
    (tx) => recordEvent(service, tx, grantCreated(request, grant)),
  ]);
}

function newGrant(service: ServiceDeps, tx: Tx, { id: request_id, digest, credential }: Granted): NewGrant | null {
  if (credential === null) return null;
  const terms = { uses_max: usesOf(credential), ...endsOf(credential, tx.now) };
  return { id: service.newId('grant'), request_id, digest, credential, created_at: tx.now, ...terms };
}

function grantCreated({ id: request_id, digest }: Granted, grant: NewGrant): AuditEvent {
  const { id: grant_id, claim_expires_at, uses_max, ends_at } = grant;
  const times = { claim_expires_at: claim_expires_at.toISOString(), ends_at: ends_at?.toISOString() ?? null };
  const facts = { grant_id, uses_max, ...times };
  return { type: 'grant.created', outcome: 'success', actor: POLICY, request_id, digest, facts };
}
