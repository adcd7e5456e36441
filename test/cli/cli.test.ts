// What holds for the whole command line: how errors and help look; and the commands serve and doctor.

import { describe, expect, test } from '@jest/globals';
import { PlacetError } from '../../src/domain/errors.ts';
import { run } from './support.ts';

describe('errors', () => {
  const showRequest = () => Promise.reject(new PlacetError('not_found', { request: 'apr_9' }));

  test('are one message with its code, and exit 1', async () => {
    expect(await run(['request', 'show', 'apr_9'], { showRequest })).toEqual({
      code: 1,
      out: '',
      err: 'There is no such thing here. (not_found)\n  request: "apr_9"\n',
    });
  });

  test('are one JSON object with --json', async () => {
    const { err } = await run(['request', 'show', 'apr_9', '--json'], { showRequest });
    expect(JSON.parse(err)).toEqual({
      error: { code: 'not_found', title: 'There is no such thing here.', request: 'apr_9' },
    });
  });
});

describe('a message of several lines', () => {
  test('keeps its lines, and nothing in it moves the cursor', async () => {
    const showRequest = () => Promise.reject(new Error('Two faults:\n  - one\n  - two \u001b[2J'));
    const { err } = await run(['request', 'show', 'apr_9'], { showRequest });
    expect(err).toBe('Two faults:\n  - one\n  - two \\u{1b}[2J (internal)\n');
  });
});

describe('doctor', () => {
  const well = {
    name: 'Node',
    remedy: 'install Node',
    run: async () => ({ kind: 'well', detail: '20.20.2' }) as const,
  };
  const ill = { name: 'PostgreSQL', remedy: 'start it', run: () => Promise.reject(new Error('connection refused')) };

  test('ends with 0 when all is well', async () => {
    expect(await run(['doctor'], { doctorChecks: async () => [well] })).toEqual({
      code: 0,
      out: '✓ Node  20.20.2\n\nAll is well.\n',
      err: '',
    });
  });

  test('ends with 1, goes on after a check that fails, and says how to mend it', async () => {
    const doctorChecks = async () => [ill, well];
    expect(await run(['doctor'], { doctorChecks })).toEqual({
      code: 1,
      out:
        '✗ PostgreSQL  connection refused\n              remedy: start it\n' + '✓ Node        20.20.2\n\n1 to mend.\n',
      err: '',
    });
    expect(JSON.parse((await run(['doctor', '--json'], { doctorChecks })).out)).toEqual({
      ok: false,
      checks: [
        { name: 'PostgreSQL', ok: false, detail: 'connection refused', remedy: 'start it' },
        { name: 'Node', ok: true, detail: '20.20.2', remedy: null },
      ],
    });
  });

  test('prints a text of several lines as lines, and nothing that would move the cursor', async () => {
    const detail =
      'Placet cannot start with these settings:\n  - PLACET_PORT must be a number\u001b[2J\n  - SLACK_BOT_TOKEN';
    const settings = {
      ...well,
      name: 'Settings',
      run: async () => ({ kind: 'ill', detail, remedy: 'one\ntwo' }) as const,
    };
    const { out } = await run(['doctor'], { doctorChecks: async () => [settings] });
    expect(out).toBe(
      [
        '✗ Settings  Placet cannot start with these settings:',
        '              - PLACET_PORT must be a number\\u{1b}[2J',
        '              - SLACK_BOT_TOKEN',
        '            remedy: one',
        '            two',
        '',
        '1 to mend.',
        '',
      ].join('\n'),
    );
  });

  test('tells the reason and the advice of an error that knows them, instead of its own', async () => {
    const details = { dependency: 'database', reason: 'password refused', remedy: 'correct the password' };
    const knowing = { ...ill, run: () => Promise.reject(new PlacetError('unavailable', details)) };
    const { out } = await run(['doctor'], { doctorChecks: async () => [knowing] });
    expect(out).toBe('✗ PostgreSQL  password refused\n              remedy: correct the password\n\n1 to mend.\n');
  });
});

test('an error that knows what happened and what helps says these, not that it may be tried again', async () => {
  const details = { dependency: 'database', reason: 'password refused', remedy: 'correct the password' };
  const migrate = () => Promise.reject(new PlacetError('unavailable', details));
  expect(await run(['migrate'], { migrate })).toEqual({
    code: 1,
    out: '',
    err: 'database: password refused (unavailable)\n  remedy: correct the password\n',
  });
});

test('an error whose facts are of several lines says them as lines', async () => {
  const details = { dependency: 'database', reason: 'no\nanswer', hint: 'first\nsecond', remedy: 'start it\nor wait' };
  const migrate = () => Promise.reject(new PlacetError('unavailable', details));
  const { err } = await run(['migrate'], { migrate });
  expect(err).toBe('database: no\nanswer (unavailable)\n  hint: first\n  second\n  remedy: start it\n  or wait\n');
});

test('an error that knows only what helps says its title, its facts and that', async () => {
  const details = { worked: ['drop table'], remedy: 'use another login' };
  const migrate = () => Promise.reject(new PlacetError('database_unsafe', details));
  const { err } = await run(['migrate'], { migrate });
  expect(err).toBe(
    'The database role can do what it must not. (database_unsafe)\n  worked: ["drop table"]\n  remedy: use another login\n',
  );
});

test('serve runs the role that was asked for', async () => {
  const roles: string[] = [];
  const serve = async (role: string) => void roles.push(role);
  await run(['serve', '--role', 'worker'], { serve });
  await run(['serve'], { serve });
  expect(roles).toEqual(['worker', 'all']);
});

test('help ends with 0 and documents the exit codes', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  expect(out).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the policy has problems.');
});
