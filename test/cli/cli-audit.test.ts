// What others get of the record by the command line: an export and a report, each in a new file.

import { expect, test } from '@jest/globals';
import type { AnswerOf } from '../../src/cli/operations.ts';
import { run } from './support.ts';

const HOSTILE = '<script>alert(1)</script>';
const item = { index: '7', request_id: HOSTILE };
const REPORT: AnswerOf<'reportAudit'> = {
  format: 'placet/audit-report/v1',
  log: 'placet.example/default',
  from: null,
  to: '2026-02-01T00:00:00.000Z',
  tree_size: 9,
  first_index: 0,
  end_index: 8,
  seed: HOSTILE,
  populations: [
    {
      name: 'approvals',
      says: 'Each approval.',
      criteria: ['CC6.1'],
      count: 3,
      exceptions: { count: 1, items: [{ ...item, why: 'nobody approved it' }] },
      sample: [item],
    },
    { name: 'refusals', says: 'Each.', criteria: ['CC7.2'], count: 0, exceptions: { count: 0, items: [] }, sample: [] },
  ],
};

/** Runs a command that writes a file, and gives what it wrote. */
async function running(command: string[], operations: Parameters<typeof run>[1]) {
  const files: Record<string, string> = {};
  const saveFile = async (path: string, chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) files[path] = (files[path] ?? '') + new TextDecoder().decode(chunk);
  };
  return { ...(await run(command, operations, {}, null, { saveFile })), files };
}

test('audit report prints its populations, and writes a page with what is wrong first and no text of others as HTML', async () => {
  const command = ['audit', 'report', '--to', '2026-02-01', '--seed', 'x', '--out', 'report.html'];
  const { code, out, files } = await running(command, { reportAudit: async () => REPORT });
  expect(code).toBe(0);
  expect(out).toMatch(/^POPULATION +COUNT +EXCEPTIONS +CRITERIA\napprovals +3 +1 +CC6\.1\n/);
  const page = files['report.html'] ?? '';
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).not.toContain('<script');
  expect(page.indexOf('nobody approved it')).toBeLessThan(page.indexOf('Sample of 1'));
  for (const words of ['3 in all, 1 of them exceptions', 'None in this span.', '&lt;script&gt;', 'exceptions'])
    expect(page).toContain(words);
  const json = await running([...command.slice(0, -2), '--json'], { reportAudit: async () => REPORT });
  expect([JSON.parse(json.out), json.files]).toEqual([REPORT, {}]);
});

test('audit export hands over the moments, the types and the file, and says what was written', async () => {
  let input: unknown;
  const exportAudit = async ({ save, ...rest }: { save: (chunks: AsyncIterable<Uint8Array>) => Promise<void> }) => {
    input = rest;
    await save(
      (async function* () {
        yield Buffer.from('PK');
      })(),
    );
    return { first_index: 3, end_index: 8, tree_size: 9 };
  };
  const command = ['audit', 'export', '--from', '2026-01-01', '--to', '2026-02-01T01:00:00+01:00', '--out', 'a.zip'];
  const { code, out, files } = await running([...command, '--type', 'lease.used'], { exportAudit });
  expect([code, files]).toEqual([0, { 'a.zip': 'PK' }]);
  expect(out).toContain('the places 3 to 8 (not included) of the log of 9 events');
  expect(input).toMatchObject({ from: new Date('2026-01-01'), to: new Date('2026-02-01'), types: ['lease.used'] });
  for (const wrong of ['yesterday', '2026-13-01', '2026-01-01T00:00:00'])
    expect((await run(['audit', 'export', '--from', wrong, '--out', 'a.zip'])).code).toBe(2);
  expect((await run(['audit', 'export'])).code).toBe(2);
});
