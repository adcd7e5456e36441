// Which e-mail addresses name a person, and the one form by which two spellings are one person.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { addressFault, addressOf } from '../../src/domain/people/address.ts';

const ZWNJ = '\u200c';
const ZWJ = '\u200d';

describe('an address that people have is taken, and its domain is kept in ASCII', () => {
  test.each([
    ['ann@example.com', 'ann@example.com'],
    [' Ann@Example.COM ', 'ann@example.com'],
    ["o'brien+tag@example.com", "o'brien+tag@example.com"],
    ["!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"],
    ['first.last=dept/unit@example.co.uk', 'first.last=dept/unit@example.co.uk'],
    ['{ops}@example.com', '{ops}@example.com'],
    ['ann@xn--bcher-kva.example', 'ann@xn--bcher-kva.example'],
    ['ann@XN--BCHER-KVA.example', 'ann@xn--bcher-kva.example'],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['ann@BÜCHER.example', 'ann@xn--bcher-kva.example'],
    ['ann@bu\u0308cher.example', 'ann@xn--bcher-kva.example'],
    ['ann@straße.de', 'ann@xn--strae-oqa.de'],
    ['ann@почта.рф', 'ann@xn--80a1acny.xn--p1ai'],
    ['ann@xn--80a1acny.xn--p1ai', 'ann@xn--80a1acny.xn--p1ai'],
    ['ann@日本語.jp', 'ann@xn--wgv71a119e.jp'],
    ['ann@みんなの東京.jp', 'ann@xn--q9ji3c6d193q9b5a.jp'],
    ['ann@مثال.إختبار', 'ann@xn--mgbh0fb.xn--kgbechtv'],
    ['ann@उदाहरण.भारत', 'ann@xn--p1b6ci4b4b3a.xn--h2brj9c'],
    [`ann@نامه${ZWNJ}ای.com`, 'ann@xn--mgba3gch31f060k.com'],
    [`ann@क्${ZWJ}ष.com`, 'ann@xn--11b2ezcw70k.com'],
    ['ann@ışık.com', 'ann@xn--k-ekaa7p.com'],
    ['ann@col\u00b7legi.cat', 'ann@xn--collegi-xma.cat'],
    ['ann@sub-domain.example-.com', 'ann@sub-domain.example-.com'],
  ])('%s', (text, kept) => {
    expect([addressFault(text), addressOf(text)]).toEqual([null, kept]);
  });

  test('an address that is kept is an address of the same person again', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abz09-üßжя日本'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (local, label) => {
        const text = `${local}@${label}.example`;
        if (addressFault(text) !== null) return true;
        const kept = addressOf(text);
        return addressFault(kept) === null && addressOf(kept) === kept && /^[\x21-\x7e]+$/.test(kept);
      }),
      { numRuns: 1_000 },
    );
  });

  test('whatever was taken as an address before still is, as the same one', () => {
    const part = fc.string({ unit: fc.constantFrom(...`abYZ09._-+'`), minLength: 1, maxLength: 10 });
    const before = z.email();
    fc.assert(
      fc.property(part, part, fc.constantFrom('com', 'Example', 'co.uk'), (local, domain, top) => {
        const text = `${local}@${domain}.${top}`;
        // A label in Punycode that decodes to nothing was never anybody's.
        if (!before.safeParse(text).success || /(?:^|[@.])xn--/i.test(text)) return true;
        return addressFault(text) === null && addressOf(text) === text.toLowerCase();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what hides, confuses or is no address is refused, and it says what to write', () => {
  test.each<[text: string, says: string]>([
    ['ann', 'not an e-mail address'],
    ['@example.com', 'not an e-mail address'],
    ['ann@localhost', '"localhost" is no domain name'],
    ['ann@127.0.0.1', 'is no domain name'],
    ['ann@[127.0.0.1]', 'is no domain name'],
    ['ann@ex_ample.com', 'is no domain name'],
    ['ann@xn--a.com', 'is no domain name'],
    ['ann@example..com', 'is no domain name'],
    ['ann@i\u0307stanbul.com', 'has a second dot that nobody sees; if it is meant, write xn--istanbul-o0e.com'],
    ['ann@\u0130stanbul.com', 'has a second dot that nobody sees'],
    ['ann@a.j\u0323\u0307x.com', 'has a second dot that nobody sees'],
    ['a b@example.com', 'before the @ it has a space'],
    ['"a b"@example.com', `before the @ it has """`],
    ['a@b@example.com', 'before the @ it has "@"'],
    ['.ann@example.com', 'a dot stands between other characters'],
    ['ann..lee@example.com', 'a dot stands between other characters'],
    ['jörg@example.com', 'before the @ it has "ö"'],
    ['\u0430nn@example.com', 'the Cyrillic letter "а" (U+0430, which looks like "a")'],
    [
      'ann@ex\u0430mple.com',
      'the Cyrillic letter "а" (U+0430, which looks like "a"); if it is meant, write xn--exmple-4nf.com',
    ],
    ['ann@аррӏе.com', 'which looks like "a"); if it is meant, write xn--80ak6aa92e.com'],
    ['ann@paypa\u0131.com', 'which looks like "i"); if it is meant, write xn--paypa-r4a.com'],
    ['ann@\u03bfrders.com', 'the Greek letter "ο"'],
    ['ann@example\u200b.com', 'a character that nobody sees (U+200B); delete it'],
    ['ann@exam\u00adple.com', 'a character that nobody sees (U+00AD); delete it'],
    [`an${ZWNJ}n@example.com`, 'a character that nobody sees (U+200C); delete it'],
    [`ann@exam${ZWNJ}ple.com`, 'a character that nobody sees (U+200C); delete it'],
    [`ann@क${ZWJ}ष.com`, 'a character that nobody sees (U+200D); delete it'],
    ['ann\u202e@example.com', 'a character that nobody sees (U+202E); delete it'],
    ['ann@ｅxample.com', 'is no domain name'],
    ['ann@☃.com', 'is no domain name'],
    [`${'a'.repeat(250)}@example.com`, 'longer than 254 characters'],
    [`ann@${`${'ü'.repeat(50)}.`.repeat(5)}com`, 'longer than 254 characters'],
    [`${'a'.repeat(65)}@example.com`, 'more than 64 characters stand before the @'],
    [`ann@${'a'.repeat(64)}.com`, 'one part of it has more than 63 characters'],
    [`ann@${'ü'.repeat(60)}.com`, 'one part of it has more than 63 characters'],
    ['ann@example.com,ben@example.com', 'there are several; write each by itself'],
    ['ann@example.com; ben@example.com', 'there are several; write each by itself'],
    ['ann＠example.com', '(U+FF20, which looks like "@"); type "@" instead'],
    ['ann﹫example.com', '; type "@" instead'],
    ['ann@exam\u2800ple.com', 'a character that nobody sees (U+2800); delete it'],
  ])('%s', (text, says) => {
    expect(addressFault(text)).toContain(says);
  });
});
