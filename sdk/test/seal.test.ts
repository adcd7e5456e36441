// Guards what is kept outside: nobody reads, changes or uses it elsewhere.
import { describe, expect, test } from '@jest/globals';
import { openState, sealState } from '../src/index.ts';

const secret = 'a secret of the tests, long enough';
const options = { secret, binding: 'run-1' };
const change = (text: string) => text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));

describe('a sealed state', () => {
  test('tells nothing, and comes back as it was', async () => {
    const sealed = await sealState('{"context":"private"}', options);
    const parts = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(parts.join('\n')).not.toContain('private');
    expect(await openState(sealed, options)).toBe('{"context":"private"}');
    expect(await sealState('{"context":"private"}', options)).not.toBe(sealed);
  });

  test.each([
    { why: 'was changed', edit: change, opening: options },
    { why: 'is of another binding', edit: String, opening: { secret, binding: 'run-2' } },
    { why: 'was sealed with another secret', edit: String, opening: { ...options, secret: secret.toUpperCase() } },
    { why: 'is none', edit: () => '{"context":"made up"}', opening: options },
    // An attacker may choose how it says that it is sealed: no other way is taken.
    {
      why: 'names another algorithm',
      edit: (text: string) => text.replace(/^[^.]*/, 'eyJhbGciOiJub25lIn0'),
      opening: options,
    },
  ])('that $why is refused', async ({ edit, opening }) => {
    await expect(openState(edit(await sealState('{}', options)), opening)).rejects.toThrow();
  });

  test('that differs in its last character alone is refused, whichever it is', async () => {
    const sealed = await sealState('{}', options);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const others = [...alphabet].filter((last) => !sealed.endsWith(last)).map((last) => sealed.slice(0, -1) + last);
    expect(others).toHaveLength(63);
    for (const each of others) await expect(openState(each, options)).rejects.toThrow();
  });

  test('needs a secret that cannot be tried out', async () => {
    await expect(sealState('{}', { ...options, secret: 'short' })).rejects.toThrow('at least 32 characters');
    await expect(openState('{}', { ...options, secret: 'short' })).rejects.toThrow('at least 32 characters');
  });
});
