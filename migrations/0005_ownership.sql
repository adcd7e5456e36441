-- Up Migration
-- Why: everything belongs to placet_owner, which cannot log in, so that the login that migrates holds nothing by itself.
-- Locks: a short exclusive lock on each table, at installation only.
do $$
declare thing record;
begin
  execute format('grant placet_owner to %I', current_user);
  grant create on schema placet to placet_owner;
  for thing in select format('alter table placet.%I owner to placet_owner', relname) as command
    from pg_class where relnamespace = 'placet'::regnamespace and relkind in ('r', 'v') loop
    execute thing.command;
  end loop;
  for thing in select format('alter routine %s owner to placet_owner', oid::regprocedure) as command
    from pg_proc where pronamespace = 'placet'::regnamespace loop
    execute thing.command;
  end loop;
  alter schema placet owner to placet_owner;
  revoke execute on all procedures in schema placet from public;
end $$;
