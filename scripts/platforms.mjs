// Completes package-lock.json with the packages of other platforms: npm leaves out those that the registry at hand does not
// have, and `npm ci` then refuses the lock file everywhere. `--check` only tells. Their integrity is filled in by npm later.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const SYSTEMS = new Set(['android', 'darwin', 'win32', 'linux', 'freebsd', 'openharmony']);
const PROCESSORS = new Set(['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64']);
const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

/** Finds a package where Node would: in the folder of its parent, or further up. */
function isLocked(parent, name) {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true;
    if (!at.includes('/node_modules/')) return lock.packages[`node_modules/${name}`] !== undefined;
  }
}

/** Platform packages bear their platform in their name. */
function entryFor(name, version, { dev, license, engines }) {
  const words = name.split('/').pop().split('-');
  const os = words.find((word) => SYSTEMS.has(word));
  const cpu = words.find((word) => PROCESSORS.has(word));
  const libc = words.find((word) => /^(musl|gnu)/.test(word));
  return {
    version,
    ...(cpu && { cpu: [cpu] }),
    ...(dev && { dev }),
    ...(os === 'linux' && libc && { libc: [libc.startsWith('musl') ? 'musl' : 'glibc'] }),
    license,
    optional: true,
    ...(os && { os: [os] }),
    ...(engines && { engines }),
  };
}

const missing = Object.entries(lock.packages).flatMap(([parent, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    // A range has no one version to write down; npm resolved those itself.
    .filter(([name, version]) => /^\d/.test(version) && !isLocked(parent, name))
    .map(([name, version]) => [`node_modules/${name}`, entryFor(name, version, entry)]),
);

if (process.argv.includes('--check')) {
  for (const [path] of missing) console.error(`package-lock.json lacks ${path}: run node scripts/platforms.mjs`);
  process.exitCode = missing.length > 0 ? 1 : 0;
} else {
  for (const [path, entry] of missing) lock.packages[path] = entry;
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`${missing.length} packages of other platforms added`);
}
