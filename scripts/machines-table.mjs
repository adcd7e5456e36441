// The machines on which the two commands of README are tried, as data. scripts/machines.mjs plays them.

/** The usual machine; a row names what is unlike. */
const usual = {
  /** root, another user, or one that nothing on the system names. */
  who: 'root',
  /** What others may do with the clone: pass to it (open), not enter a folder above it (closed), read nothing in it (umask). */
  folder: 'open',
  /** The major version; the newest of it that npm has. */
  node: 20,
  path: 'placet',
  /** Its own, none at all, or one on a disk that takes no writing. */
  home: 'own',
  /** Capabilities that are taken away. */
  drops: 'nothing',
  /** Whether others may enter the folder for temporary files. */
  temporary: 'open',
  /** Who made the data folder in another clone, which was open, with the release that is given to the script. */
  data: 'nobody',
  /** Whether a Temporal is at hand; elsewhere neither Go nor a download brings one. */
  temporal: 'cached',
  runs: 'npx placet demo',
  /** The last words of the story, or those of the one message that names cause and cure. */
  ends: 'Every step held.',
  /** Played by CI. */
  ci: false,
};

const start = { runs: 'npm start', ends: 'Placet is running.' };
const someTests = { runs: 'npm test -- test/dev/postgres.test.ts test/dev/ports.test.ts', ends: ', 0 failed' };
const devTests = { runs: 'npm test -- test/dev', ends: ', 0 failed' };
const wordy = 'Zwei Wörter & ☂';

const lacks = (names) => `this root may not run it as another user: it lacks ${names}.`;
const noOverride = { drops: 'dac_override', ends: lacks('CAP_DAC_OVERRIDE') };
const nothingLeft = {
  drops: 'all',
  ends: lacks('CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID'),
};
const noTemporal = { temporal: 'nowhere', ends: 'let Placet write below ' };

const rows = [
  // Who, which folder, which Node.
  { who: 'root', folder: 'open', node: 20 },
  { who: 'root', folder: 'closed', node: 22, ci: true },
  { who: 'root', folder: 'umask', node: 24 },
  { who: 'user', folder: 'open', node: 22 },
  { who: 'user', folder: 'closed', node: 24, ci: true },
  { who: 'user', folder: 'umask', node: 20 },
  {
    who: 'unnamed',
    folder: 'open',
    node: 22,
    runs: 'node scripts/placet.mjs demo',
    ends: 'nothing here names the user 54321.',
    ci: true,
  },

  // The other command, and the tests.
  { who: 'root', folder: 'closed', node: 20, ...start },
  { who: 'root', folder: 'umask', node: 22, ...start },
  { who: 'user', folder: 'closed', node: 22, ...start },
  { who: 'root', folder: 'closed', node: 20, ...someTests },
  { who: 'root', folder: 'umask', node: 20, ...someTests },
  { who: 'user', folder: 'closed', node: 20, ...someTests },
  { who: 'root', folder: 'closed', node: 22, ...devTests, ci: true },
  { who: 'user', folder: 'closed', node: 24, ...devTests, ci: true },

  // What a container takes away.
  { who: 'root', folder: 'open', node: 22, drops: 'setpcap' },
  { who: 'root', folder: 'closed', node: 24, drops: 'setpcap' },
  { who: 'root', folder: 'umask', node: 20, drops: 'setpcap' },
  { who: 'root', folder: 'open', node: 24, ...noOverride },
  { who: 'root', folder: 'closed', node: 20, ...noOverride, ci: true },
  { who: 'root', folder: 'umask', node: 22, ...noOverride },
  { who: 'root', folder: 'open', node: 20, ...nothingLeft },
  { who: 'root', folder: 'closed', node: 22, ...nothingLeft },
  { who: 'root', folder: 'umask', node: 24, ...nothingLeft },
  { who: 'user', folder: 'open', node: 24, drops: 'all' },
  { who: 'user', folder: 'closed', node: 20, drops: 'all' },
  { who: 'user', folder: 'umask', node: 22, drops: 'all' },

  // Homes, with and without a Temporal.
  { who: 'root', folder: 'closed', node: 20, home: 'none' },
  { who: 'user', folder: 'open', node: 20, home: 'none' },
  { who: 'user', folder: 'closed', node: 24, home: 'none', ...noTemporal },
  { who: 'root', folder: 'closed', node: 24, home: 'read-only' },
  { who: 'user', folder: 'closed', node: 22, home: 'read-only' },
  { who: 'root', folder: 'open', node: 22, home: 'read-only', ...noTemporal },
  { who: 'user', folder: 'open', node: 20, home: 'read-only', ...noTemporal },

  // Names of folders, and one for temporary files that is as closed as the clone.
  { who: 'root', folder: 'closed', node: 24, path: wordy },
  { who: 'root', folder: 'open', node: 20, path: wordy, ...start },
  { who: 'user', folder: 'closed', node: 22, path: wordy },
  { who: 'root', folder: 'open', node: 20, temporary: 'closed' },
  { who: 'root', folder: 'closed', node: 22, temporary: 'closed', ends: 'Set TMPDIR to a folder' },

  // Data of the current release.
  { who: 'root', folder: 'open', node: 20, data: 'root', ...start },
  { who: 'root', folder: 'closed', node: 22, data: 'root', ...start },
  { who: 'root', folder: 'closed', node: 24, data: 'user', ...start },
  { who: 'user', folder: 'closed', node: 24, data: 'user', ...start },
];

/** Every machine, whole. */
export const machines = rows.map((row) => ({ ...usual, ...row }));

/** What tells one machine from another, in a line. */
export function describeMachine(machine) {
  const { who, folder, node, runs, ci: _ci, ends: _ends, ...more } = machine;
  const unlike = Object.entries(more).filter(([name, value]) => value !== usual[name]);
  const words = unlike.map(([name, value]) => `${name} ${value}`);
  return [`${who}, ${folder} folder, Node ${node}`, ...words, runs].join(', ');
}
