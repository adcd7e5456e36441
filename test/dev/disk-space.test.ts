// A full disk is told as the reason of what goes wrong, whoever met it.
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type Disk, tellFullDisks } from '../../dev/disk-space.ts';
import { createProgress } from '../../dev/progress.ts';

/** A file system of the system's own, which takes nothing. */
const ROOMLESS = existsSync('/proc/self') ? '/proc' : '/dev';
const FULL = 4_096;
const ROOMY = 2 ** 30;
const ADVICE = 'Free some of it; Placet then goes on by itself.';

function newCase(disks: Record<string, Disk>) {
  const lines: string[] = [];
  const progress = createProgress({ write: (text) => lines.push(...text.trimEnd().split('\n')) });
  const watched = tellFullDisks(progress, Object.keys(disks), (folder) => disks[folder]);
  return { lines, disks, note: watched.note };
}

test('a full disk is named once while it is full, and again when it is full again', () => {
  const { lines, disks, note } = newCase({ '/data': { device: 1, free_bytes: ROOMY } });
  note('well');
  disks['/data'] = { device: 1, free_bytes: FULL };
  note('trouble');
  note('more trouble');
  disks['/data'] = { device: 1, free_bytes: ROOMY };
  note('well again');
  disks['/data'] = { device: 1, free_bytes: FULL };
  note('the same trouble');
  const full = `  The disk of /data is full: 0 MB are left. ${ADVICE}`;
  expect(lines).toEqual(['well', 'trouble', full, 'more trouble', 'well again', 'the same trouble', full]);
});

test('of several folders on one full disk the first is named, of a disk with space none', () => {
  const full = { device: 1, free_bytes: FULL };
  const { lines, note } = newCase({ '/data': full, '/data/log': full, '/other': { device: 2, free_bytes: ROOMY } });
  note('trouble');
  expect(lines).toEqual(['trouble', `  The disk of /data is full: 0 MB are left. ${ADVICE}`]);
});

test('the disk of a folder is really looked at; one that is not there yet is passed over', () => {
  const lines: string[] = [];
  const progress = createProgress({ write: (text) => lines.push(text) });
  tellFullDisks(progress, ['/nowhere/at/all', ROOMLESS]).note('trouble');
  expect(lines.join('')).toBe(`trouble\n  The disk of ${ROOMLESS} is full: 0 MB are left. ${ADVICE}\n`);
});
