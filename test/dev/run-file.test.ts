// What a run tells the other commands of its folder, also one that an earlier version keeps going.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDataFolder, readRunFile, writeRunFile } from '../../dev/data-folder.ts';
import { nameProcess } from '../../src/process/pid.ts';

const RUN = {
  state: 'running',
  page_url: 'http://127.0.0.1:1',
  api_url: 'http://127.0.0.1:2',
  environment: {},
} as const;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'placet-run-file-'));
});

afterEach(() => rmSync(root, { recursive: true }));

test('a run is found by what it wrote', () => {
  const me = nameProcess(process.pid);
  writeRunFile(openDataFolder(root), RUN, me);
  expect(readRunFile(root)).toEqual({ ...RUN, ...me });
});

test('a run of Placet 0.1.0, which wrote other names, is found too', () => {
  const me = nameProcess(process.pid);
  const { page_url: pageUrl, api_url: apiUrl, ...others } = RUN;
  writeFileSync(openDataFolder(root).run_file, JSON.stringify({ ...others, ...me, pageUrl, apiUrl }));
  expect(readRunFile(root)).toEqual({ ...RUN, ...me });
});

test('a file that nobody can read is no run, and neither is one whose process has ended', () => {
  const data = openDataFolder(root);
  for (const text of ['', '[]', 'null', '{"state":"resting"}']) {
    writeFileSync(data.run_file, text);
    expect(readRunFile(root)).toBeUndefined();
  }
  writeRunFile(data, RUN, { pid: process.pid, started: 'at another time' });
  expect(readRunFile(root)).toBeUndefined();
});
