// What to type instead where a condition is written in another tongue than CEL: the engine only says what it met. Pure.

/** What a condition sees, as its author writes it. */
const SEEN = 'a condition sees agent.name, agent.environment, action, resource, parameters, on_behalf_of and now';

/** Names that other languages and tools have for what is seen here under another one. */
const MEANT: Readonly<Record<string, string>> = {
  environment: 'agent.environment',
  env: 'agent.environment',
  name: 'agent.name',
  args: 'parameters',
  arguments: 'parameters',
  params: 'parameters',
  parameter: 'parameters',
  input: 'parameters',
  user: 'on_behalf_of',
  time: 'now',
  true: 'true',
  false: 'false',
  none: 'null',
  nil: 'null',
  undefined: 'null',
};

/** By what stands where the reading stopped. */
const HERE: readonly (readonly [RegExp, string])[] = [
  [/^=[~]|^~|^(like|matches|contains)\b/i, 'write resource.glob("order/*"), where * stands for any run of characters'],
  [/^=/, 'write == to compare'],
  [/^(&|and\b)/i, 'write && for "and"'],
  [/^(\||or\b)/i, 'write || for "or"'],
  [/^(is|eq|equals)\b/i, 'write == to compare'],
  [/^not\b/i, 'write ! for "not"'],
  [/^\u2265/, 'write >='],
  [/^\u2264/, 'write <='],
  [/^\u2260/, 'write !='],
  [/^[\u2018-\u201f\u00ab\u00bb]/, 'write straight quotes'],
  [/^\$/, 'write names without $'],
];

/** By what stands before that, too. */
const BEFORE: readonly (readonly [RegExp, RegExp, string])[] = [
  [/\bnot\s+$/i, /^/, 'write ! for "not"'],
  [/<$/, /^>/, 'write != for "<>"'],
  [/\d$/, /^[_,.'\u2019]\d/, 'write a number without separators'],
  [/\?$/, /^\./, 'write "." alone, and has(…) where a member may be missing'],
];

/** The one sentence that helps against what the engine says of this place in the text; null when none is known. */
export function conditionRemedy(summary: string, text: string, offset: number): string | null {
  const [, variable = ''] = /^Unknown variable: (\w+)$/.exec(summary) ?? [];
  if (variable !== '') {
    const name = variable.toLowerCase();
    return Object.hasOwn(MEANT, name) ? `write ${MEANT[name]}` : SEEN;
  }
  if (/^no such overload: \$agent/.test(summary)) return 'write agent.name or agent.environment';
  if (/^No such key: /.test(summary) && /\bagent\s*\.\s*$/.test(text.slice(0, offset))) {
    return 'an agent has name and environment';
  }
  if (/^Unterminated string/.test(summary)) return 'a text ends with the quote that it begins with';
  if (/^Expected R(PAREN|BRACKET|BRACE), got EOF$/.test(summary)) return 'a bracket is not closed';
  if (!/^Unexpected (character|token)/.test(summary)) return null;
  const [before, here] = [text.slice(0, offset), text.slice(offset)];
  const byBoth = BEFORE.find(([left, right]) => left.test(before) && right.test(here));
  return byBoth?.[2] ?? HERE.find(([form]) => form.test(here))?.[1] ?? null;
}
