// The schema as text, read from PostgreSQL's own catalogs: tables, constraints, indexes, policies, triggers, grants, code.

type Ask = <R>(sql: string) => Promise<R[]>;
type Line = { readonly line: string };

const SECTIONS: readonly (readonly [string, string])[] = [
  [
    'tables',
    `select format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       case when a.attnotnull then ' not null' else '' end, coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
         || case a.attidentity when 'a' then ' generated always as identity' else '' end) as line
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = 'placet'::regnamespace and c.relkind = 'r' order by c.relname, a.attnum`,
  ],
  [
    'row-level security',
    `select format('%s enabled=%s forced=%s owner=%s', relname, relrowsecurity, relforcerowsecurity, relowner::regrole) as line
     from pg_class where relnamespace = 'placet'::regnamespace and relkind in ('r', 'v') order by relname`,
  ],
  [
    'constraints',
    `select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) as line from pg_constraint
     where connamespace = 'placet'::regnamespace and contype <> 'n' order by 1`,
  ],
  ['indexes', `select indexdef as line from pg_indexes where schemaname = 'placet' order by 1`],
  [
    'policies',
    `select format('%s %s for %s to %s using %s check %s', tablename, policyname, cmd, roles, qual, with_check) as line
     from pg_policies where schemaname = 'placet' order by 1`,
  ],
  [
    'triggers',
    `select format('%s enabled=%s', pg_get_triggerdef(t.oid), tgenabled) as line from pg_trigger t
     join pg_class c on c.oid = t.tgrelid where c.relnamespace = 'placet'::regnamespace and not tgisinternal order by 1`,
  ],
  [
    'grants',
    `select format('%s %s to %s', table_name, string_agg(privilege_type, ', ' order by privilege_type), grantee) as line
     from information_schema.role_table_grants where table_schema = 'placet' and grantee <> 'placet_owner'
     group by table_name, grantee order by 1`,
  ],
  [
    'column grants',
    `select format('%s update (%s) to %s', table_name, string_agg(column_name, ', ' order by column_name), grantee) as line
     from information_schema.column_privileges where table_schema = 'placet' and grantee <> 'placet_owner'
       and privilege_type = 'UPDATE' group by table_name, grantee order by 1`,
  ],
  [
    'views',
    `select viewname || E'\\n' || definition as line from pg_views where schemaname = 'placet' order by viewname`,
  ],
  [
    'routines',
    `select pg_get_functiondef(oid) || E'\\nowner ' || proowner::regrole || ', execute ' || coalesce(proacl::text, 'public') as line
     from pg_proc where pronamespace = 'placet'::regnamespace order by proname`,
  ],
];

/** The whole schema as one text that changes only when the schema does. */
export async function dumpSchema(ask: Ask): Promise<string> {
  const parts: string[] = [];
  for (const [title, sql] of SECTIONS) {
    const rows = await ask<Line>(sql);
    parts.push(`-- ${title}\n${rows.map((row) => row.line).join('\n')}\n`);
  }
  return parts.join('\n');
}
