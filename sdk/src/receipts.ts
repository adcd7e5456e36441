// What the receipts of one request say together: what was asked, who decided, what was issued, and that it ran once. Receipts
// that contradict each other say nothing.
import { canonicalBytes, type JsonValue } from './canonical.ts';
import { sha256Digest } from './digest.ts';
import { LogError } from './log-error.ts';
import { type VerifiedReceipt, verifyReceipt } from './receipt.ts';
import { AFTER_APPROVAL, LEASE_ENDS, OUTCOMES, RAN, requireStory } from './receipt-story.ts';

/** What a receipt proves, and what it does not, for whoever is shown one. */
export const RECEIPT_PROVES =
  'A receipt proves that this event stands in the log at this place, unchanged since the checkpoint was signed; it does not ' +
  'prove what else stands there, nor what happened outside of Placet.';

/** What is null was not shown, or its receipt is not among these. */
export type Submission = {
  readonly agent_id: string | null;
  readonly at: string;
  readonly action: string;
  readonly environment: string;
  /** Version, action, resource and parameters, as they were digested. */
  readonly content: JsonValue;
  readonly justification: JsonValue;
};
export type Decided = {
  readonly person_id: string | null;
  readonly at: string;
  readonly decision: string;
  readonly stage: number;
  readonly reason: JsonValue;
};
export type Issued = {
  readonly lease_id: string;
  readonly at: string;
  readonly kid: string;
  readonly audience: string;
  readonly scopes: string;
  readonly use: number;
  readonly expires_at: string;
};
/** One running of the action: under its lease, or begun without a credential. */
export type Execution = { readonly at: string; readonly use: number; readonly lease_id: string | null };

export type VerifiedRequest = {
  readonly request_id: string;
  readonly digest: string | null;
  readonly submission: Submission | null;
  readonly decisions: readonly Decided[];
  readonly outcome: { readonly state: string; readonly at: string } | null;
  /** How often it may run; null where the grant's receipt is not among these. */
  readonly uses_max: number | null;
  readonly issued: readonly Issued[];
  readonly executions: readonly Execution[];
  readonly results: readonly { readonly use: number; readonly status: string; readonly at: string }[];
  /** How each lease ended: used, expired or revoked. */
  readonly lease_ends: readonly { readonly lease_id: string; readonly state: string; readonly at: string }[];
  /** When the approval was taken back, and by whom; null where no receipt tells of it. */
  readonly revocation: { readonly at: string; readonly by_kind: string; readonly by_id: string | null } | null;
  /** The tree that all of these receipts are of. */
  readonly size: number;
};

/**
 * What the receipts of one request prove together. Throws LogError: as verifyReceipt does, and `receipts_disagree` where they are
 * of different requests, or contradict each other.
 */
export function verifyReceipts(texts: readonly string[], { key }: { readonly key: string }): VerifiedRequest {
  const all = inOrder(texts.map((text) => verifyReceipt(text, { key })));
  const request_id = theOne(all.map(({ event }) => event.request_id ?? null));
  if (request_id === null) throw new LogError('receipts_disagree');
  const only = (...types: string[]) => all.filter(({ event }) => types.includes(event.type));
  const [created, granted, outcome] = [
    atMostOne(only('approval_request.created')),
    atMostOne(only('grant.created')),
    atMostOne(only(...OUTCOMES)),
  ];
  const revoked = atMostOne(only('approval.revoked'));
  requireOrder(all, { created, outcome });
  requireStory(all);
  const uses_max = granted === null ? null : Number(factOf(granted, 'uses_max'));
  const executions = only(...RAN).map(executionOf);
  const issued = only('credential.issued').map(issuedOf);
  const results = only('result.reported').map((receipt) => ({
    use: Number(factOf(receipt, 'use')),
    status: String(factOf(receipt, 'status')),
    at: receipt.event.occurred_at,
  }));
  for (const uses of [executions, issued, results]) requireDistinct(uses, uses_max);
  requireLeases(issued, executions);
  return {
    request_id,
    digest: theOne(all.flatMap(digestsOf)),
    submission: created === null ? null : submissionOf(created),
    decisions: only('decision.recorded').map(decidedOf),
    outcome: outcome === null ? null : { state: outcome.event.type.split('.')[1] ?? '', at: outcome.event.occurred_at },
    ...{ uses_max, issued, executions, results },
    lease_ends: only(...LEASE_ENDS).map(({ event }) => ({
      lease_id: event.lease_id ?? '',
      state: event.type.split('.')[1] ?? '',
      at: event.occurred_at,
    })),
    revocation:
      revoked === null
        ? null
        : { at: revoked.event.occurred_at, by_kind: revoked.event.actor.kind, by_id: revoked.event.actor.id ?? null },
    size: theOne(all.map(({ checkpoint }) => checkpoint.size)) ?? 0,
  };
}

/**
 * By their places; the same receipt again adds nothing. One place with two events is no log, nor is one event at two places; and
 * nothing shows that two checkpoints are of one log, so all receipts are of one.
 */
function inOrder(receipts: readonly VerifiedReceipt[]): VerifiedReceipt[] {
  const places = new Map<number, VerifiedReceipt>();
  const indexes = new Map<string, number>();
  const [first] = receipts;
  for (const receipt of receipts) {
    const { index, event, checkpoint } = receipt;
    const isOfOne = checkpoint.size === first?.checkpoint.size && first.checkpoint.root.equals(checkpoint.root);
    const isSame = places.get(index)?.leaf_hash.equals(receipt.leaf_hash) !== false;
    if (!isOfOne || !isSame || (indexes.get(event.id) ?? index) !== index)
      throw new LogError('receipts_disagree', event.id);
    places.set(index, receipt);
    indexes.set(event.id, index);
  }
  return [...places.values()].sort((one, other) => one.index - other.index);
}

/** The digest that is shown, and the one of the content that is. */
function digestsOf({ values }: VerifiedReceipt): string[] {
  const { digest, content } = values;
  const shown = digest === undefined ? [] : [String(digest)];
  if (content === undefined) return shown;
  const { v = null } = (content ?? {}) as { readonly v?: JsonValue };
  const domain = Buffer.from(`placet/action/v${String(v)}\n`);
  return [...shown, sha256Digest(Buffer.concat([domain, canonicalBytes(content)]))];
}

function requireOrder(
  all: readonly VerifiedReceipt[],
  { created, outcome }: { readonly created: VerifiedReceipt | null; readonly outcome: VerifiedReceipt | null },
): void {
  for (const { event, index } of all) {
    const isBefore = created !== null && index < created.index;
    const isLate = event.type === 'decision.recorded' && outcome !== null && index > outcome.index;
    const isEarly = AFTER_APPROVAL.includes(event.type) && outcome !== null && index < outcome.index;
    const isWithout =
      AFTER_APPROVAL.includes(event.type) && outcome !== null && outcome.event.type !== 'approval_request.approved';
    if (isBefore || isLate || isEarly || isWithout) throw new LogError('receipts_disagree', event.id);
  }
}

/** Each use is there once, and none goes beyond what was granted. */
function requireDistinct(uses: readonly { readonly use: number }[], uses_max: number | null): void {
  const isDistinct = new Set(uses.map(({ use }) => use)).size === uses.length;
  const isWithin = uses.every(({ use }) => use >= 1 && use <= (uses_max ?? Number.MAX_SAFE_INTEGER));
  if (!isDistinct || !isWithin) throw new LogError('receipts_disagree');
}

/** What ran under a lease ran as the use that its credential was issued for. */
function requireLeases(issued: readonly Issued[], executions: readonly Execution[]): void {
  for (const { lease_id, use } of executions) {
    const own = issued.find((each) => each.use === use);
    if (own !== undefined && own.lease_id !== lease_id) throw new LogError('receipts_disagree', own.lease_id);
  }
}

function submissionOf(receipt: VerifiedReceipt): Submission {
  const { event } = receipt;
  return {
    agent_id: event.actor.id ?? null,
    at: event.occurred_at,
    action: String(factOf(receipt, 'action')),
    environment: String(factOf(receipt, 'environment')),
    content: factOf(receipt, 'content'),
    justification: factOf(receipt, 'justification'),
  };
}

function decidedOf(receipt: VerifiedReceipt): Decided {
  const { event } = receipt;
  return {
    person_id: event.actor.id ?? null,
    at: event.occurred_at,
    decision: String(factOf(receipt, 'decision')),
    stage: Number(factOf(receipt, 'stage')),
    reason: factOf(receipt, 'reason'),
  };
}

function issuedOf(receipt: VerifiedReceipt): Issued {
  const text = (name: string) => String(factOf(receipt, name));
  return {
    lease_id: receipt.event.lease_id ?? '',
    at: receipt.event.occurred_at,
    kid: text('kid'),
    audience: text('audience'),
    scopes: text('scopes'),
    use: Number(factOf(receipt, 'use')),
    expires_at: text('expires_at'),
  };
}

function executionOf(receipt: VerifiedReceipt): Execution {
  const { event } = receipt;
  const use = event.type === 'execution.started' ? 1 : Number(factOf(receipt, 'use'));
  return { at: event.occurred_at, use, lease_id: event.lease_id ?? null };
}

/** A fact of the leaf, or the value that was shown for one that it only commits to; null for one that was not. */
function factOf({ event, values }: VerifiedReceipt, name: string): JsonValue {
  return event.facts[name] ?? values[name] ?? null;
}

function atMostOne(receipts: readonly VerifiedReceipt[]): VerifiedReceipt | null {
  const [first = null, second] = receipts;
  if (second !== undefined) throw new LogError('receipts_disagree', second.event.id);
  return first;
}

/** What all of them are; null for none. */
function theOne<T>(values: readonly T[]): T | null {
  const [first, ...others] = new Set(values);
  if (others.length > 0) throw new LogError('receipts_disagree');
  return first ?? null;
}
