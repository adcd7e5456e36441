// Policy versions: appended, never changed. A request keeps the id of the version that judged it.

import type { PolicyDocument } from '../domain/policy/policy.ts';
import type { Tx } from './database.ts';

/** By which door a version came. */
export type Via = 'cli' | 'api' | 'slack';

export type PolicyVersion = {
  readonly id: string;
  readonly number: number;
  readonly document: PolicyDocument;
  readonly digest: Uint8Array;
  readonly applied_by: string;
  readonly applied_at: Date;
  readonly via: Via;
  /** The approval request under which it was applied, if any. */
  readonly request_id: string | null;
};

/** The key of the lock that an apply holds alone, and that whoever goes by the policy shares. */
const POLICIES_OF_TENANT = "hashtextextended('placet.policy/' || $1, 0)";

/**
 * Lets one apply of this tenant run at a time, until the transaction ends. Gives the transaction with the time at which the
 * lock was got: what it changes comes after all that those decided who were waited for.
 */
export async function lockPolicies(tx: Tx): Promise<Tx> {
  const sql = `with locked as materialized (select pg_advisory_xact_lock(${POLICIES_OF_TENANT}))
    select clock_timestamp() as now from locked`;
  const now = (await tx.query<{ now: Date }>(sql, [tx.tenant_id])).rows[0]?.now ?? tx.now;
  return { ...tx, now };
}

/** Lets no policy be applied until the transaction ends: all that it reads of people and groups is of one policy. */
export async function holdPolicies(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock_shared(${POLICIES_OF_TENANT})`, [tx.tenant_id]);
}

/** The newest version, or null before the first apply. A version that is `known` is not sent again: none ever changes. */
export async function readNewest(tx: Tx, known: PolicyVersion | null = null): Promise<PolicyVersion | null> {
  const { rows } = await tx.query<Omit<PolicyVersion, 'document'> & { document: PolicyDocument | null }>(
    `select id, number, case when id is distinct from $2 then document end as document, digest, applied_by, applied_at,
       via, request_id
     from placet.policy_versions where tenant_id = $1 order by number desc limit 1`,
    [tx.tenant_id, known?.id ?? null],
  );
  const [newest] = rows;
  if (newest === undefined) return null;
  return newest.document === null ? known : { ...newest, document: newest.document };
}

/** Appends a version; a number that is taken is a fault of the caller, who holds the lock. */
export async function insertVersion(
  tx: Tx,
  version: {
    readonly id: string;
    readonly number: number;
    readonly document: PolicyDocument;
    readonly source: string;
    readonly digest: Uint8Array;
    readonly applied_by: string;
    readonly via: Via;
    readonly request_id: string | null;
  },
): Promise<void> {
  await tx.query(
    `insert into placet.policy_versions (tenant_id, id, number, document, source, digest, applied_by, via, request_id)
     values ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)`,
    [
      tx.tenant_id,
      version.id,
      version.number,
      JSON.stringify(version.document),
      version.source,
      Buffer.from(version.digest),
      version.applied_by,
      version.via,
      version.request_id,
    ],
  );
}

export type PolicyDigest = { readonly id: string; readonly digest: string };

/** Which version is newest, and the digest of its document. */
export async function readNewestDigest(tx: Tx): Promise<PolicyDigest | null> {
  const sql = `select id, 'sha256:' || encode(digest, 'hex') as digest from placet.policy_versions
    where tenant_id = $1 order by number desc limit 1`;
  return (await tx.query<PolicyDigest>(sql, [tx.tenant_id])).rows[0] ?? null;
}

/** One version with its text. */
export type WholeVersion = PolicyVersion & { readonly source: string };

const WHOLE = 'id, number, document, source, digest, applied_by, applied_at, via, request_id';

/** The version with this number and its text, or null. */
export async function readVersion(tx: Tx, number: number): Promise<WholeVersion | null> {
  const sql = `select ${WHOLE} from placet.policy_versions where tenant_id = $1 and number = $2`;
  return (await tx.query<WholeVersion>(sql, [tx.tenant_id, number])).rows[0] ?? null;
}

/** The newest version and its text; with a door, the newest that came by it. */
export async function readNewestWhole(tx: Tx, via: Via | null = null): Promise<WholeVersion | null> {
  const sql = `select ${WHOLE} from placet.policy_versions where tenant_id = $1 and ($2::text is null or via = $2)
    order by number desc limit 1`;
  return (await tx.query<WholeVersion>(sql, [tx.tenant_id, via])).rows[0] ?? null;
}

export type VersionEntry = Omit<PolicyVersion, 'document'>;

/** Versions without their documents, newest first, below a number when given. */
export async function listVersions(
  tx: Tx,
  page: { readonly before: number | null; readonly limit: number },
): Promise<VersionEntry[]> {
  const sql = `select id, number, digest, applied_by, applied_at, via, request_id from placet.policy_versions
    where tenant_id = $1 and ($2::integer is null or number < $2) order by number desc limit $3`;
  return (await tx.query<VersionEntry>(sql, [tx.tenant_id, page.before, page.limit])).rows;
}

/** A version with its document and the name of its author: a person, a token or an operator, also of what others approved. */
export type NamedVersion = Pick<PolicyVersion, 'number' | 'document' | 'applied_at' | 'via' | 'request_id'> & {
  readonly author: string;
};

/** The newest versions, newest first. */
export async function listNamedVersions(tx: Tx, limit: number): Promise<NamedVersion[]> {
  const sql = `select v.number, v.document, v.applied_at, v.via, v.request_id, coalesce(p.name, t.name, v.applied_by) as author
    from placet.policy_versions v
    left join placet.policy_proposals o on o.tenant_id = v.tenant_id and o.request_id = v.request_id
    left join placet.people_now p on p.tenant_id = v.tenant_id and p.id = coalesce(o.author_id, v.applied_by)
    left join placet.admin_tokens t on t.tenant_id = v.tenant_id and t.id = coalesce(o.author_id, v.applied_by)
    where v.tenant_id = $1 order by v.number desc limit $2`;
  return (await tx.query<NamedVersion>(sql, [tx.tenant_id, limit])).rows;
}

/** Every address that the newest policy names, and the name that it gives to whoever has it. */
const NAMED = `
with newest as (select document from placet.policy_versions where tenant_id = $1 order by number desc limit 1),
named as (
  select person ->> 'email' as address, person ->> 'name' as name
    from newest, jsonb_array_elements(newest.document -> 'people') as person
  union all
  select person #>> '{away,delegate}', null from newest, jsonb_array_elements(newest.document -> 'people') as person
    where person #>> '{away,delegate}' is not null
  union all
  select holder, null from newest, jsonb_each(newest.document -> 'roles') as r (role, holders),
    jsonb_array_elements_text(r.holders) as holder
  union all
  select member, null from newest, jsonb_each(newest.document -> 'approver_groups') as g (name, entry),
    jsonb_array_elements_text(g.entry -> 'members') as member)`;

/** Whether the newest policy names this address, and any that the person has now; with the name that it gives the address. */
export async function readNaming(
  tx: Tx,
  of: { readonly address: string | null; readonly person_id: string | null },
): Promise<{ readonly is_address_named: boolean; readonly is_linked_named: boolean; readonly name: string | null }> {
  const sql = `${NAMED}
    select exists (select from named where address = $2) as is_address_named,
      exists (select from named n join placet.person_emails e
        on e.tenant_id = $1 and e.person_id = $3 and e.address = n.address and e.until_at is null) as is_linked_named,
      (select name from named where address = $2 and name is not null limit 1) as name`;
  const { rows } = await tx.query<{ is_address_named: boolean; is_linked_named: boolean; name: string | null }>(sql, [
    tx.tenant_id,
    of.address,
    of.person_id,
  ]);
  return rows[0] ?? { is_address_named: false, is_linked_named: false, name: null };
}

/** Those of the addresses that the newest policy does not name. */
export async function listUnnamed(tx: Tx, addresses: readonly string[]): Promise<string[]> {
  const sql = `${NAMED} select a as address from unnest($2::text[]) as a where not exists (select from named where address = a)`;
  return (await tx.query<{ address: string }>(sql, [tx.tenant_id, addresses])).rows.map(({ address }) => address);
}
