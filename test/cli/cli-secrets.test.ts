// placet secret set: a file that holds no secret is refused in words, and nothing is kept.

import { expect, test } from '@jest/globals';
import { run } from './support.ts';

test.each([
  ['an empty file', ''],
  ['two lines', 'one\ntwo'],
  ['what is not ASCII', 'schlüssel'],
  ['more than a header takes', 'x'.repeat(4_001)],
])('%s is refused, with what to write', async (_what, text) => {
  const kept: unknown[] = [];
  const setSourceSecret = async (input: unknown) => void kept.push(input);
  const result = await run(
    ['secret', 'set', 'oncall.example', '--file', 'secret.txt'],
    { setSourceSecret },
    { 'secret.txt': text },
  );
  expect(result).toMatchObject({ code: 1, err: expect.stringContaining('one word of visible ASCII characters') });
  expect(kept).toEqual([]);
});

test('the secret goes to the host that was named, without the line break after it, and is printed nowhere', async () => {
  const kept: unknown[] = [];
  const setSourceSecret = async (input: unknown) => void kept.push(input);
  const result = await run(
    ['secret', 'set', 'oncall.example', '--file', 'secret.txt'],
    { setSourceSecret },
    { 'secret.txt': 'sesame-42\n' },
  );
  expect(kept).toMatchObject([{ host: 'oncall.example', secret: 'sesame-42' }]);
  expect(result.code).toBe(0);
  expect(result.out + result.err).not.toContain('sesame');
});
