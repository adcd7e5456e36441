// Chooses the system user that PostgreSQL runs as: it refuses to run as root.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** How to start a PostgreSQL program: what goes before the command, and which ids it gets. */
export interface RunAs {
  readonly prefix: readonly string[];
  readonly ids: { readonly uid?: number; readonly gid?: number };
  /** Who must own its files, when not we. */
  readonly owner?: Ids;
}

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

const idOf = (flag: '-u' | '-g'): number =>
  Number.parseInt(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }), 10);

function postgresIds(): Ids | undefined {
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return undefined;
  }
}

function createPostgresUser(): Ids {
  try {
    execFileSync('groupadd', ['--system', 'postgres'], { stdio: 'pipe' });
  } catch {
    // The group may be there without the user; useradd tells if not.
  }
  execFileSync('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres'], { stdio: 'pipe' });
  const ids = postgresIds();
  if (ids === undefined) throw new Error('The system user postgres could not be made; run as another user than root.');
  return ids;
}

function mayEnter(folder: string, { uid, gid }: Ids): boolean {
  const { mode, uid: owner, gid: group } = statSync(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & bit) !== 0;
}

function mayReach(path: string, ids: Ids): boolean {
  const parent = dirname(path);
  return parent === path || (mayEnter(parent, ids) && mayReach(parent, ids));
}

function hasSetpriv(): boolean {
  try {
    execFileSync('setpriv', ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

/**
 * As root, runs as the user postgres (made when missing). Below a folder that only root may enter, such as /root, that
 * user keeps the one capability to pass closed folders. As anyone else, runs as ourselves.
 */
export function chooseUser(folder: string, home: string): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {} };
  const ids = postgresIds() ?? createPostgresUser();
  if (mayReach(`${folder}/data`, ids) && mayReach(`${home}/native/bin/postgres`, ids))
    return { prefix: [], ids, owner: ids };
  if (!hasSetpriv()) {
    throw new Error(
      `PostgreSQL doesn't run as root, and the user postgres may not enter ${folder}. ` +
        'Run as another user, move the folder out of a closed one, or set DATABASE_URL and DATABASE_OWNER_URL.',
    );
  }
  const capability = '+dac_override';
  const user = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups'];
  return {
    prefix: ['setpriv', ...user, `--inh-caps=${capability}`, `--ambient-caps=${capability}`],
    ids: {},
    owner: ids,
  };
}
