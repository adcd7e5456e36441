-- Up Migration
-- Why: a person is a row, not an address and not an account. Addresses and accounts hang on it with their times, two rows of
-- one human can be joined, and a decision says by which way and by which account it came.
-- Locks: people, slack_accounts, approver_group_members, decisions, agents and agent_keys against reads and writes while
-- their rows are copied or rewritten: seconds at a million decisions.
alter table placet.people no force row level security;
alter table placet.slack_accounts no force row level security;
alter table placet.approver_group_members no force row level security;

-- Addresses of a person. One live owner an address; whoever had it before keeps the row with its end.
create table placet.person_emails (
  tenant_id text not null references placet.tenants,
  -- Lower case, with the domain in its ASCII form.
  address text not null check (address = lower(address) and length(address) between 3 and 254),
  person_id text not null,
  from_at timestamptz not null default now(),
  until_at timestamptz check (until_at >= from_at),
  primary key (tenant_id, address, from_at),
  foreign key (tenant_id, person_id) references placet.people (tenant_id, id)
);
create unique index person_emails_live on placet.person_emails (tenant_id, address) where until_at is null;
create index person_emails_person on placet.person_emails (tenant_id, person_id, from_at desc);
insert into placet.person_emails (tenant_id, address, person_id, from_at) select tenant_id, email, id, created_at from placet.people;
call placet.isolate_tenants('person_emails');
grant insert, update (until_at) on placet.person_emails to placet_app;

-- Accounts elsewhere that stand for a person: a subject of a provider. One live person a subject.
create table placet.person_identities (
  tenant_id text not null references placet.tenants,
  provider text not null check (provider in ('slack')),
  -- For slack: TEAM/USER.
  subject text not null check (length(subject) between 3 and 200),
  person_id text not null,
  linked_by text not null check (linked_by in ('policy', 'email', 'operator')),
  from_at timestamptz not null default now(),
  until_at timestamptz check (until_at >= from_at),
  primary key (tenant_id, provider, subject, from_at),
  foreign key (tenant_id, person_id) references placet.people (tenant_id, id)
);
create unique index person_identities_live on placet.person_identities (tenant_id, provider, subject) where until_at is null;
-- One account a person and workspace may come from an address; further ones only from the policy or an operator.
create unique index person_identities_one_by_email on placet.person_identities (tenant_id, provider, split_part(subject, '/', 1), person_id)
  where linked_by = 'email' and until_at is null;
create index person_identities_person on placet.person_identities (tenant_id, person_id) where until_at is null;
insert into placet.person_identities (tenant_id, provider, subject, person_id, linked_by, from_at)
  select tenant_id, 'slack', team_id || '/' || user_id, person_id, linked_by, created_at from placet.slack_accounts;
call placet.isolate_tenants('person_identities');
grant insert, update (linked_by, until_at) on placet.person_identities to placet_app;
drop table placet.slack_accounts;

-- Members of an approver group: addresses that the policy names, whoever has them then, or people whom Slack listed at a click.
alter table placet.approver_group_members
  drop constraint approver_group_members_pkey,
  alter column person_id drop not null,
  add column address text check (address = lower(address) and length(address) between 3 and 254);
update placet.approver_group_members m set address = p.email, person_id = null
  from placet.people p, placet.approver_groups g
  where p.tenant_id = m.tenant_id and p.id = m.person_id
    and g.tenant_id = m.tenant_id and g.id = m.group_id and g.slack_user_group is null;
alter table placet.approver_group_members
  add constraint approver_group_members_one_way check ((address is null) <> (person_id is null));
create unique index approver_group_members_address on placet.approver_group_members (tenant_id, group_id, address) where address is not null;
create unique index approver_group_members_clicked on placet.approver_group_members (tenant_id, group_id, person_id) where person_id is not null;
create index approver_group_members_by_address on placet.approver_group_members (tenant_id, address) where address is not null;

-- Two rows of one human: the one that was merged points to the one that is kept, which is merged into none itself.
alter table placet.people
  add column merged_into text,
  add constraint people_merged_into_fkey foreign key (tenant_id, merged_into) references placet.people (tenant_id, id),
  add constraint people_merged_into_another check (merged_into <> id),
  -- Null: nobody told the name, so the address stands for it.
  alter column name drop not null;
update placet.people set name = null where name = email;
alter table placet.people drop column email;
create index people_merged on placet.people (tenant_id, merged_into) where merged_into is not null;
grant update (merged_into) on placet.people to placet_app;

create function placet.guard_merge() returns trigger
language plpgsql as $$
begin
  if old.merged_into is not null and new.merged_into is null then
    raise exception 'person % is merged for good', old.id using errcode = 'restrict_violation';
  end if;
  if exists (select from placet.people k where k.tenant_id = new.tenant_id and k.id = new.merged_into and k.merged_into is not null) then
    raise exception 'person % is merged itself', new.merged_into using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_merge before update of merged_into on placet.people
  for each row when (new.merged_into is distinct from old.merged_into) execute function placet.guard_merge();
alter table placet.people enable always trigger guard_merge;

-- Everyone whom a row of the record may name, and who that is now.
create view placet.people_now with (security_invoker = true) as
select p.tenant_id, p.id, k.id as person_id, e.address as email, coalesce(k.name, e.address) as name,
  k.deactivated_at is null as is_active
from placet.people p
join placet.people k on k.tenant_id = p.tenant_id and k.id = coalesce(p.merged_into, p.id)
cross join lateral (
  select address from placet.person_emails
  where tenant_id = k.tenant_id and person_id = k.id
  order by until_at is null desc, from_at desc, address limit 1) e;
grant select on placet.people_now to placet_app, placet_auditor;

-- A decision says by which way it came, and there by which account; an account decides once on a request, whoever has it by then.
alter table placet.decisions
  add column via text not null default 'slack',
  add column account text generated always as (slack_team_id || '/' || slack_user_id) stored;
alter table placet.decisions
  alter column account drop expression,
  alter column via drop default,
  drop column slack_team_id,
  drop column slack_user_id,
  add constraint decisions_via_check check (via in ('slack') and (via = 'slack') = (account is not null)),
  add constraint decisions_one_account unique (tenant_id, request_id, via, account);

-- Decisions by whose they are after all merges, and since when the account that made one has been somebody else's: from then on
-- its approval counts no more, since nobody can say whose it was.
create view placet.decisions_now with (security_invoker = true) as
select d.tenant_id, d.id, d.request_id, d.stage, p.person_id, p.name, p.email, d.decision, d.reason, d.digest, d.via, d.account,
  d.decided_at,
  (select min(i.from_at)
    from placet.person_identities i join placet.people_now w on w.tenant_id = i.tenant_id and w.id = i.person_id
    where i.tenant_id = d.tenant_id and i.provider = d.via and i.subject = d.account and i.from_at > d.decided_at
      and w.person_id <> p.person_id) as account_moved_at
from placet.decisions d
join placet.people_now p on p.tenant_id = d.tenant_id and p.id = d.person_id;
grant select on placet.decisions_now to placet_app, placet_auditor;

-- The people behind a request, as they are now.
create view placet.excluded_now with (security_invoker = true) as
select r.tenant_id, r.id as request_id, p.person_id
from placet.approval_requests r
join placet.people_now p on p.tenant_id = r.tenant_id and p.id = any (r.excluded_people);
grant select on placet.excluded_now to placet_app, placet_auditor;

-- INV-10, by the people as they are now.
create or replace view placet.executed_without_approval with (security_invoker = true) as
select e.tenant_id, e.request_id, e.lease_id
from (
  select l.tenant_id, l.request_id, l.id as lease_id, l.grant_id, l.digest, l.issued_at as at from placet.leases l
  union all
  select o.tenant_id, o.request_id, null, null, null, o.reported_at from placet.results o
) e
join placet.approval_requests r on r.tenant_id = e.tenant_id and r.id = e.request_id
where r.state <> 'approved'
  or (e.lease_id is not null and (e.digest <> r.digest or not exists (
    select from placet.grants g
    where g.tenant_id = e.tenant_id and g.id = e.grant_id and g.request_id = e.request_id
      and g.digest = r.digest and g.redeemed_at is not null)))
  or (r.effect = 'require' and (
    jsonb_array_length(r.requirement -> 'stages') = 0
    or exists (
      select from placet.decisions d
      where d.tenant_id = r.tenant_id and d.request_id = r.id and d.decision = 'deny')
    or exists (
      select from jsonb_array_elements(r.requirement -> 'stages') with ordinality as s(stage, place)
      where (s.stage ->> 'quorum')::integer > (
        select count(distinct d.person_id) from placet.decisions_now d
        where d.tenant_id = r.tenant_id and d.request_id = r.id and d.stage = s.place - 1
          and d.decision = 'approve' and d.digest = r.digest
          and (d.account_moved_at is null or d.account_moved_at > e.at)
          and not exists (
            select from placet.excluded_now x
            where x.tenant_id = r.tenant_id and x.request_id = r.id and x.person_id = d.person_id)))));

-- An agent's owner is whoever that is now.
create policy key_lookup on placet.people for select to placet_owner using (true);
create or replace function placet.find_agent_by_key(hash bytea)
returns table (tenant_id text, agent_id text, name text, environment text, owner_person_id text, key_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select a.tenant_id, a.id, a.name, a.environment, coalesce(o.merged_into, o.id), k.id
  from placet.agent_keys k
  join placet.agents a on a.tenant_id = k.tenant_id and a.id = k.agent_id
  join placet.people o on o.tenant_id = a.tenant_id and o.id = a.owner_person_id
  where k.secret_hash = hash and k.revoked_at is null and k.expires_at > now() and a.revoked_at is null;
end;

alter table placet.people force row level security;
alter table placet.approver_group_members force row level security;
alter table placet.person_emails owner to placet_owner;
alter table placet.person_identities owner to placet_owner;
alter view placet.people_now owner to placet_owner;
alter view placet.decisions_now owner to placet_owner;
alter view placet.excluded_now owner to placet_owner;
alter function placet.guard_merge() owner to placet_owner;
