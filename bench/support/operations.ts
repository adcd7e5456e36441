// Each operation once, and a whole approval once, counted under the real use cases. docs/performance.md has a line for each
// of them, and a test compares the two.

import { createHash, randomUUID } from 'node:crypto';
import type { ApiDeps } from '../../src/http/deps.ts';
import { type Counts, counted } from './counts.ts';
import type { Question } from './policy.ts';

type Named = { readonly id: string; readonly digest: string };

/** What the operations are done with. */
export type Operating = {
  readonly api: ApiDeps;
  readonly bearer: string;
  readonly allowed: () => Question;
  readonly required: () => Question;
  readonly approve: (request: Named) => Promise<unknown>;
  /** What a run does when it looks at the record. */
  readonly reconcile: (request_id: string) => Promise<unknown>;
};

/** Counts one of each, after one that is not counted. */
export async function countOperations(operating: Operating): Promise<ReadonlyMap<string, Counts>> {
  const found = new Map<string, Counts>();
  await doEach(operating, (_name, work) => work());
  await doEach(operating, async (name, work) => {
    const { counts, value } = await counted(work);
    found.set(name, counts);
    return value;
  });
  return found;
}

type Measure = <T>(name: string, work: () => Promise<T>) => Promise<T>;

async function doEach(operating: Operating, measure: Measure): Promise<void> {
  const { api, bearer, reconcile } = operating;
  const caller = await measure("an agent's key, with each of its calls", () => api.authenticate(bearer));
  const create = (input: Question) => api.submit(caller, submissionOf(input));
  await measure('create, allowed', () => create(operating.allowed()));
  const request = await measure('create, needs a person', () => create(operating.required()));
  await measure("the run's look: posts the card", () => reconcile(request.id));
  await measure("the run's look: nothing to say", () => reconcile(request.id));
  await measure('read', () => api.readRequest(caller, request.id));
  await measure('decide', () => operating.approve(request));
  await measure("the run's look: redraws the card, tells the owner", () => reconcile(request.id));
  await measure('long poll, decided already', () => api.awaitDecision(caller, pollOf(request)));
  const { token, lease } = await measure('claim', () => api.claim(caller, request.id));
  await measure('use', () => api.use({ lease_id: lease.id, token, digest: request.digest }));
  await measure('report', () => api.report({ caller }, request.id, SUCCEEDED));
  await measure("the run's look: redraws both", () => reconcile(request.id));
}

/** What stands around an approval: the relay and Temporal. */
export type Telling = {
  /** One batch of the relay. */
  readonly drain: () => Promise<unknown>;
  /** Resolves once the run waits after it has posted the card. */
  readonly cardPosted: (request_id: string) => Promise<unknown>;
  /** Resolves once the run has ended; how many events its history has. */
  readonly ended: (request_id: string) => Promise<number>;
};

export type ApprovalCounts = Counts & { readonly events: number };

/**
 * Counts one whole approval, after one that is not counted: asked, its card posted, decided, claimed, used and reported by an
 * agent that acts at once, told in Slack, its run ended. The relay tells of what an agent does at once in one batch.
 */
export async function countApproval(operating: Operating, telling: Telling): Promise<ApprovalCounts> {
  await approveOne(operating, telling);
  const { counts, value: events } = await counted(() => approveOne(operating, telling));
  return { ...counts, events };
}

/** One whole approval; the number of events in its history. */
export async function approveOne({ api, bearer, required, approve }: Operating, telling: Telling): Promise<number> {
  const request = await api.submit(await api.authenticate(bearer), submissionOf(required()));
  await telling.drain();
  await telling.cardPosted(request.id);
  await approve(request);
  await api.awaitDecision(await api.authenticate(bearer), pollOf(request));
  const { token, lease } = await api.claim(await api.authenticate(bearer), request.id);
  await api.use({ lease_id: lease.id, token, digest: request.digest });
  await api.report({ caller: await api.authenticate(bearer) }, request.id, SUCCEEDED);
  await telling.drain();
  return telling.ended(request.id);
}

const SUCCEEDED = { status: 'succeeded', detail: null, result_digest: null } as const;

function submissionOf(input: Question) {
  const ask = { on_behalf_of: null, timeout_seconds: null, credential: null, justification: null, ...input };
  const body_digest = createHash('sha256').update(JSON.stringify(input)).digest();
  return { idempotency_key: randomUUID(), body_digest, ask };
}

function pollOf({ id }: Named) {
  return { id, wait_seconds: 30, signal: AbortSignal.timeout(30_000) };
}
