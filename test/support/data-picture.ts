// Draws docs/schema.txt as pictures (mermaid): every table a box, every foreign key a line, and what the application may do.

export type Table = {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly isNullable: boolean }[];
  /** Sets of columns of which no two rows have the same values. */
  readonly keys: readonly string[];
  readonly references: readonly { readonly columns: readonly string[]; readonly to: string }[];
};

/** The tables of the schema's dump, in its order. */
export function tablesOf(schema: string): readonly Table[] {
  const columns = linesOf(schema, 'tables').flatMap((line) => {
    const [, table = '', name = '', rest = ''] = /^(\w+)\.(\w+) (.*)$/.exec(line) ?? [];
    return table === '' ? [] : [{ table, name, isNullable: !rest.includes(' not null') }];
  });
  const constraints = linesOf(schema, 'constraints');
  return [...new Set(columns.map(({ table }) => table))].map((name) => {
    const own = constraints.filter((line) => line.startsWith(`placet.${name} `));
    return {
      name,
      columns: columns.filter(({ table }) => table === name),
      keys: own.flatMap((line) => / (?:PRIMARY KEY|UNIQUE) \(([^)]*)\)/.exec(line)?.[1] ?? []),
      references: own.flatMap((line) => {
        const [, from, to = ''] = / FOREIGN KEY \(([^)]*)\) REFERENCES placet\.(\w+)\(/.exec(line) ?? [];
        return from === undefined ? [] : [{ columns: from.split(', '), to }];
      }),
    };
  });
}

/** Two pictures: what refers to what, and whose rows they are, which would hide the first one. */
export function drawData(schema: string): readonly string[] {
  const tables = tablesOf(schema);
  const lines = tables.flatMap((table) =>
    table.references.map(({ columns, to }) => {
      const own = columns.filter((column) => column !== 'tenant_id');
      const isOptional = own.some((name) => table.columns.some((column) => column.name === name && column.isNullable));
      const isOne = table.keys.includes(columns.join(', '));
      const line = `  ${to} ${isOptional ? '|o' : '||'}--${isOne ? 'o|' : 'o{'} ${table.name} : "${own.join(', ') || 'tenant_id'}"`;
      return { to, line };
    }),
  );
  const boxes = tables.filter(({ name }) => name !== 'tenants').map(({ name }) => `  ${name}`);
  const isWhose = ({ to }: { readonly to: string }) => to === 'tenants';
  return [
    ['erDiagram', ...boxes, ...lines.filter((each) => !isWhose(each)).map(({ line }) => line)].join('\n'),
    ['erDiagram', ...lines.filter(isWhose).map(({ line }) => line)].join('\n'),
  ];
}

/** What the application's login may do with the rows of a table besides reading them, in the order of a row's life. */
export function rightsOn(schema: string, table: string): string {
  const all = linesOf(schema, 'grants').find((line) => new RegExp(`^${table} .* to placet_app$`).test(line)) ?? '';
  const columns = linesOf(schema, 'column grants').flatMap(
    (line) => new RegExp(`^${table} update \\((.*)\\) to placet_app$`).exec(line)?.[1] ?? [],
  );
  return [
    ...(all.includes('INSERT') ? ['add'] : []),
    ...columns.map(
      (names) =>
        `change ${names
          .split(', ')
          .map((name) => `\`${name}\``)
          .join(', ')}`,
    ),
    ...(all.includes('DELETE') ? ['remove'] : []),
  ].join('; ');
}

/** The lines of one section of the dump. */
function linesOf(schema: string, section: string): string[] {
  const lines = schema.split('\n');
  const from = lines.indexOf(`-- ${section}`);
  const to = lines.findIndex((line, place) => place > from && line.startsWith('-- '));
  return lines.slice(from + 1, to === -1 ? undefined : to);
}
