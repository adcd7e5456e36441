// Lets a draft judge what was asked before, and counts which verdicts it would change. Changes nothing.

import type { Tx } from '../../db/database.ts';
import * as replays from '../../db/replays.ts';
import { PlacetError } from '../../domain/errors.ts';
import { evaluate, type PolicyDocument } from '../../domain/policy/policy.ts';
import type { Action, Effect } from '../../domain/request/request.ts';
import { parsePolicyFile } from '../../policy/read.ts';
import type { ServiceDeps } from '../deps.ts';

/** Requests read at once: enough that the round trips do not count, few enough that their bodies fit. */
const PAGE = 500;
/** Ids of requests by which somebody can look for themselves. */
const EXAMPLES_MAX = 3;

export type VerdictBy = { readonly effect: Effect; readonly rule: string | null };

export type ChangedVerdict = {
  readonly from: VerdictBy;
  readonly to: VerdictBy;
  readonly count: number;
  readonly examples: readonly string[];
};

export type Replay = {
  readonly from_at: Date;
  readonly requests: number;
  readonly unchanged: number;
  /** Some of their values are masked and kept nowhere, so nobody can judge them again. */
  readonly not_judged: number;
  /** What changes most first. */
  readonly changes: readonly ChangedVerdict[];
};

/** Every request of the last `since_seconds` through the draft. Throws policy_invalid. */
export async function replayPolicy(
  deps: Pick<ServiceDeps, 'transact'>,
  {
    tenant_id,
    source,
    since_seconds,
  }: { readonly tenant_id: string; readonly source: string; readonly since_seconds: number },
): Promise<Replay> {
  const read = parsePolicyFile(new TextEncoder().encode(source));
  if (read.kind === 'problems') throw new PlacetError('policy_invalid', { problems: read.problems });
  return deps.transact(tenant_id, (tx) =>
    replay(tx, read.document, new Date(tx.now.getTime() - since_seconds * 1_000)),
  );
}

async function replay(tx: Tx, draft: PolicyDocument, from_at: Date): Promise<Replay> {
  const changes = new Map<string, { from: VerdictBy; to: VerdictBy; count: number; examples: string[] }>();
  let requests = 0;
  let unchanged = 0;
  let not_judged = 0;
  for (let after = ''; ; ) {
    const page = await replays.listJudged(tx, { from_at, after, limit: PAGE });
    for (const judged of page) {
      requests += 1;
      const from = { effect: judged.effect, rule: judged.rule };
      const to = verdictOf(draft, judged);
      if (to === null) {
        not_judged += 1;
        continue;
      }
      if (from.effect === to.effect && from.rule === to.rule) {
        unchanged += 1;
        continue;
      }
      const key = JSON.stringify([from, to]);
      const change = changes.get(key) ?? { from, to, count: 0, examples: [] };
      change.count += 1;
      if (change.examples.length < EXAMPLES_MAX) change.examples.push(judged.id);
      changes.set(key, change);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.id;
  }
  return { from_at, requests, unchanged, not_judged, changes: [...changes.values()].sort((a, b) => b.count - a.count) };
}

/** As the draft would have judged it at its own moment, from what was digested; null where that does not hold all values. */
function verdictOf(draft: PolicyDocument, judged: replays.JudgedRequest): VerdictBy | null {
  const { action, resource, parameters, masked } = JSON.parse(judged.canonical.toString('utf8')) as Action;
  if (masked !== undefined) return null;
  const { agent_name: name, environment, labels, owner, on_behalf_of, created_at: now } = judged;
  const { effect, rule } = evaluate(draft, {
    agent: { name, environment, labels, owner },
    action,
    resource,
    parameters,
    on_behalf_of,
    now,
  });
  return { effect, rule: rule?.name ?? null };
}
