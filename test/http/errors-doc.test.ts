// docs/errors.md and the error table say the same: every code, and no code that is gone.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { createPlacet } from '@placet/sdk';
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

/** How often the SDK sends a call that is answered with this error each time. */
async function timesSent(code: string, status: number): Promise<number> {
  let sent = 0;
  const fetch: typeof globalThis.fetch = async () => {
    sent += 1;
    return Response.json({ code, status }, { status });
  };
  const placet = createPlacet({
    url: 'http://localhost',
    apiKey: 'plk_1',
    fetch,
    retry: { attemptsMax: 3, delayMs: 1 },
  });
  await placet.get('apr_1').catch(() => undefined);
  return sent;
}

test('the SDK sends again what may succeed later without a change, and nothing else', async () => {
  const entries = Object.entries(ERRORS);
  const sent = await Promise.all(entries.map(async ([code, { status }]) => [code, await timesSent(code, status)]));
  expect(sent).toEqual(entries.map(([code, { retryable }]) => [code, retryable ? 3 : 1]));
});
