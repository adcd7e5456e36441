// Shared reads: few of them, and none older than the question.
import { expect, test } from '@jest/globals';
import { shareReads } from '../../src/service/share.ts';

function createSource() {
  const reads: { key: string; answer: (value: number) => void; fail: (error: Error) => void }[] = [];
  const read = (key: string) =>
    new Promise<number>((answer, fail) => {
      reads.push({ key, answer, fail });
    });
  return { reads, ask: shareReads(read, (key: string) => key) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a thousand who ask at once share one read; who asks while it runs shares the next', async () => {
  const { reads, ask } = createSource();
  const first = Array.from({ length: 1_000 }, () => ask('a'));
  await turn();
  expect(reads).toHaveLength(1);
  const later = Array.from({ length: 1_000 }, () => ask('a'));
  await turn();
  expect(reads).toHaveLength(1);
  reads[0]?.answer(1);
  expect(new Set(await Promise.all(first))).toEqual(new Set([1]));
  await turn();
  expect(reads).toHaveLength(2);
  reads[1]?.answer(2);
  expect(new Set(await Promise.all(later))).toEqual(new Set([2]));
});

test('other keys do not wait for each other', async () => {
  const { reads, ask } = createSource();
  const answers = [ask('a'), ask('b')];
  await turn();
  expect(reads.map(({ key }) => key)).toEqual(['a', 'b']);
  reads[1]?.answer(2);
  expect(await answers[1]).toBe(2);
  reads[0]?.answer(1);
  expect(await answers[0]).toBe(1);
});

test('a read that fails fails those who shared it, and nobody after', async () => {
  const { reads, ask } = createSource();
  const failed = ask('a');
  await turn();
  const next = ask('a');
  reads[0]?.fail(new Error('away'));
  await expect(failed).rejects.toThrow('away');
  await turn();
  reads[1]?.answer(3);
  expect(await next).toBe(3);
});
