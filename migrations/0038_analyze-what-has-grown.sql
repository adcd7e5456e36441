-- Up Migration
-- Why: a statement that was planned while its tables were empty keeps that plan on its connection until they are analyzed, and
-- walks all rows of its tenant meanwhile. Autovacuum looks once a minute: by then thousands of rows may have come.
-- Locks: none on a table. The function takes share update exclusive on each table that it analyzes, for as long as a few
-- thousand rows take: rows are read and written beside it.

-- Analyzes the tables that have twice the rows that they had when they were last analyzed, while they are small. Larger
-- ones are left to autovacuum: their plans no longer change. Definer's rights, because only an owner may analyze.
create function placet.analyze_grown() returns text[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  grown_min constant integer := 50;
  rows_max constant integer := 20000;
  grown text;
  analyzed text[] := '{}';
begin
  -- One at a time is enough, and two would wait for each other.
  if not pg_try_advisory_xact_lock(hashtextextended('placet.analyze', 0)) then
    return analyzed;
  end if;
  for grown in
    select c.relname from pg_class c
    where c.relnamespace = 'placet'::regnamespace and c.relkind = 'r' and c.reltuples < rows_max
      and pg_stat_get_live_tuples(c.oid) >= greatest(grown_min, 2 * c.reltuples)
    order by c.relname
  loop
    execute format('analyze placet.%I', grown);
    analyzed := analyzed || grown;
  end loop;
  return analyzed;
end $$;
alter function placet.analyze_grown() owner to placet_owner;
revoke all on function placet.analyze_grown() from public;
grant execute on function placet.analyze_grown() to placet_app;
