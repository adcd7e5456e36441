// One grammar of names for every door, and patterns over it: what can match is taken, what cannot is refused with its meaning.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GRAMMARS, isName, type NameKind, witnessOf } from '../../src/domain/grammar.ts';
import { matchesGlob } from '../../src/domain/policy/glob.ts';
import { lint } from '../../src/domain/policy/lint.ts';
import { patternFault } from '../../src/domain/policy/pattern.ts';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { newApprovalRequest } from '../../src/http/api/wire.ts';
import { drawn } from '../support/long.ts';

const KINDS = Object.keys(GRAMMARS) as NameKind[];

/** Texts that are names, nearly names, or nothing of the kind, with and without stars. */
const words = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'aZ0_.:-* /é\u200b\u00a0\u0430"'), maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom(...'a0-'), minLength: 60, maxLength: 66 }),
);

/** A document with one pattern of a kind, and stars for the rest. */
const documentWith = (kind: NameKind, pattern: string): PolicyDocument => ({
  version: 1,
  people: [],
  approver_groups: {},
  rules: [
    {
      name: 'a',
      match: {
        action: kind === 'action' ? pattern : '*',
        resource: kind === 'resource' ? pattern : '*',
        agents: [kind === 'agent' ? pattern : '*'],
        environments: [kind === 'environment' ? pattern : '*'],
        ...(kind === 'label' ? { labels: { team: pattern } } : {}),
      },
      effect: 'deny',
      approvers: [],
      quorum: 1,
      timeout_seconds: 600,
      credential: null,
    },
  ],
});

describe.each(KINDS)('%s', (kind) => {
  test('any legal name is matched by the pattern that equals it, which lint accepts', () => {
    fc.assert(
      fc.property(
        words.filter((text) => isName(kind, text)),
        (name) => matchesGlob(name, name) && lint(documentWith(kind, name)).length === 0,
      ),
      { numRuns: 500 },
    );
  });

  test('every pattern that lint accepts has a legal name that it matches, and no other pattern has', () => {
    fc.assert(
      fc.property(words, words, (pattern, name) => {
        const isAccepted = lint(documentWith(kind, pattern)).length === 0;
        const witness = witnessOf(kind, pattern);
        if (isAccepted) return witness !== null && isName(kind, witness) && matchesGlob(pattern, witness);
        return witness === null && !(isName(kind, name) && matchesGlob(pattern, name));
      }),
      drawn(2_000),
    );
  });

  test('a name of the longest length is legal, and one longer is not; so for patterns', () => {
    const { characters_max } = GRAMMARS[kind];
    const longest = 'a'.repeat(characters_max);
    expect([isName(kind, longest), isName(kind, `${longest}a`)]).toEqual([true, false]);
    expect([patternFault(kind, `${longest}*`), patternFault(kind, `*${longest}`)]).toEqual([null, null]);
    expect(patternFault(kind, `${longest}a*`)).toMatch(`has at most ${characters_max} characters`);
  });
});

describe('the doors go by the grammar', () => {
  test('the API takes exactly the names that are legal', () => {
    const takes = (body: unknown) => newApprovalRequest.safeParse(body).success;
    fc.assert(
      fc.property(words, (text) => {
        // Strict JSON has refused these before the schema is asked.
        if (/[\p{Cs}\p{Noncharacter_Code_Point}]/u.test(text)) return true;
        return (
          takes({ action: text, resource: 'r' }) === isName('action', text) &&
          takes({ action: 'a', resource: text }) === isName('resource', text)
        );
      }),
      drawn(2_000),
    );
  });

  test.each(['_internal.tool', '__call', '_', 'mcp__github__create_issue'])('a tool named %s may ask', (action) => {
    expect(newApprovalRequest.safeParse({ action, resource: 'r' }).success).toBe(true);
    expect(patternFault('action', action)).toBeNull();
  });

  test('the columns of agents hold exactly the names that are legal', () => {
    const schema = readFileSync(new URL('../../docs/schema.txt', import.meta.url), 'utf8');
    for (const kind of ['agent', 'environment'] as const) {
      const { first, inner, characters_max } = GRAMMARS[kind];
      expect(schema).toContain(`^${first}${inner}{0,${characters_max - 1}}$`);
    }
  });

  test('docs/policy.md says the grammar', () => {
    const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
    for (const kind of KINDS) {
      const { says, characters_max } = GRAMMARS[kind];
      expect(page).toContain(`| ${kind} | must ${says} | ${characters_max} |`);
    }
  });
});

describe('a pattern that nothing can match is refused with the character and what was probably meant', () => {
  test.each<[kind: NameKind, pattern: string, has: string, meant: string]>([
    ['action', '“orders.delete”', 'a curly quote (U+201C)', 'did you mean "orders.delete"?'],
    ['action', "'orders.delete'", `"'"`, 'did you mean "orders.delete"?'],
    ['action', 'orders.delete, orders.refund', '","', 'write a rule for each: "orders.delete", "orders.refund"'],
    ['action', 'orders.{delete,refund}', '"{"', 'write a rule for each: "orders.delete", "orders.refund"'],
    ['action', 'orders.(delete|refund)', '"("', 'write a rule for each: "orders.delete", "orders.refund"'],
    ['action', 'delete|refund', '"|"', 'write a rule for each: "delete", "refund"'],
    ['action', '^orders\\.delete$', '"^"', 'did you mean "orders.delete"?'],
    ['action', 'orders\\..*', '"\\"', 'did you mean "orders.*"?'],
    ['action', '/orders\\.delete/i', '"/"', 'did you mean "orders.delete"?'],
    ['action', 'orders.[a-z]+', '"["', 'did you mean "orders.*"?'],
    ['action', 'orders.?', '"?"', 'did you mean "orders.*"?'],
    ['action', '.*', 'it begins with "."', 'did you mean "*"?'],
    ['action', 'orders/delete', '"/"', 'did you mean "orders.delete"?'],
    ['action', 'orders delete', 'a space', 'did you mean "orders.delete"?'],
    ['action', 'оrders.delete', 'the Cyrillic letter "о" (U+043E, which looks like "o")', 'mean "orders.delete"?'],
    ['action', 'οrders.delete', 'the Greek letter "ο" (U+03BF, which looks like "o")', 'mean "orders.delete"?'],
    ['action', 'օrders.delete', 'the Armenian letter "օ" (U+0585, which looks like "o")', 'mean "orders.delete"?'],
    ['action', 'ｏrders.delete', '"ｏ" (U+FF4F, which looks like "o")', 'mean "orders.delete"?'],
    ['action', '𝐨rders.delete', '"𝐨" (U+1D428, which looks like "o")', 'mean "orders.delete"?'],
    ['action', 'orders.delete\u200b', 'a character that nobody sees (U+200B)', 'did you mean "orders.delete"?'],
    ['action', 'orders\u2013delete', '"–" (U+2013, which looks like "-")', 'did you mean "orders-delete"?'],
    ['action', 'orders.＊', '"＊" (U+FF0A, which looks like "*")', 'did you mean "orders.*"?'],
    ['action', '!orders.read', '"!"', 'a pattern cannot say "not"'],
    ['agent', 'Deploy-Bot', '"D"', 'did you mean "deploy-bot"?'],
    ['agent', 'demo, other', '","', 'write a list: [demo, other]'],
    ['agent', '-demo', 'it begins with "-"', 'did you mean "demo"?'],
    ['agent', 'dеmo', 'the Cyrillic letter "е" (U+0435, which looks like "e")', 'did you mean "demo"?'],
    ['environment', 'Production', '"P"', 'did you mean "production"?'],
    ['environment', 'prod.eu', '"."', 'did you mean "prod-eu"?'],
    ['environment', '{prod,staging}', '"{"', 'write a list: [prod, staging]'],
    ['resource', 'order/\u0007A', 'a character that nobody sees (U+0007)', 'did you mean "order/A"?'],
    ['resource', 'order/A ', 'neither begin nor end with a space', 'did you mean "order/A"?'],
  ])('%s %j', (kind, pattern, has, meant) => {
    const fault = patternFault(kind, pattern) ?? '';
    expect(fault).toContain(`matches no ${kind}: `);
    expect(fault).toContain(has);
    expect(fault).toContain(meant);
  });

  test.each<[NameKind, string]>([
    ['action', 'удаление'],
    ['agent', '名前'],
    ['environment', '***!'],
  ])('%s %j: nothing is guessed where nothing is likely', (kind, pattern) => {
    expect(patternFault(kind, pattern)).not.toMatch(/did you mean|write a/);
  });

  test('whatever is proposed can match', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), words, (kind, pattern) => {
        const meant = /did you mean "(.*)"\?/.exec(patternFault(kind, pattern) ?? '')?.[1];
        return meant === undefined || meant.endsWith('…') || witnessOf(kind, meant) !== null;
      }),
      drawn(2_000),
    );
  });
});

test('a pattern matches by code point: a star takes whole characters, and no part of a pattern begins within one', () => {
  /** One character after the other, with a set of the places in the pattern that can be reached. */
  const reference = (pattern: string, text: string): boolean => {
    const [wanted, characters] = [[...pattern], [...text]];
    const past = (places: Set<number>) => {
      for (const place of places) if (wanted[place] === '*') places.add(place + 1);
      return places;
    };
    const end = characters.reduce(
      (places, character) =>
        past(
          new Set(
            Array.from(places).flatMap((place) =>
              wanted[place] === '*' ? [place] : wanted[place] === character ? [place + 1] : [],
            ),
          ),
        ),
      past(new Set([0])),
    );
    return end.has(wanted.length);
  };
  const unit = fc.constantFrom('a', 'b', '*', '🙂', '🙃', '\u{10000}', '\u{10400}', 'é', '\ufffd');
  const pattern = fc.string({ unit, maxLength: 8 });
  const text = fc.string({ unit, maxLength: 12 });
  fc.assert(
    fc.property(pattern, text, (pattern, text) => matchesGlob(pattern, text) === reference(pattern, text)),
    drawn(5_000),
  );
});
