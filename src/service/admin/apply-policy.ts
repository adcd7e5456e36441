// Applies a policy document: a new version, and people, Slack accounts and approver groups as it says, all or nothing.
// Never touches a request: what a pending one requires was settled when it was made.

import { canonicalBytes } from '@placet/sdk/canonical';
import type { Tx } from '../../db/database.ts';
import type { AuditEvent } from '../../domain/audit/event.ts';
import { PlacetError } from '../../domain/errors.ts';
import { lint, type PolicyDocument } from '../../domain/policy/policy.ts';
import { applyGroups } from './apply-groups.ts';
import { type ServiceDeps, recordEvent } from '../deps.ts';

export type ConfigureDeps = ServiceDeps & { readonly sha256: (bytes: Uint8Array) => Uint8Array };

export type PolicyApplication = {
  readonly tenant_id: string;
  readonly document: PolicyDocument;
  /** The file's text, kept beside the document for whoever asks later. */
  readonly source: string;
  readonly applied_by: string;
};

export type AppliedPolicy = {
  readonly kind: 'applied' | 'unchanged';
  readonly id: string;
  readonly number: number;
  readonly digest: string;
};

/** Applies a document; `unchanged` when it equals the newest version. Throws policy_invalid with `problems`. */
export async function applyPolicy(deps: ConfigureDeps, asked: PolicyApplication): Promise<AppliedPolicy> {
  const problems = lint(asked.document);
  if (problems.length > 0) throw new PlacetError('policy_invalid', { problems });
  const digest = deps.sha256(canonicalBytes(asked.document));
  const hex = `sha256:${Buffer.from(digest).toString('hex')}`;
  return deps.transact(asked.tenant_id, async (tx) => {
    await deps.store.policies.lockPolicies(tx);
    const current = await deps.store.policies.readNewest(tx);
    if (current !== null && Buffer.from(current.digest).equals(digest)) {
      return { kind: 'unchanged', id: current.id, number: current.number, digest: hex };
    }
    const id = deps.newId('policy');
    const number = (current?.number ?? 0) + 1;
    await deps.store.policies.insertVersion(tx, { ...asked, id, number, digest });
    const events: AuditEvent[] = [
      { ...byOperator(asked), type: 'policy.applied', facts: { policy_id: id, number, digest: hex } },
      ...(await applyPeopleAndGroups(deps, tx, asked)),
    ];
    for (const event of events) await recordEvent(deps, tx, event);
    return { kind: 'applied', id, number, digest: hex };
  });
}

async function applyPeopleAndGroups(deps: ConfigureDeps, tx: Tx, asked: PolicyApplication): Promise<AuditEvent[]> {
  const people = await upsertPeople(deps, tx, asked.document);
  const accounts = await applyAccounts(deps, tx, asked, people);
  const groups = await applyGroups(deps, tx, asked.document, people);
  return [
    ...accounts,
    ...groups.map((facts): AuditEvent => ({ ...byOperator(asked), type: 'approver_group.changed', facts })),
  ];
}

function byOperator(asked: PolicyApplication): Pick<AuditEvent, 'actor' | 'outcome'> {
  return { outcome: 'success', actor: { kind: 'operator', id: asked.applied_by } };
}

/** Everyone the document names, also where only a group does; person id by e-mail. */
async function upsertPeople(deps: ConfigureDeps, tx: Tx, document: PolicyDocument): Promise<Map<string, string>> {
  const names = new Map<string, string | null>();
  for (const group of Object.values(document.approver_groups)) {
    for (const email of group.members) names.set(email, null);
  }
  for (const person of document.people) names.set(person.email, person.name);
  // One order for all writers of people, so that two transactions never wait for each other in a circle.
  const entries = [...names].sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = await deps.store.people.upsertPeople(
    tx,
    entries.map(([email, name]) => ({ id: deps.newId('person'), email, name })),
  );
  return new Map(rows.map((row) => [row.email, row.id]));
}

async function applyAccounts(
  deps: ConfigureDeps,
  tx: Tx,
  asked: PolicyApplication,
  people: ReadonlyMap<string, string>,
): Promise<AuditEvent[]> {
  const named = asked.document.people.flatMap((person) =>
    person.slack.map((account) => {
      const [team_id = '', user_id = ''] = account.split('/');
      return { team_id, user_id, person_id: people.get(person.email) ?? '' };
    }),
  );
  const kept = named.map((account) => `${account.team_id}/${account.user_id}`);
  const unlinked = await deps.store.people.unlinkOthersOfPolicy(tx, kept);
  const linked = await deps.store.people.linkByPolicy(tx, named);
  return [
    ...unlinked.map(({ linked_by: _, ...facts }): AuditEvent => {
      return { ...byOperator(asked), type: 'slack_account.unlinked', facts };
    }),
    ...linked.map((facts): AuditEvent => ({ ...byOperator(asked), type: 'slack_account.linked', facts })),
  ];
}
