// Applies a policy document: a new version, and people, Slack accounts and approver groups as it says, all or nothing.
// Never touches a request: what a pending one requires was settled when it was made.

import { canonicalBytes } from '@placet/sdk/canonical';
import { recordEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import * as people from '../../db/people.ts';
import * as policies from '../../db/policies.ts';
import type { AuditEvent } from '../../domain/audit/event.ts';
import { PlacetError } from '../../domain/errors.ts';
import { lint, type PolicyDocument } from '../../domain/policy/policy.ts';
import type { ServiceDeps } from '../deps.ts';
import { applyGroups } from './apply-groups.ts';

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
export async function applyPolicy(deps: ConfigureDeps, input: PolicyApplication): Promise<AppliedPolicy> {
  const problems = lint(input.document);
  if (problems.length > 0) throw new PlacetError('policy_invalid', { problems });
  const digest = deps.sha256(canonicalBytes(input.document));
  const hex = `sha256:${Buffer.from(digest).toString('hex')}`;
  return deps.transact(input.tenant_id, async (tx) => {
    await policies.lockPolicies(tx);
    const current = await policies.readNewest(tx);
    if (current !== null && Buffer.from(current.digest).equals(digest)) {
      return { kind: 'unchanged', id: current.id, number: current.number, digest: hex };
    }
    const id = deps.newId('policy');
    const number = (current?.number ?? 0) + 1;
    await policies.insertVersion(tx, { ...input, id, number, digest });
    const events: AuditEvent[] = [
      { ...byOperator(input), type: 'policy.applied', facts: { policy_id: id, number, digest: hex } },
      ...(await applyPeopleAndGroups(deps, tx, input)),
    ];
    for (const event of events) await recordEvent(deps, tx, event);
    return { kind: 'applied', id, number, digest: hex };
  });
}

async function applyPeopleAndGroups(deps: ConfigureDeps, tx: Tx, input: PolicyApplication): Promise<AuditEvent[]> {
  const ids = await upsertPeople(deps, tx, input.document);
  const accounts = await applyAccounts(tx, input, ids);
  const groups = await applyGroups(deps, tx, input.document, ids);
  return [
    ...accounts,
    ...groups.map((facts): AuditEvent => ({ ...byOperator(input), type: 'approver_group.changed', facts })),
  ];
}

function byOperator(input: PolicyApplication): Pick<AuditEvent, 'actor' | 'outcome'> {
  return { outcome: 'success', actor: { kind: 'operator', id: input.applied_by } };
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
  const rows = await people.upsertPeople(
    tx,
    entries.map(([email, name]) => ({ id: deps.newId('person'), email, name })),
  );
  return new Map(rows.map((row) => [row.email, row.id]));
}

async function applyAccounts(
  tx: Tx,
  input: PolicyApplication,
  ids: ReadonlyMap<string, string>,
): Promise<AuditEvent[]> {
  const named = input.document.people.flatMap((person) =>
    person.slack.map((account) => {
      const [team_id = '', user_id = ''] = account.split('/');
      return { team_id, user_id, person_id: ids.get(person.email) ?? '' };
    }),
  );
  const kept = named.map((account) => `${account.team_id}/${account.user_id}`);
  const unlinked = await people.unlinkOthersOfPolicy(tx, kept);
  const linked = await people.linkByPolicy(tx, named);
  return [
    ...unlinked.map(({ linked_by: _, ...facts }): AuditEvent => {
      return { ...byOperator(input), type: 'slack_account.unlinked', facts };
    }),
    ...linked.map((facts): AuditEvent => ({ ...byOperator(input), type: 'slack_account.linked', facts })),
  ];
}
