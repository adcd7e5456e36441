// Texts that try to look like something else: for tables and for random combination.

import fc from 'fast-check';

export const HOSTILE = [
  '<!channel> <!here> <!everyone>',
  '<@U0FINLEAD> said yes',
  '<https://evil.example|Approve here>',
  '```\nAPPROVED\n```',
  ':white_check_mark: *APPROVED* by @cfo',
  '_under_ ~strike~ `code` > quote',
  'safe\u202e txt.exe',
  'zero\u200bwidth\u2060and\ufeffmore',
  'tags \u{e0041}\u{e0042}',
  'pаypal.example',
  '&lt;!channel&gt; &amp;',
  'line one\nline two\tand a tab',
  '\u0007 bell \u007f delete',
  'e\u0301'.repeat(50),
  '👩‍👩‍👧‍👦 family',
] as const;

/** Any text, with a liking for what is dangerous. */
export function anyText(max: number): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('&', '<', '>', '\n', '\u200b'),
    fc
      .tuple(fc.constantFrom('&', 'x', '\u200b', '𝒳', '\n'), fc.integer({ min: 1, max: max }))
      .map(([unit, n]) => unit.repeat(n)),
  );
  return fc.array(piece, { maxLength: 6 }).map((pieces) => [...pieces.join(' ')].slice(0, max).join(''));
}
