// What an approver is shown: nothing hidden stays hidden, and the text says all of the content in the digested order.

import { describe, expect, test } from '@jest/globals';
import { canonicalBytes } from '@placet/sdk/canonical';
import fc from 'fast-check';
import { contentText, countHidden, mixedScriptWords, showHidden } from '../../src/domain/request/display.ts';
import type { JsonObject } from '../../src/domain/request/request.ts';

const action = (parameters: JsonObject) => ({
  action: 'orders.refund',
  resource: 'order/A-1',
  parameters,
  credential: null,
  presentation: null,
});

describe('hidden characters', () => {
  test('every control, format and default-ignorable character but tab and line feed is shown as its escape', () => {
    const hidden = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/u;
    const missed: string[] = [];
    for (let point = 0; point <= 0x10ffff; point += 1) {
      if (point === 0x09 || point === 0x0a || (point >= 0xd800 && point <= 0xdfff)) continue;
      const character = String.fromCodePoint(point);
      if (!hidden.test(character)) continue;
      if (showHidden(character) !== `\\u{${point.toString(16)}}`) missed.push(point.toString(16));
    }
    expect(missed).toEqual([]);
  });

  test.each([
    ['letters of any script', 'Zürich Köln 東京 Москва עברית'],
    ['emoji of one code point', 'ok 👍'],
    ['tab and line feed', 'a\tb\n'],
    ['quotes and backslashes', '"\\'],
  ])('%s stay as they are', (_title, text) => {
    expect(showHidden(text)).toBe(text);
    expect(countHidden(text)).toBe(0);
  });

  test('text that reads backwards is shown in the order that it is stored', () => {
    expect(showHidden('order/\u202e1-A')).toBe('order/\\u{202e}1-A');
    expect(countHidden('\u202e\u200b')).toBe(2);
  });

  test.each([
    ['Persian: between letters that would join', 'می\u200cخواهم'],
    ['Persian: between a marked letter and another', 'نَ\u200cه'],
    ['Hindi: a virama that is to be seen', 'क्\u200cष'],
    ['Hindi: a half letter', 'क्\u200dष'],
    ['Sinhala: a conjunct', 'ශ්\u200dරී'],
    ['Bengali: a ya-phalaa', 'র্\u200dয'],
    ['Malayalam: a chillu at the end', 'ന്\u200d'],
    ['Kannada: a virama that is to be seen', 'ರಾಜ್\u200cಕುಮಾರ್'],
  ])('a joiner that is spelling stays as it is: %s', (_title, text) => {
    expect([showHidden(text), countHidden(text)]).toEqual([text, 0]);
    expect(contentText(action({ [text]: text }))).toBe(`{\n  "${text}": "${text}"\n}`);
  });

  test.each([
    ['in a Latin word', 'pay\u200cpal', 'pay\\u{200c}pal'],
    ['at the start', '\u200cمی', '\\u{200c}می'],
    ['at the end of a word', 'می\u200c ', 'می\\u{200c} '],
    ['behind a letter that does not join', 'د\u200cم', 'د\\u{200c}م'],
    ['twice', 'می\u200c\u200cخ', 'می\\u{200c}\\u{200c}خ'],
    ['without a virama', 'क\u200dष', 'क\\u{200d}ष'],
    ['before a vowel sign', 'क्\u200dि', 'क्\\u{200d}ि'],
    ['between numbers', '1\u200d2', '1\\u{200d}2'],
    ['between Latin and Arabic', 'a\u200cم', 'a\\u{200c}م'],
    ['in a group of emoji', '👩\u200d💻', '👩\\u{200d}💻'],
  ])('a joiner that is no spelling is shown: %s', (_title, text, shown) => {
    expect(showHidden(text)).toBe(shown);
    expect(countHidden(text)).toBeGreaterThan(0);
  });

  test('a text of joiners and marks is judged in linear time', () => {
    const text = 'क्'.repeat(5_000) + '\u0301\u200c'.repeat(20_000);
    expect(countHidden(text)).toBeGreaterThan(19_000);
  });

  test('an agent that writes the escape itself is told apart from one that hides a character', () => {
    expect(contentText(action({ a: '\u202e' }))).not.toBe(contentText(action({ a: '\\u{202e}' })));
  });
});

test.each([
  ['pаypal', ['pаypal']],
  ['paypal Москва', []],
  ['αdmin and admin', ['αdmin']],
  ['pаyрal, where all but one letter is foreign', ['pаyрal']],
  ['pꭵaypal, with a small Cherokee letter', ['pꭵaypal']],
  ['ꓲnvoice, with a letter of Lisu', ['ꓲnvoice']],
  ['acc੦unt, with a digit of Gurmukhi', ['acc੦unt']],
  ['օrder, with an Armenian letter', ['օrder']],
  ['Tシャツ と PDFファイル, as Japanese is written', []],
  ['ABC〇公司, as Chinese is written', []],
  ['naïve Straße Łódź', []],
])('words of two scripts are found in %j', (text, words) => {
  expect(mixedScriptWords(text)).toEqual(words);
});

describe('the content', () => {
  const names = fc.string({ unit: fc.constantFrom('a', 'b', '1', '2', '0', '\ue000', '😀', '"'), maxLength: 3 });
  const values = fc.letrec<{ value: JsonObject[string] }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, true, 0, 1.5, 1e21, 'x', '\u202e', ''),
      fc.string({ unit: fc.constantFrom('a', '\n', ' ', '"', '\\', 'n', ','), maxLength: 8 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const parameters = fc.dictionary(names, values, { maxKeys: 5 });

  test('without its layout is byte for byte what was digested, but for the characters shown as escapes', () => {
    fc.assert(
      fc.property(parameters, (made) => {
        const shown = contentText(action(made));
        const digested = new TextDecoder().decode(canonicalBytes(made));
        return withoutLayout(shown) === showHidden(digested);
      }),
    );
  });

  test('shows members in the digested order also where names are numbers', () => {
    expect(contentText(action({ b: 1, '10': 2, '9': { '2': 1, '11': 2 } }))).toBe(
      '{\n  "10": 2,\n  "9": {\n    "11": 2,\n    "2": 1\n  },\n  "b": 1\n}',
    );
  });

  test('shows empty lists, empty objects and members of every name', () => {
    expect(contentText(action({}))).toBe('{}');
    const made = JSON.parse('{"__proto__":{"a":[]},"c":{}}') as JsonObject;
    expect(contentText(action(made))).toBe('{\n  "__proto__": {\n    "a": []\n  },\n  "c": {}\n}');
  });
});

/** Takes line feeds, indentation and the space after a colon away; inside of a string, the breaks after its line feeds. */
function withoutLayout(shown: string): string {
  let [text, margin, isInside] = ['', '', false];
  for (const line of shown.split('\n')) {
    if (!isInside) margin = `${/^ */.exec(line)?.[0]}  `;
    if (isInside && !(line.startsWith(margin) && text.endsWith('\\n'))) return 'not laid out as promised';
    text += isInside ? line.slice(margin.length) : line;
    isInside = text.replace(/\\./g, '').split('"').length % 2 === 0;
  }
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/gs, (_all, string: string | undefined) => string ?? '');
}

describe('the parameters that the policy names first', () => {
  test('stand first, then all others in the digested order, and further in everything does', () => {
    const made = { amount: 1, currency: 'EUR', note: 'x', a: { note: 1, amount: 2 } };
    expect(contentText({ ...action(made), presentation: { show: ['note', 'amount', 'gone'] } })).toBe(
      '{\n  "note": "x",\n  "amount": 1,\n  "a": {\n    "amount": 2,\n    "note": 1\n  },\n  "currency": "EUR"\n}',
    );
  });

  test('change the order and nothing else, whichever they are', () => {
    const names = fc.string({ unit: 'grapheme', maxLength: 8 });
    fc.assert(
      fc.property(fc.dictionary(names, fc.integer()), fc.array(names), fc.nat(), (made, others, step) => {
        const show = [...Object.keys(made).filter((_name, place) => place % 3 === step % 3), ...others];
        const lines = (presentation: { show: string[] } | null) =>
          contentText({ ...action(made), presentation })
            .split('\n')
            .map((line) => line.replace(/,$/, ''))
            .sort();
        expect(lines({ show })).toEqual(lines(null));
      }),
    );
  });
});
