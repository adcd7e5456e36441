// What may stand at the top of the tree: what a tool looks for there, and the rooms.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What git does not keep. */
const MADE = /^(?:\.git|\.placet|node_modules|dist|coverage|.*\.tsbuildinfo)$/;

const PAGES = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md'];
const OF_TOOLS = [
  '.ci',
  '.dockerignore',
  '.github',
  '.gitignore',
  '.npmrc',
  'Dockerfile',
  'biome.json',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
];
const SERVER = ['activities', 'migrations', 'src', 'test', 'workflows'];
const BESIDE = ['bench', 'dev', 'docs', 'examples', 'playground', 'scripts', 'sdk'];
/** Shipped by themselves, each as soon as it is there. */
const SHIPPED = ['adapters', 'console', 'python'];

test('nothing stands at the top of the tree but what belongs there', () => {
  const allowed = new Set([...PAGES, ...OF_TOOLS, ...SERVER, ...BESIDE, ...SHIPPED]);
  const found = readdirSync(ROOT).filter((name) => !MADE.test(name));
  expect(found.filter((name) => !allowed.has(name))).toEqual([]);
  expect(SERVER.filter((name) => !found.includes(name))).toEqual([]);
});
