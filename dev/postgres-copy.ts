// Makes PostgreSQL's programs runnable for a user who may not enter the clone: from a copy in a folder that it may enter.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdvisedError, describeFault, isOfDisk } from './fault.ts';
import { type PostgresBinaries, programsIn } from './postgres-binaries.ts';
import type { Ids } from './postgres-user.ts';
import { makeWorkFolder, removeWorkFolder } from './work-folder.ts';

/** Programs that their user can run, for as long as they are not removed. */
export type Programs = PostgresBinaries & {
  readonly remove: () => void;
};

/** What keeps the user from running the programs; nothing when it can. Tried, since no reading of modes tells for sure. */
function obstacle({ initdb, postgres }: PostgresBinaries, { uid, gid }: Ids): string | undefined {
  for (const program of [initdb, postgres]) {
    const { status, error, stderr } = spawnSync(program, ['--version'], { uid, gid, cwd: '/', encoding: 'utf8' });
    if (status !== 0) return error?.message ?? stderr.trim();
  }
  return undefined;
}

/** A second name for each file where both folders lie on one disk; elsewhere a copy, of sixty megabytes. */
function copyFolder(from: string, to: string): void {
  if (spawnSync('cp', ['-RPl', from, to], { stdio: 'ignore' }).status === 0) return;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

function copyFor(user: Ids, original: string): Programs {
  const folder = makeWorkFolder('postgres');
  const remove = () => removeWorkFolder(folder);
  try {
    // The programs find their libraries beside themselves, by their real place: a symbolic link to them would not do.
    copyFolder(join(original, 'native'), join(folder, 'native'));
    // A clone that was made below a strict umask lets nobody else read them, although there is nothing secret in them.
    execFileSync('chmod', ['-R', 'a+rX', join(folder, 'native')], { stdio: 'pipe' });
    const programs = programsIn(folder);
    const fault = obstacle(programs, user);
    if (fault === undefined) return { ...programs, remove };
    throw new AdvisedError(
      `PostgreSQL does not run as root, and its user (uid ${user.uid}) can run it neither in ${original} nor in ${tmpdir()}: ${fault}\n` +
        'Set TMPDIR to a folder that every user may enter and run programs in, or run Placet as another user than root.',
    );
  } catch (error) {
    remove();
    throw error;
  }
}

/** These programs, or a copy of them when this user cannot run those; removing leaves alone what is no copy. */
export function programsFor(user: Ids | undefined, programs: PostgresBinaries): Programs {
  if (user === undefined || obstacle(programs, user) === undefined) return { ...programs, remove: () => undefined };
  try {
    return copyFor(user, programs.folder);
  } catch (error) {
    if (!(error instanceof Error) || !isOfDisk(error)) throw error;
    throw new AdvisedError(describeFault(error, tmpdir()), { cause: error });
  }
}
