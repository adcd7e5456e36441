// The tree as text: every file that we wrote, with its room, its imports and its prose. Judges nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const IGNORED = new Set(['node_modules', 'dist', 'coverage', 'histories', 'package-lock.json']);
const TEXT = /\.(ts|tsx|cjs|mjs|sh|sql|md|txt|json|ya?ml|css|html)$/;

export type TreeFile = { readonly path: string; readonly text: string; readonly lines: readonly string[] };

export type Import = { readonly from: string; readonly isTypeOnly: boolean };

/** Every text file of ours, by path from the root. Dot folders belong to tools. */
export function readTree(folder = ''): TreeFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (IGNORED.has(entry.name) || entry.name.startsWith('.')) return [];
    if (entry.isDirectory()) return readTree(path);
    if (!TEXT.test(entry.name)) return [];
    const text = readFileSync(join(ROOT, path), 'utf8');
    return [{ path, text, lines: text.replace(/\n$/, '').split('\n') }];
  });
}

const IMPORT = /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'/g;
const DYNAMIC_IMPORT = /\bimport\(\s*'([^']+)'\s*\)/g;

/** What a file imports: a relative path from the root, or a package or `node:` name. */
export function importsOf(file: TreeFile): Import[] {
  const fixed = [...file.text.matchAll(IMPORT)].map(([, , type, names = '', from = '']): Import => {
    const bound = /^\{([^}]*)\}$/s.exec(names)?.[1]?.split(',') ?? [];
    const isEachType = bound.length > 0 && bound.every((name) => name.trim() === '' || name.trim().startsWith('type '));
    return { from: resolve(file, from), isTypeOnly: type !== undefined || isEachType };
  });
  const late = [...file.text.matchAll(DYNAMIC_IMPORT)].map(([, from = '']): Import => {
    return { from: resolve(file, from), isTypeOnly: false };
  });
  return [...fixed, ...late];
}

/** The name under which a package is listed: without the path inside it, but for our own `@placet/sdk/canonical`. */
export function packageOf(from: string): string {
  if (from.startsWith('node:')) return 'node:';
  if (from.startsWith('@placet/')) return from;
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The room that a path belongs to: `src/http`, `workflows`, `adapters/langchain`; a file of src itself is its own room. */
export function roomOf(path: string): string {
  const [top = '', next = ''] = path.split('/');
  if (top === 'adapters') return `${top}/${next}`;
  return ['src', 'sdk', 'playground'].includes(top) ? `${top}/${next}` : top;
}

/** What a reader reads as language: all of a document or statement, the comments of a program. */
export function proseOf(file: TreeFile): string {
  if (/\.(md|sql|html|ya?ml)$/.test(file.path)) return file.text;
  const comments = file.text.match(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$/gm) ?? [];
  return comments.join('\n');
}

function resolve(file: TreeFile, from: string): string {
  return from.startsWith('.') ? normalize(join(dirname(file.path), from)) : from;
}
