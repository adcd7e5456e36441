// What a process of ours says reaches a person and its file, whatever it says and whatever becomes of the file.
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { followOutput, openLog } from '../../dev/log-lines.ts';
import { newFolder } from '../support/processes.ts';
import { until } from '../support/wait.ts';

test('a log that cannot be written is said once and ends nothing; it goes on when it can be written again', async () => {
  const file = join(newFolder(), 'api.log');
  mkdirSync(file);
  const notes: string[] = [];
  const log = openLog(file, (text) => notes.push(text));
  await until(() => notes.length > 0);
  log.write('lost\n');
  rmdirSync(file);
  await until(() => {
    log.write('kept\n');
    return readable(file).includes('kept\n');
  });
  log.end();
  expect(notes).toEqual([expect.stringMatching(/api\.log cannot be written: EISDIR/)]);
});

function readable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

test('lines that are JSON but no event are said as they are', async () => {
  const spoken: string[] = [];
  const shown: string[] = [];
  const output = Readable.from(['null\n7\n"word"\n', '{"level":"warn","msg":"late"}\n{"level":"info","msg":"well"}\n']);
  const log = { write: () => undefined, end: () => undefined };
  const say = (line: string) => spoken.push(line);
  const show = (line: string) => shown.push(line);
  await followOutput(output, { role: 'api', log, say, show });
  expect([spoken, shown]).toEqual([['null', '7', '"word"'], ['  [api] warn: late']]);
});
