// Switches triggers of the record off and on again, as only somebody may who may do anything.

const TABLES = ['approval_requests', 'decisions', 'escalations', 'executions', 'grants', 'leases', 'people', 'results'];

/** A statement for those of the triggers whose names fit; all of them for the empty text. */
export const switchTriggers = (
  how: 'enable always' | 'disable',
  named: string,
): string => `do $$ declare each text; begin
  for each in select format('alter table placet.%I ${how} trigger %I', c.relname, t.tgname)
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'placet'::regnamespace and c.relname in ('${TABLES.join("','")}') and t.tgname ~ '${named}' loop
    execute each;
  end loop; end $$`;
