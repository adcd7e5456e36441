// How the page reads Slack's texts, mrkdwn and date tokens, and what one can read of it. Pure functions, no browser.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDate } from '../web/blocks/date.ts';
import { type Inline, parseMrkdwn } from '../web/blocks/mrkdwn.ts';
import { contrastBetween, lettersOn } from '../web/contrast.ts';

const inlines = (source: string, verbatim = true) =>
  parseMrkdwn(source, verbatim).flatMap((paragraph) => (paragraph.kind === 'pre' ? [] : paragraph.lines.flat()));

describe('mrkdwn is read as Slack reads it', () => {
  const cases: [string, Inline[]][] = [
    ['*a*', [{ kind: 'bold', children: [{ kind: 'text', text: 'a' }] }]],
    ['2*3*4', [{ kind: 'text', text: '2*3*4' }]],
    ['snake_case_name', [{ kind: 'text', text: 'snake_case_name' }]],
    ['`*a*`', [{ kind: 'code', text: '*a*' }]],
    ['<@U1>', [{ kind: 'user', id: 'U1', label: '' }]],
    ['<#C1|general>', [{ kind: 'channel', id: 'C1', label: 'general' }]],
    ['<!subteam^S1|@dba>', [{ kind: 'group', id: 'S1', label: '@dba' }]],
    ['<!here>', [{ kind: 'broadcast', name: 'here' }]],
    ['<https://a.example|A &amp; B>', [{ kind: 'link', url: 'https://a.example', label: 'A & B' }]],
    ['<!date^60^{time}|late>', [{ kind: 'date', unix: 60, format: '{time}', link: '', fallback: 'late' }]],
    ['&lt;!channel&gt;', [{ kind: 'text', text: '<!channel>' }]],
    ['&amp;lt;', [{ kind: 'text', text: '&lt;' }]],
    ['https://a.example', [{ kind: 'text', text: 'https://a.example' }]],
  ];
  test.each(cases)('%s', (source, expected) => {
    expect(inlines(source)).toEqual(expected);
  });

  test('a bare address is a link unless the text is verbatim', () => {
    expect(inlines('https://a.example.', false)[0]).toEqual({
      kind: 'link',
      url: 'https://a.example',
      label: 'https://a.example',
    });
  });

  test('a fence keeps its text as it is, and an escaped sign at the start of a line quotes it', () => {
    expect(parseMrkdwn('```*a*\n<@U1>```', true)).toEqual([{ kind: 'pre', text: '*a*\n<@U1>' }]);
    expect(parseMrkdwn('&gt; a', true)).toEqual([{ kind: 'quote', lines: [[{ kind: 'text', text: 'a' }]] }]);
  });

  test('escaped text never becomes a mention, link or date, whatever it holds', () => {
    const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const hostile = fc.string({
      unit: fc.constantFrom('<', '>', '!', '@', '#', '|', '^', '&', ';', 'l', 't', 'U', '*', ' '),
    });
    fc.assert(
      fc.property(hostile, (text) => {
        const kinds = JSON.stringify(parseMrkdwn(escaped(text), true)).match(/"kind":"(\w+)"/g) ?? [];
        const allowed = ['text', 'bold', 'plain', 'quote'].map((kind) => `"kind":"${kind}"`);
        expect(kinds.filter((kind) => !allowed.includes(kind))).toEqual([]);
      }),
    );
  });
});

describe('a date token becomes words in the zone of the one who looks', () => {
  const nowMs = Date.UTC(2026, 10, 21, 23, 30);
  const unix = Date.UTC(2026, 10, 21, 23, 45) / 1000;
  const berlin = { nowMs, locale: 'en-GB', timeZone: 'Europe/Berlin' };
  const cases: [string, string][] = [
    ['{date_num}', '2026-11-22'],
    ['{time}', '00:45'],
    ['{date_short_pretty} {time}', 'Today 00:45'],
    ['until {date_pretty}', 'until today'],
    ['{date_short}', '22 Nov 2026'],
    ['{ago}', 'in 15 minutes'],
    ['{unknown}', '{unknown}'],
  ];
  test.each(cases)('%s', (format, words) => {
    expect(formatDate(unix, format, berlin)).toBe(words);
  });

  test('the day is the one of that zone', () => {
    expect(formatDate(unix, '{date_num}', { ...berlin, timeZone: 'UTC' })).toBe('2026-11-21');
  });
});

describe('letters on a colour', () => {
  test.each([
    ['ffffff', '000000', 21],
    ['ffffff', '767676', 4.54],
    ['2eb67d', 'ffffff', 2.59],
  ])('their contrast is what WCAG says: %s on %s', (one, other, expected) => {
    expect(contrastBetween(one, other)).toBeCloseTo(expected, 2);
  });

  test('initials on any colour of a person reach 4.5', () => {
    const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => value.toString(16).padStart(6, '0'));
    fc.assert(
      fc.property(color, (ground) => {
        expect(contrastBetween(ground, lettersOn(ground))).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });
});
