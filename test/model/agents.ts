// The agents and tools of a play: one HTTP call each, no retries, and its answer in the model's words.

import type { ApprovalRequest, ClaimedCredential, Revoked } from '@placet/sdk';
import type { AgentCall, AgentName, Body, GiveBack, Slot, ToolCall } from './calls.ts';
import { wireBody } from './cast.ts';
import { clock, type Found, keep, nameOf, type Play } from './play.ts';

/** Nothing here takes a second; a machine that is busy with other tests may need more. */
const CALL_MS_MAX = 30_000;
const WAIT_SECONDS = 1;
const BASE = '/v1/approval-requests';

type Request = { readonly method: 'GET' | 'POST'; readonly path: string; readonly bearer: string };
type Heard<T> = { readonly begin: number; readonly end: number; readonly code: string | null; readonly body: T };

/** Creates, or repeats a creation: the key names the request. */
export async function create(play: Play, lane: string, call: Extract<AgentCall, { kind: 'create' }>): Promise<void> {
  const heard = await ask<ApprovalRequest>(
    play,
    { method: 'POST', path: BASE, bearer: keyOf(play, call) },
    { headers: { 'idempotency-key': keyName(call) }, body: wireBody(call.body, play.cast) },
  );
  if (heard.code === null) remember(play, call, heard.body);
  keep(play, lane, call, { ...heard, answer: answerOf(play, call, heard, (view) => viewAnswer(play, view)) });
}

/** Reads, cancels, claims or reports as an agent; does nothing while the request is unknown. */
export async function callAsAgent(
  play: Play,
  lane: string,
  call: (Exclude<AgentCall, { kind: 'create' | 'list' }> | GiveBack) & { readonly is_waiting?: boolean },
): Promise<void> {
  const found = play.found.get(nameOf(call));
  if (found === undefined) return;
  const path = `${BASE}/${found.id}`;
  const bearer = keyOf(play, call);
  const { is_waiting = false, ...kept } = call;
  if (call.kind === 'claim') {
    const heard = await ask<ClaimedCredential>(play, { method: 'POST', path: `${path}/credential`, bearer });
    const { credential, lease } = heard.body;
    if (heard.code === null) play.leases.set(nameOf(call), { id: lease.id, token: credential.token });
    return keep(play, lane, kept, { ...heard, answer: heard.code ?? 'claimed' });
  }
  if (call.kind === 'give_back') {
    const heard = await ask<{ revocation: Revoked }>(play, { method: 'POST', path: `${path}/revoke`, bearer });
    return keep(play, lane, kept, { ...heard, answer: heard.code ?? heard.body.revocation.kind });
  }
  if (call.kind === 'report') {
    const heard = await ask<Reported>(play, { method: 'POST', path: `${path}/result`, bearer }, { body: call.result });
    return keep(play, lane, kept, { ...heard, answer: heard.code ?? resultAnswer(heard.body) });
  }
  const request: Request =
    call.kind === 'cancel'
      ? { method: 'POST', path: `${path}/cancel`, bearer }
      : { method: 'GET', path: is_waiting ? `${path}?wait_seconds=${WAIT_SECONDS}` : path, bearer };
  const heard = await ask<ApprovalRequest>(play, request);
  keep(play, lane, kept, { ...heard, answer: answerOf(play, call, heard, (view) => viewAnswer(play, view)) });
}

/** Lists the agent's own requests, and keeps what the list says of each that is known, also of the other agent's. */
export async function list(play: Play, lane: string, by: AgentName, key: number): Promise<void> {
  const known = [...play.found.values()];
  const bearer = play.keys[by][key] ?? '';
  const heard = await ask<{ items: readonly ApprovalRequest[] }>(play, {
    method: 'GET',
    path: `${BASE}?limit=100`,
    bearer,
  });
  for (const { agent, slot, id } of known) {
    const call: AgentCall = { kind: 'list', by, key, agent, slot };
    const item = heard.code === null ? heard.body.items.find((each) => each.id === id) : undefined;
    keep(play, lane, call, { ...heard, answer: heard.code ?? (item ? viewAnswer(play, item) : 'absent') });
  }
}

/** Uses or reports as a tool does, with nothing but a credential; does nothing while there is none. */
export async function callAsTool(play: Play, lane: string, call: ToolCall): Promise<void> {
  const found = play.found.get(nameOf(call));
  const lease = play.leases.get(nameOf(call));
  const other = [...play.leases.entries()].find(([name]) => name !== nameOf(call))?.[1];
  const shown = call.is_own ? lease : other;
  if (found === undefined || lease === undefined || shown === undefined) return;
  const bearer = shown.token;
  if (call.kind === 'use') {
    const digest = call.is_right_digest ? found.digest : `sha256:${'0'.repeat(64)}`;
    const path = `/v1/leases/${lease.id}/use`;
    const heard = await ask<{ lease: { state: string } }>(play, { method: 'POST', path, bearer }, { body: { digest } });
    return keep(play, lane, call, { ...heard, answer: heard.code ?? heard.body.lease.state });
  }
  const path = `${BASE}/${found.id}/result`;
  const heard = await ask<Reported>(play, { method: 'POST', path, bearer }, { body: call.result });
  keep(play, lane, call, { ...heard, answer: heard.code ?? resultAnswer(heard.body) });
}

type Reported = { readonly result: { readonly status: string; readonly detail: string | null } };

function resultAnswer({ result: { status, detail } }: Reported): string {
  return JSON.stringify({ status, detail });
}

function keyOf({ keys }: Play, { by, key }: { readonly by: AgentName; readonly key: number }): string {
  return keys[by][key] ?? '';
}

function keyName({ slot }: Slot): string {
  return `slot-${slot}`;
}

function remember(play: Play, { agent, slot }: Slot & { readonly body: Body }, view: ApprovalRequest): void {
  if (play.found.has(nameOf({ agent, slot }))) return;
  const { id, digest, expires_at, requirement } = view;
  const groups = (requirement?.stages ?? []).flatMap(({ approvers }) => approvers).map(play.cast.plain);
  const found: Found = {
    agent,
    slot,
    id,
    digest,
    expires_at_ms: expires_at === null ? null : Date.parse(expires_at),
    is_about_dba: groups.includes('dba'),
  };
  play.found.set(nameOf(found), found);
}

function answerOf(
  play: Play,
  slot: Slot,
  { code, body }: Heard<ApprovalRequest>,
  read: (view: ApprovalRequest) => string,
): string {
  if (code !== null) return code;
  return body.id === play.found.get(nameOf(slot))?.id ? read(body) : `another request: ${body.id}`;
}

/** The request as the model shows it; the order of members is the model's. */
function viewAnswer({ cast, first_number }: Play, view: ApprovalRequest): string {
  const { policy, requirement, credential, created_at, expires_at, outcome } = view;
  const [stage] = requirement?.stages ?? [];
  const seconds = expires_at === null ? null : (Date.parse(expires_at) - Date.parse(created_at)) / 1_000;
  const decisions = view.decisions.map(({ person, decision, reason }) => [person.name, decision, reason]);
  const reported = outcome?.result;
  const result = reported ? { status: reported.status, detail: reported.detail } : null;
  const seen = {
    effect: policy.effect,
    rule: policy.rule,
    policy_number: (policy.number ?? 0) - first_number + 1,
    groups: [...(stage?.approvers ?? [])].sort(),
    quorum: stage?.quorum ?? 0,
    seconds,
    credential: credential === null ? null : credential.scopes.length === 1 ? 'less' : 'whole',
    state: view.state,
    decisions,
    outcome: outcome && {
      ...{ by: outcome.by, reason: outcome.reason, lease: outcome.lease?.state ?? null },
      ...{ is_revoked: outcome.revocation !== null, result },
    },
  };
  return cast.plain(JSON.stringify(seen));
}

async function ask<T>(
  { product }: Play,
  { method, path, bearer }: Request,
  more: { readonly headers?: Record<string, string>; readonly body?: unknown } = {},
): Promise<Heard<T>> {
  const headers = { ...more.headers, authorization: `Bearer ${bearer}` };
  const sent = more.body === undefined ? {} : { body: JSON.stringify(more.body) };
  const typed = more.body === undefined ? headers : { ...headers, 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(CALL_MS_MAX);
  const begin = clock();
  const response = await fetch(`${product.apiUrl}${path}`, { method, headers: typed, signal, ...sent });
  const body = (await response.json()) as T & { readonly code?: string };
  return { begin, end: clock(), code: response.ok ? null : (body.code ?? `status ${response.status}`), body };
}
