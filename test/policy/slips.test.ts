// The policy file: slips of the keyboard, each answered with what to type instead, where it is to be typed.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePolicyFile } from '../../src/policy/read.ts';
import { drawn } from '../support/long.ts';
import { change, problemsOf, read, WHOLE } from './policy-text.ts';

describe('a slip that makes YAML say something odd elsewhere is named where it is', () => {
  test.each<[title: string, text: string, problems: string[]]>([
    [
      'a no-break space as indent',
      change('    quorum: 2', '  \u00a0\u00a0quorum: 2').replace('    timeout', '\u00a0   timeout'),
      [
        '12:3 : the indent has a no-break space (U+00A0); type spaces instead',
        '13:1 : the indent has a no-break space (U+00A0); type spaces instead',
      ],
    ],
    [
      'no-break spaces as every indent',
      WHOLE.replace(/^ +/gm, (spaces) => '\u00a0'.repeat(spaces.length)),
      [3, 5, 6, 8, 9, 10, 11, 12, 13, 14].map(
        (line) => `${line}:1 : the indent has a no-break space (U+00A0); type spaces instead`,
      ),
    ],
    [
      'an ideographic space as indent',
      change('    quorum: 2', '\u3000\u3000\u3000\u3000quorum: 2'),
      ['12:1 : the indent has a space of another kind (U+3000); type spaces instead'],
    ],
    [
      'tabs as indents',
      'version: 1\nrules:\n\t- name: a\n\t\tmatch: { action: a, resource: b }\n\t\teffect: deny\n'.replace(
        '\t- name',
        '\t- name',
      ),
      [3, 4, 5].map((line) => `${line}:1 : the indent has a tab; type spaces instead`),
    ],
    [
      'a byte order mark in the middle, as of two files in one',
      change('people:', '\ufeffpeople:'),
      ['2:1 : the indent has a character that nobody sees (U+FEFF); delete it'],
    ],
    [
      'a full-width colon',
      change('quorum: 2', 'quorum：2'),
      ['12:11 : "：" (U+FF1A, which looks like ":") is a letter in YAML; type ":" and a space instead'],
    ],
    [
      'full-width colons within braces',
      change('{ action: "orders.refund", resource: ', '{ action： "orders.refund", resource：'),
      ['9:20 : "：" (U+FF1A, which looks like ":") is a letter in YAML; type ":" and a space instead'],
    ],
    [
      'no space behind a colon',
      change('quorum: 2', 'quorum:2'),
      ['12:11 : behind the ":" of a member stands a space; type one'],
    ],
    [
      'an equals sign',
      change('quorum: 2', 'quorum = 2'),
      ['12:12 : "=" stands where a member has its ":"; type ":" and a space instead'],
    ],
    [
      'a no-break space behind a colon',
      change('quorum: 2', 'quorum:\u00a02'),
      ['12:12 : behind ":" stands a no-break space (U+00A0); type a space instead'],
    ],
    [
      'curly quotes',
      change('name: refunds need two people', 'name: refunds').replace('effect: require', 'effect: “require”'),
      ['10:13 : a curly quote (U+201C) is a letter in YAML; type a straight quote (") instead'],
    ],
    [
      'a full-width comma and brackets',
      change('["*"]', '［"a"， "b"］'),
      ['9:68 : "［" (U+FF3B, which looks like "[") is a letter in YAML; type "[" instead'],
    ],
    [
      'a bullet for a dash',
      change('  - name: refunds', '  • name: refunds'),
      ['8:3 : "•" (U+2022) begins no entry of a list; type "-" and a space instead'],
    ],
    [
      'a long dash for a dash',
      change('  - name: refunds', '  – name: refunds'),
      ['8:3 : "–" (U+2013, which looks like "-") begins no entry of a list; type "-" and a space instead'],
    ],
    ...[2, 4].map((tabs): [string, string, string[]] => [
      `${tabs} tabs for the indent of a whole file, as its editor draws them`,
      WHOLE.replace(/^ +/gm, (spaces) => '\t'.repeat(Math.ceil(spaces.length / (4 / tabs)))),
      [3, 5, 6, 8, 9, 10, 11, 12, 13, 14].map((line) => `${line}:1 : the indent has a tab; type spaces instead`),
    ]),
    ['one tab for four spaces', change('    effect', '\teffect'), ['10:1 : the indent has a tab; type spaces instead']],
    [
      'no space behind a dash',
      change('  - name: refunds', '  -name: refunds'),
      ['8:4 : behind the "-" of an entry stands a space; type one'],
    ],
    [
      'no space behind a dash of a list',
      change('[payments]', '\n      -payments'),
      ['12:8 : behind the "-" of an entry stands a space; type one'],
    ],
    ...['*', '*.refund', '!orders.read', '%', '@orders', '`orders`'].map((value): [string, string, string[]] => [
      `${value} without quotes`,
      change('"orders.refund"', value),
      expect.arrayContaining([
        `9:22 : "${value.charAt(0)}" at the begin of a value is a mark of YAML; write "${value}", in quotes`,
      ]) as unknown as string[],
    ]),
    [
      'a star in a list without quotes',
      change('["*"]', '[demo, *]'),
      ['9:75 : "*" at the begin of a value is a mark of YAML; write "*", in quotes'],
    ],
    [
      'no colon',
      change('    quorum: 2', '    quorum 2'),
      ['12:11 : behind "quorum" stands no ":"; type ":" and a space'],
    ],
    [
      'a no-break space before a colon',
      change('quorum: 2', 'quorum\u00a0: 2'),
      ['12:11 : before ":" stands a no-break space (U+00A0); delete it'],
    ],
    ...['\u0085', '\u2028'].map((end): [string, string, string[]] => [
      `a line that ends with ${JSON.stringify(end)}`,
      change('quorum: 2\n', `quorum: 2${end}`),
      [
        expect.stringMatching(
          /^12:14 : here is a character that nobody sees .* press Enter instead$/,
        ) as unknown as string,
      ],
    ]),
    [
      'line ends of long ago',
      WHOLE.replaceAll('\n', '\r'),
      ['1:1 : lines end with CR alone; save the file with LF line ends'],
    ],
    ...['   quorum: 2', '     quorum: 2'].map((line): [string, string, string[]] => [
      `an indent of ${line.length - 9} among those of 4`,
      change('    quorum: 2', line),
      ['12:1 : this line has another indent than the members beside it; give them the same number of spaces'],
    ]),
    [
      'a bracket that nobody closed',
      change('["*"]', '["*"'),
      [expect.stringContaining('a "[" or "{" that opens before this place is not closed') as unknown as string],
    ],
    [
      'a quote that nobody closed, told once',
      change('"orders.refund"', '"orders.refund'),
      [expect.stringContaining('look at the indent, quotes, brackets') as unknown as string],
    ],
    [
      'a block of Markdown',
      `\`\`\`yaml\n${WHOLE}\`\`\`\n`,
      [
        '1:1 : "```yaml" is a mark of Markdown; delete this line',
        '16:1 : "```" is a mark of Markdown; delete this line',
      ],
    ],
    [
      'a channel by its name, which reads as a comment',
      change('channel: C0PAYMENTS', 'channel: #payments'),
      [
        '5:84 : "#" behind a space begins a comment; write "#payments", in quotes',
        '5:84 approver_groups.payments.channel: write the id of a Slack channel, such as C0PAYMENTS, not its name',
      ],
    ],
    [
      'a slip, and something else that is wrong',
      change('quorum: 2', 'quorum：2').replace('timeout: 10m', 'timeout: 600'),
      [
        '12:11 : "：" (U+FF1A, which looks like ":") is a letter in YAML; type ":" and a space instead',
        '13:14 rules.0.timeout: 600 has no unit; for 600 seconds write 10m',
      ],
    ],
  ])('%s', (_title, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test.each([
    ['CRLF', WHOLE.replaceAll('\n', '\r\n')],
    ['a byte order mark at the start', `\ufeff${WHOLE}`],
    ['tabs where YAML takes them', WHOLE.replace('quorum: 2', 'quorum:\t2').replace('{ action:', '{\taction:')],
    ['slips in a comment', `# “quotes”：\u00a0\n\t# tab\n${WHOLE}`],
    ['slips in a text', change('refunds need two people', '"“refunds”：\u00a0need = two"')],
  ])('%s is no slip', (_title, text) => {
    expect([problemsOf(text), read(text).kind]).toEqual([[], 'document']);
  });

  test('UTF-16 is named, with and without its mark', () => {
    const utf16 = Buffer.from(`\ufeff${WHOLE}`, 'utf16le');
    for (const bytes of [utf16, utf16.subarray(2), Buffer.from(utf16).swap16()]) {
      expect(parsePolicyFile(bytes)).toMatchObject({
        problems: [{ message: 'this is UTF-16; save the file as UTF-8 instead' }],
      });
    }
  });

  test('whatever the slips, a text gives a document or problems, and the slips of a good text change nothing', () => {
    const slip = fc.constantFrom('\u00a0', '\t', '：', '“', '=', '，', '•', '\u200b', '\ufeff', '｛');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(WHOLE.length), slip), { maxLength: 4 }), (slips) => {
        const text = slips.reduce((made, [at, what]) => made.slice(0, at) + what + made.slice(at), WHOLE);
        const file = read(text);
        return file.kind === 'document' || file.problems.length > 0;
      }),
      drawn(300),
    );
  });
});
