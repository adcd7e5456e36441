// Holds the subjects of commits to CONTRIBUTING.md, from one commit on: what was written before cannot be changed.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** When commit a81368b87858 was made, the last one that nobody judges; by its time, since a shallow clone may lack it. */
const SINCE = 1795816692;
const CHARACTERS_MAX = 71;
/** "room: what and why", or several rooms. */
const FORM = /^[a-z][\w./-]*(, [a-z][\w./-]*)*: \S.*[^\s.]$/;

type Commit = { readonly id: string; readonly subject: string; readonly parents: number; readonly at: number };

// Somebody else's folder may be judged as well: only our own commands run.
const git = (args: readonly string[], input = ''): string =>
  execFileSync('git', ['-c', 'safe.directory=*', '-C', ROOT, ...args], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });

/** Commits as they are stored, because a shallow clone shows the oldest ones that it has without their parents. */
function commitsOf(ids: readonly string[]): Commit[] {
  const stored = git(['cat-file', '--batch', '--buffer'], ids.map((id) => `${id}\n`).join(''));
  return stored.split(/^(?=[0-9a-f]{40} commit \d+$)/m).map((text) => {
    const [header = '', message = ''] = text.split(/\n\n(.*)/s);
    return {
      id: text.slice(0, 40),
      subject: message.split('\n')[0] ?? '',
      parents: header.match(/^parent /gm)?.length ?? 0,
      at: Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(header)?.[1]),
    };
  });
}

const isWell = (subject: string): boolean => subject.length <= CHARACTERS_MAX && FORM.test(subject);

// An archive of the tree has no commits; the skip shows in the count.
const testClone = existsSync(`${ROOT}.git`) ? test : test.skip;

testClone('each commit since the rule says "room: what and why", under 72 characters; merges are free', () => {
  const commits = commitsOf(git(['rev-list', 'HEAD']).trim().split('\n')).filter(({ at }) => !(at <= SINCE));
  // This very file is younger than the rule, so a clone that holds it holds at least one such commit.
  expect(commits.length).toBeGreaterThan(0);
  expect(commits.filter(({ id, at }) => !/^[0-9a-f]{40}$/.test(id) || !(at > 0))).toEqual([]);
  const judged = commits.filter(({ parents }) => parents < 2);
  expect(
    judged.filter(({ subject }) => !isWell(subject)).map(({ id, subject }) => `${id.slice(0, 8)} ${subject}`),
  ).toEqual([]);
});

test('a subject without its room, too long, or that ends with a full stop is not well', () => {
  const well = ['db: expire in one statement, so two sweeps cannot race', 'service, db: one writer of events'];
  expect(well.map(isWell)).toEqual([true, true]);
  const ill = [
    'expire in one statement',
    'db:',
    'db:no space',
    'Db: upper case',
    'db: a full stop.',
    `db: ${'x'.repeat(68)}`,
    '',
  ];
  expect(ill.filter(isWell)).toEqual([]);
  expect(isWell(`db: ${'x'.repeat(67)}`)).toBe(true);
});
