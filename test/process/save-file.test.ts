// A file that comes in pieces is there whole or not at all, and takes no other file's name.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { saveFile } from '../../src/process/save-file.ts';
import { newFolder } from '../support/processes.ts';

test('a file that is there is not written over, and one that breaks off leaves nothing', async () => {
  const folder = newFolder();
  const file = join(folder, 'export.zip');
  writeFileSync(file, 'mine');
  await expect(saveFile(file, chunks(['a']))).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(file, 'utf8')).toBe('mine');
  await expect(saveFile(join(folder, 'other.zip'), chunks(['a', null]))).rejects.toThrow('broken off');
  expect(readdirSync(folder)).toEqual(['export.zip']);
});

async function* chunks(of: readonly (string | null)[]) {
  for (const each of of) {
    if (each === null) throw new Error('broken off');
    yield Buffer.from(each);
  }
}
