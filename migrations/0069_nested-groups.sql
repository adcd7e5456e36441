-- Up Migration
-- Why: an approver group may be made of other groups, and its members may come from more sources than a list and a user group.
-- Locks: access exclusive on approver_groups and approval_requests, for the moment that it takes to change their catalogues.

-- Null for a list of members, and for a Slack user group, which has a column of its own.
alter table placet.approver_groups add column source jsonb check (source ->> 'kind' in ('groups', 'channel_members', 'on_call'));
grant update (source) on placet.approver_groups to placet_app;

-- Of a group made of others, all that have members of their own, however deep they stand; of one whose source chooses among the
-- people of others, those others (`is_among`).
create table placet.approver_group_parts (
  tenant_id text not null references placet.tenants,
  group_id text not null,
  part_id text not null,
  is_among boolean not null default false,
  primary key (tenant_id, group_id, part_id, is_among),
  check (group_id <> part_id),
  foreign key (tenant_id, group_id) references placet.approver_groups (tenant_id, id),
  foreign key (tenant_id, part_id) references placet.approver_groups (tenant_id, id)
);
call placet.isolate_tenants('approver_group_parts');
grant insert, delete on placet.approver_group_parts to placet_app;

-- Where the members of a group come from.
create function placet.source_of(g placet.approver_groups) returns jsonb
language sql immutable parallel safe
begin atomic
  select coalesce((g).source, case when (g).slack_user_group is null then '{"kind": "listed"}'::jsonb
    else jsonb_build_object('kind', 'slack_user_group', 'id', (g).slack_user_group) end);
end;
grant execute on function placet.source_of to placet_app, placet_auditor;

-- Every group with all that it gets its members from: itself, or its parts.
create view placet.group_parts with (security_invoker = true) as
with own as (select g.tenant_id, g.id, placet.source_of(g) as source from placet.approver_groups g)
select o.tenant_id, o.id as group_id, o.id as part_id, false as is_among, o.source from own o where o.source ->> 'kind' <> 'groups'
union all
select p.tenant_id, p.group_id, p.part_id, p.is_among, o.source
from placet.approver_group_parts p join own o on o.tenant_id = p.tenant_id and o.id = p.part_id;
grant select on placet.group_parts to placet_app, placet_auditor;

-- Who was a member when the request was made, by the group's id: only they count in a group that members of a chat can join.
alter table placet.approval_requests add column members_when_made jsonb;

-- From what it is known that a person was in the groups of its stage: the source, when it was asked, and the digest of its answer.
alter table placet.decisions add column evidence jsonb;

alter table placet.approver_group_parts owner to placet_owner;
alter function placet.source_of(placet.approver_groups) owner to placet_owner;
alter view placet.group_parts owner to placet_owner;
