// The table of an export: whatever an event says, a spreadsheet shows it as text, on its line.

import { describe, expect, test } from '@jest/globals';
import { csvLine } from '../../src/audit/csv.ts';

describe('no cell of the table is a formula or breaks its line', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '\t=1', '|cmd', '%0A'])('%j', (id) => {
    const line = csvLine(
      0,
      Buffer.from(JSON.stringify({ id, actor: { kind: 'operator', id: `${id}\r\n"x"` }, facts: {} })),
    );
    const cells = line.slice(1, -3).split('","');
    expect(cells[1]?.startsWith("'")).toBe(true);
    expect(cells[6]).toMatch(/^'.* {2}""x""$/);
    expect(line.indexOf('\n')).toBe(line.length - 1);
  });
});
