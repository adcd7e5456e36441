// How deep a YAML text nests, found without recursion: the composer recurses and a deep text would end the process.

import { Parser } from 'yaml';

type Token = { readonly items?: unknown; readonly value?: unknown; readonly key?: unknown };

/** Levels of nested collections in the text, well-formed or not. */
export function yamlDepth(text: string): number {
  let deepest = 0;
  for (const document of new Parser().parse(text)) {
    const open: [unknown, number][] = [[document, 0]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [token, depth] = next;
      if (!isToken(token)) continue;
      deepest = Math.max(deepest, depth);
      const items = Array.isArray(token.items) ? token.items : [];
      for (const item of items) if (isToken(item)) open.push([item.key, depth + 1], [item.value, depth + 1]);
      if (isToken(token.value)) open.push([token.value, depth]);
    }
  }
  return deepest;
}

function isToken(value: unknown): value is Token {
  return typeof value === 'object' && value !== null;
}
