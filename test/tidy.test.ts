// Holds the tree to its own rules: who imports whom, sizes, words.

import { describe, expect, test } from '@jest/globals';
import { STATEMENTS } from './support/statements.ts';
import { COMPOSING_ROOMS, DEV_ROOM, PLAYGROUND_ROOMS, ROOMS } from './tidy/rooms.ts';
import { type Import, importsOf, packageOf, proseOf, readTree, roomOf, type TreeFile } from './tidy/tree.ts';
import { BANNED_ANYWHERE, BANNED_IN_PROSE } from './tidy/words.ts';

const LINES_MAX = 250;
const LINE_CHARACTERS_MAX = 120;
/** A statement reads in columns, and the formatter leaves a sentence alone that is a word or two longer. */
const SQL_CHARACTERS_MAX = 150;
const COMMENT_CHARACTERS_MAX = 130;
/** Fewer than the tree has today by far, but more than a walker that lost its way would see. */
const FILES_MIN = 150;

const files = readTree();
const isSql = ({ path }: TreeFile) => path.endsWith('.sql');
const isCode = ({ path }: TreeFile) => /\.(ts|tsx|cjs|mjs)$/.test(path);
const isTest = ({ path }: TreeFile) => /(^|\/)test\//.test(path);
const isTidy = ({ path }: TreeFile) => path.startsWith('test/tidy');
const code = files.filter(isCode);
const program = code.filter(
  (file) => !isTest(file) && !/^(scripts|bench|examples|adapters(\/[\w-]+)?\/example)\//.test(file.path),
);
const tests = code.filter(isTest);
const isComment = (line: string) => /^\s*(\/\/|\*|\/\*)/.test(line);

/** Statements also stand in the template literals of src/db. */
const limitOf = (file: TreeFile, place: number) => {
  const isOpenAfter = (lines: readonly string[]) => (lines.join('\n').match(/`/g)?.length ?? 0) % 2 === 1;
  const isInTemplate = isOpenAfter(file.lines.slice(0, place)) || isOpenAfter(file.lines.slice(0, place + 1));
  if (isSql(file) || isInTemplate) return SQL_CHARACTERS_MAX;
  return isComment(file.lines[place] ?? '') ? COMMENT_CHARACTERS_MAX : LINE_CHARACTERS_MAX;
};
/** A quoted text or a regular expression cannot be broken. */
const isText = (line: string) => /['"`].*['"`]|\/.+\/[dgimsuvy]*/.test(line) && !isComment(line);

/** One line per file that breaks a rule, so that a failure names them all. */
const offenders = (among: readonly TreeFile[], isWrong: (file: TreeFile) => string | boolean | undefined): string[] =>
  among.flatMap((file) => {
    const refusal = isWrong(file);
    return refusal === true ? [file.path] : refusal ? [`${file.path}: ${refusal}`] : [];
  });

test('the checks below see the tree', () => {
  expect(files.length).toBeGreaterThan(FILES_MIN);
  for (const room of [...Object.keys(ROOMS), ...COMPOSING_ROOMS, DEV_ROOM, ...PLAYGROUND_ROOMS]) {
    expect([room, program.some((file) => roomOf(file.path) === room)]).toEqual([room, true]);
  }
  expect(program.flatMap(importsOf).length).toBeGreaterThan(500);
  expect(tests.length).toBeGreaterThan(30);
});

describe('imports', () => {
  test('each room imports only what the table allows it', () => {
    expect(
      offenders(program, (file) => {
        const room = roomOf(file.path);
        const allowed = ROOMS[room];
        if (allowed === undefined) return false;
        const wrong = importsOf(file).filter(({ from, isTypeOnly }) => {
          const target = roomOf(from);
          const isOurs = files.some(({ path }) => path === from);
          if (!isOurs) return !allowed.packages.includes(packageOf(from));
          return target !== room && !allowed.rooms.includes(target) && !(isTypeOnly && allowed.types.includes(target));
        });
        return wrong.map(({ from }) => from).join(', ');
      }),
    ).toEqual([]);
  });

  test('a room has no right that it never uses', () => {
    const unused = Object.entries(ROOMS).flatMap(([room, { rooms, types, packages }]) => {
      const imports = program.filter(({ path }) => roomOf(path) === room).flatMap(importsOf);
      const isRun = (target: string) => imports.some(({ from, isTypeOnly }) => !isTypeOnly && roomOf(from) === target);
      const isKnown = (target: string) => imports.some(({ from }) => roomOf(from) === target);
      const isTaken = (name: string) => imports.some(({ from }) => packageOf(from) === name);
      return [
        ...rooms.filter((target) => !isRun(target)),
        ...types.filter((target) => !isKnown(target)),
        ...packages.filter((name) => !isTaken(name)),
      ].map((right) => `${room}: ${right}`);
    });
    expect(unused).toEqual([]);
  });

  test('what an installation runs imports nothing of what only a clone has', () => {
    const installed = program.filter(({ path }) => /^(src|workflows|activities|sdk)\//.test(path));
    expect(installed.length).toBeGreaterThan(FILES_MIN / 2);
    const isOfClone = (from: string) => roomOf(from) === DEV_ROOM || from.startsWith('@placet/playground');
    expect(offenders(installed, (file) => importsOf(file).find(({ from }) => isOfClone(from))?.from)).toEqual([]);
  });

  test('every file of src, workflows and activities is in a room of the table', () => {
    const known = [...Object.keys(ROOMS), ...COMPOSING_ROOMS];
    const server = program.filter(({ path }) => /^(src|workflows|activities)\//.test(path));
    expect(offenders(server, ({ path }) => !known.includes(roomOf(path)))).toEqual([]);
  });

  test('no door goes past the use cases: statements are run by the rooms that serve all doors', () => {
    const doors = program.filter(({ path }) =>
      /^(src\/(process|http|slack|cli|observe|policy)|activities)\//.test(path),
    );
    expect(doors.length).toBeGreaterThan(60);
    // A process opens the database and makes sure of its tenant's row; it asks of requests, people or events nothing itself.
    const parts = ['connect', 'database', 'listen', 'migrate', 'self-test', 'server', 'tenants'].map(
      (name) => `src/db/${name}.ts`,
    );
    const isPast = ({ from, isTypeOnly }: Import) => from.startsWith('src/db/') && !isTypeOnly && !parts.includes(from);
    expect(offenders(doors, (file) => importsOf(file).find(isPast)?.from)).toEqual([]);
  });

  test('no files import each other in a circle, not even types', () => {
    const byPath = new Map(program.map((file) => [file.path, file]));
    const circles: string[] = [];
    const done = new Set<string>();
    const follow = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' > '));
      if (trail.includes(path) || done.has(path)) return;
      const file = byPath.get(path);
      for (const { from } of file === undefined ? [] : importsOf(file)) follow(from, [...trail, path]);
      done.add(path);
    };
    for (const path of byPath.keys()) follow(path, []);
    expect(circles).toEqual([]);
  });

  test('the playground imports nothing of src, and no program imports a test', () => {
    const isStandIn = ({ path }: TreeFile) => PLAYGROUND_ROOMS.includes(roomOf(path));
    const reaches = (file: TreeFile, folder: RegExp) => importsOf(file).find(({ from }) => folder.test(from))?.from;
    expect(offenders(code.filter(isStandIn), (file) => reaches(file, /^src\//))).toEqual([]);
    expect(offenders(program, (file) => reaches(file, /(^|\/)test\//))).toEqual([]);
  });

  test('a relative import names a file that is there, with its ending', () => {
    const paths = new Set(files.map(({ path }) => path));
    const ours = /^(src|workflows|activities|dev|sdk|playground\/src|test)\//;
    expect(
      offenders(code, (file) => {
        const missing = importsOf(file).filter(
          ({ from }) => ours.test(from) && !from.includes('dist/') && !paths.has(from),
        );
        return missing.map(({ from }) => from).join(', ');
      }),
    ).toEqual([]);
  });
});

describe('size and shape', () => {
  test(`no file has more than ${LINES_MAX} lines, tests and statements too`, () => {
    const sized = files.filter((file) => isCode(file) || isSql(file) || file.path.endsWith('.css'));
    expect(offenders(sized, ({ lines }) => (lines.length > LINES_MAX ? `${lines.length} lines` : ''))).toEqual([]);
  });

  test(`no line is longer than ${LINE_CHARACTERS_MAX} characters, a statement's ${SQL_CHARACTERS_MAX}`, () => {
    expect(
      offenders([...code, ...files.filter(isSql)], (file) => {
        const long = file.lines.findIndex((line, place) => line.length > limitOf(file, place) && !isText(line));
        return long === -1 ? '' : `line ${long + 1}`;
      }),
    ).toEqual([]);
  });

  test('each file opens with a comment that says its job', () => {
    const commented = [...code, ...files.filter(isSql)];
    expect(offenders(commented, ({ text }) => !/^(#!.*\n)?(\/\/ |\/\*\*? |-- )/.test(text))).toEqual([]);
  });

  test('there is no default export', () => {
    expect(offenders(code, ({ text }) => /^export default|export \{[^}]*\bas default\b/m.test(text))).toEqual([]);
  });
});

describe('one place for each thing', () => {
  test('the environment is read in src/process/config.ts only', () => {
    // A program of its own reads its own: the MCP server of an adapter, and the agents for which `placet init` writes lines.
    const others = ['src/process/config.ts', 'adapters/mcp/src/main.ts', 'src/cli/init-lines.ts'];
    const server = program.filter(({ path }) => !others.includes(path));
    expect(offenders(server, ({ text }) => /process\s*\.\s*env\b|process\[['"]env/.test(text))).toEqual([]);
  });

  test('SQL stands in src/db and migrations only', () => {
    const statement =
      /['"`]\s*(select\s[^'"`]*\sfrom\s|insert into\s|update\s+\w[\w.]*\s+set\s|delete from\s|(create|alter|drop)\s+(table|role|database|schema)\s)/i;
    const elsewhere = program.filter(({ path }) => !path.startsWith('src/db/') && path.startsWith('src/'));
    expect(offenders(elsewhere, ({ text }) => statement.exec(text)?.[0].trim())).toEqual([]);
  });
});

test('every statement of src/db is run by the program, not by tests alone', () => {
  const rooms = Object.entries(STATEMENTS).flatMap(([room, statements]) =>
    Object.keys(statements).map((name) => ({ room, name })),
  );
  expect(rooms.length).toBeGreaterThan(50);
  const imported = program.flatMap(({ text }) =>
    [...text.matchAll(/import \* as (\w+) from '[^']*\/db\//g)].flatMap(([, name = '']) => name),
  );
  // A file of statements that is missing in the list would be held to nothing.
  expect([...new Set(imported)].sort()).toEqual(Object.keys(STATEMENTS).sort());
  const isRun = ({ room, name }: { room: string; name: string }) => {
    const called = new RegExp(`\\b${room}\\.${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\}`);
    return program.some(({ path, text }) => !path.startsWith('src/db/') && called.test(text));
  };
  expect(rooms.filter((statement) => !isRun(statement))).toEqual([]);
});

describe('words', () => {
  // The glossary names the words that it replaces; the playground speaks Slack's own language.
  const worded = files.filter(
    (file) => !isTidy(file) && file.path !== 'docs/glossary.md' && !file.path.startsWith('playground/'),
  );
  const found = (text: string, words: typeof BANNED_IN_PROSE) =>
    words.flatMap(({ word, say }) => (word.test(text) ? [`${word.exec(text)?.[0]} (say: ${say})`] : [])).join(', ');

  test('one idea has one word in documents, statements and comments', () => {
    expect(offenders(worded, (file) => found(proseOf(file), BANNED_IN_PROSE))).toEqual([]);
  });

  test('nothing is left to do in a comment, and names use the glossary too', () => {
    expect(offenders(worded, (file) => found(file.text, BANNED_ANYWHERE))).toEqual([]);
  });

  test('no machine, home folder or package mirror is named', () => {
    const places = /(^|[\s'"`(=])\/(work|root|home\/\w+|Users\/\w+)\//m;
    const mirrors = /\b(artifactory|nexus|verdaccio|jfrog)\b/i;
    const among = files.filter((file) => !isTidy(file));
    expect(offenders(among, ({ text }) => (places.exec(text) ?? mirrors.exec(text))?.[0].trim())).toEqual([]);
  });
});

describe('what is promised is documented and tested', () => {
  test('no test is left out or alone', () => {
    const isOptional = /chromium|browserTest|curl|pgbouncer|redis|full-disk/i;
    expect(
      offenders(
        tests.filter((file) => !isTidy(file)),
        ({ path, lines }) => {
          const left = lines.find(
            (line) =>
              /\b(?:test|describe|it)\.(?:only|skip|todo)\b|\bf(?:it|describe)\(|\bx(?:it|describe)\(/.test(line) &&
              !isOptional.test(line) &&
              !isOptional.test(path),
          );
          return left?.trim();
        },
      ),
    ).toEqual([]);
  });
});
