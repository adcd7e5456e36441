// docs/errors.md and the error table say the same: every code, and no code that is gone.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ERRORS } from '../../src/domain/errors.ts';

const manual = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const rows = manual
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('every error code is documented with its status and meaning, and no code that is gone', () => {
  const documented = rows.map(([code, status, again, meaning]) => ({ code, status, again, meaning }));
  const table = Object.entries(ERRORS).map(([code, { status, title, retryable }]) => ({
    code: `\`${code}\``,
    status: String(status),
    again: retryable ? 'yes' : 'no',
    meaning: title,
  }));
  expect(documented).toEqual(table);
});

test('every documented code says what to do', () => {
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) expect(row[4]?.length ?? 0).toBeGreaterThan(10);
});
