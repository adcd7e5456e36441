// Who holds which role, as a part of statements. Sends none.

/** Active people by the roles that they hold now; `$1` is the tenant. */
export const HELD = `
newest as (select document from placet.policy_versions where tenant_id = $1 order by number desc limit 1),
held as (
  select p.person_id, r.role from placet.person_roles r
    join placet.people_now p on p.tenant_id = r.tenant_id and p.id = r.person_id
    where r.tenant_id = $1 and r.until_at is null and p.is_active
  union
  select p.person_id, r.role from newest, jsonb_each(newest.document -> 'roles') as r (role, holders),
    jsonb_array_elements_text(r.holders) as h (address)
    join placet.person_emails e on e.tenant_id = $1 and e.address = h.address and e.until_at is null
    join placet.people_now p on p.tenant_id = e.tenant_id and p.id = e.person_id
    where p.is_active)`;
