// Changes the policy by its text, through the doors of administrators. What only narrows is applied at once; what widens waits
// for a second person.

import type { Tx } from '../../db/database.ts';
import * as people from '../../db/people.ts';
import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import { wideningsOf } from '../../domain/policy/narrowing.ts';
import { planOf } from '../../domain/policy/plan.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import { editText, type PolicyEdit } from '../../policy/edit.ts';
import { parsePolicyFile } from '../../policy/read.ts';
import { type ConfigureDeps, recordForced, writeAsOperator } from './apply-policy.ts';
import { type Author, type PolicyAdministrator, peopleBehind, requireMay, requireRolesOfOthers } from './author.ts';
import {
  type Base,
  type Change,
  type PolicyText,
  type Prepared,
  prepareChange,
  requireBase,
} from './prepare-change.ts';
import { isAlone, type ProposeDeps, type Proposed, propose } from './propose.ts';
import { hexOf, type Written, writeVersion } from './write-version.ts';

/** What an edit before the first version begins with. */
const EMPTY = 'version: 1\n';

export type ChangeDeps = ProposeDeps & ConfigureDeps;

type Permissions = Awaited<ReturnType<typeof requireMay>>;

type About = {
  readonly tenant_id: string;
  readonly base: Base;
  /** Its author says that nobody else could agree, where that is so. */
  readonly is_alone_confirmed: boolean;
  readonly by: PolicyAdministrator;
};

export type Changed = (({ readonly kind: 'applied' | 'unchanged' } & Written) | Proposed) & {
  /** What changes, in words. */
  readonly plan: readonly string[];
};

/** Throws policy_invalid, policy_changed for another base, permission_missing, quorum_unreachable, confirmation_needed. */
export async function changePolicy(
  deps: ChangeDeps,
  { source, ...about }: About & { readonly source: string },
): Promise<Changed> {
  const document = documentOf(source);
  return change(deps, about, async () => ({ document, source }));
}

/** Makes the text of an earlier version the newest again, as a change like any other. Throws not_found besides. */
export function rollbackPolicy(
  deps: ChangeDeps,
  { number, ...about }: About & { readonly number: number },
): Promise<Changed> {
  return takeStep(deps, { ...about, step: { kind: 'rollback', number } });
}

/** A change that names what it changes: one edit of the newest text, or an earlier text in its place. */
export type PolicyStep = PolicyEdit | { readonly kind: 'rollback'; readonly number: number };

/** Takes one step. Throws as changePolicy does, and not_found for what is not there. */
export function takeStep(
  deps: ChangeDeps,
  { step, shown_digest = null, ...about }: About & { readonly step: PolicyStep; readonly shown_digest?: string | null },
): Promise<Changed> {
  return change(deps, about, (tx) => textOf(tx, step, about.base), shown_digest);
}

/** The text that the step makes. An edit is of the version that its author saw, so that is looked at first. */
async function textOf(tx: Tx, step: PolicyStep, base: Base): Promise<PolicyText> {
  if (step.kind === 'rollback') {
    const version = await policies.readVersion(tx, step.number);
    if (version === null) throw new PlacetError('not_found', { version: step.number });
    return version;
  }
  const newest = await policies.readNewestWhole(tx);
  await requireBase(tx, newest, base);
  const source = editText(newest?.source ?? EMPTY, step);
  return { document: documentOf(source), source };
}

export type PlannedChange = {
  readonly base: number;
  readonly plan: readonly string[];
  /** It waits for a second person, unless an operator applies it. */
  readonly is_widening: boolean;
};

/** What a text would change now, in words. Throws policy_invalid. */
export async function planPolicy(
  deps: Pick<ChangeDeps, 'transact'>,
  { tenant_id, source }: { readonly tenant_id: string; readonly source: string },
): Promise<PlannedChange> {
  const document = documentOf(source);
  const current = await deps.transact(tenant_id, (tx) => policies.readNewest(tx));
  const before = current?.document ?? null;
  const is_widening = wideningsOf(before, document, []).length > 0;
  return { base: current?.number ?? 0, plan: planOf(before, document), is_widening };
}

export type PlannedStep = {
  readonly base: number;
  /** Of the document that it makes: what is applied later is what was planned. */
  readonly digest: string;
  readonly plan: readonly string[];
  /** What becomes of it once it is taken. `alone`: at once, where nobody else could agree. */
  readonly ends: 'unchanged' | 'applied' | 'proposed' | 'alone';
  readonly before: PolicyDocument | null;
  readonly document: PolicyDocument;
};

/** What a step would change now, and what would become of it. Throws as takeStep does. */
export function planStep(
  deps: Pick<ChangeDeps, 'transact' | 'sha256'>,
  {
    tenant_id,
    step,
    base,
    by,
  }: Omit<About, 'is_alone_confirmed' | 'by'> & { readonly step: PolicyStep; readonly by: Author },
): Promise<PlannedStep> {
  return deps.transact(tenant_id, async (tx): Promise<PlannedStep> => {
    const permissions = await requireMay(tx, by, 'policy.change');
    const text = await textOf(tx, step, base);
    const prepared = await prepareChange(deps, tx, { document: text.document, source: text.source, base });
    const current = await policies.readNewest(tx);
    const seen = { base: current?.number ?? 0, before: current?.document ?? null };
    if (prepared.kind === 'unchanged')
      return { ...seen, digest: prepared.digest, plan: [], ends: 'unchanged', document: text.document };
    const { document, plan, digest } = prepared.change;
    const widenings = await wideningsBy(tx, by, { change: prepared.change, permissions });
    const ends = widenings === 0 ? 'applied' : (await isAlone(tx, current, by)) ? 'alone' : 'proposed';
    return { ...seen, digest: hexOf(digest), plan, ends, document };
  });
}

function change(
  deps: ChangeDeps,
  about: About,
  read: (tx: Tx) => Promise<PolicyText>,
  shown_digest: string | null = null,
): Promise<Changed> {
  const { tenant_id, base, by } = about;
  return deps.transact(tenant_id, async (begun): Promise<Changed> => {
    const tx = await policies.lockPolicies(begun);
    const permissions = await requireMay(tx, by, 'policy.change');
    const { document, source } = await read(tx);
    const prepared = await prepareChange(deps, tx, { document, source, base });
    requireShown(prepared, shown_digest);
    if (prepared.kind === 'unchanged') return { ...prepared, plan: [] };
    const { plan } = prepared.change;
    const changed =
      by.kind === 'operator'
        ? await writeAsOperator(deps, tx, by, prepared.change)
        : await changeAs(deps, tx, by, { ...about, change: prepared.change, permissions });
    return { ...changed, plan };
  });
}

/** What somebody was shown is what is changed, whatever program made the plan. */
function requireShown(prepared: Prepared, shown: string | null): void {
  const digest = prepared.kind === 'unchanged' ? prepared.digest : hexOf(prepared.change.digest);
  if (shown !== null && shown !== digest) throw new PlacetError('policy_changed', { changes: [] });
}

type Judged = { readonly change: Change; readonly permissions: Permissions };

/** How much of a change is not proved to narrow; before the first version all of it. Throws permission_missing for roles. */
async function wideningsBy(tx: Tx, by: Author, { change, permissions }: Judged): Promise<number> {
  const before = change.current?.document ?? null;
  await requireRolesOfOthers(tx, by, { before, after: change.document, permissions });
  const own = await people.listAddressesOf(tx, peopleBehind(by));
  const widenings = wideningsOf(before, change.document, own).length;
  return before === null ? Math.max(1, widenings) : widenings;
}

async function changeAs(
  deps: ChangeDeps,
  tx: Tx,
  by: Author,
  { is_alone_confirmed, ...judged }: Judged & { readonly is_alone_confirmed: boolean },
): Promise<({ readonly kind: 'applied' } & Written) | Proposed> {
  const { change } = judged;
  const { current, plan } = change;
  const version = { ...change, via: by.via, request_id: null, actor: by };
  const widenings = await wideningsBy(tx, by, judged);
  if (widenings === 0) return { kind: 'applied', ...(await writeVersion(deps, tx, version)) };
  if (!(await isAlone(tx, current, by))) return propose(deps, tx, { ...change, by });
  if (!is_alone_confirmed) throw new PlacetError('confirmation_needed', { plan });
  const written = await writeVersion(deps, tx, version);
  await recordForced(deps, tx, { by, written, widenings });
  return { kind: 'applied', ...written };
}

function documentOf(source: string): PolicyDocument {
  const read = parsePolicyFile(new TextEncoder().encode(source));
  if (read.kind === 'problems') throw new PlacetError('policy_invalid', { problems: read.problems });
  return read.document;
}
