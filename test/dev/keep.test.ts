// A server that ends by itself is started again at its place, a bounded number of times.
import { expect, test } from '@jest/globals';
import { keepServer } from '../../dev/keep.ts';
import { later } from '../support/later.ts';
import { until } from '../support/wait.ts';

test('a server that cannot be had again is given up with one message that says what to do', async () => {
  const notes: string[] = [];
  const first = { pid: 1, ended: Promise.resolve(0), stop: async () => undefined };
  const stop = keepServer({
    name: 'PostgreSQL',
    first,
    again: () => Promise.reject(new Error('no space')),
    note: (text) => notes.push(text),
    onStart: () => undefined,
  });
  await until(() => notes.some((note) => note.includes('given up')));
  await stop();
  expect(notes.filter((note) => note.includes('no space')).length).toBeGreaterThan(1);
  expect(notes.at(-1)).toBe('  PostgreSQL is given up: stop Placet (Ctrl-C), mend what is said above, start again');
});

test('a stop in the middle of a restart ends, and leaves no server behind', async () => {
  let isAsked = false;
  let isLeft = true;
  const second = later<void>();
  const secondEnded = later<void>();
  const stop = keepServer({
    name: 'PostgreSQL',
    first: { pid: 1, ended: Promise.resolve(), stop: async () => undefined },
    again: async () => {
      isAsked = true;
      await second.promise;
      return {
        pid: 2,
        ended: secondEnded.promise,
        stop: async () => {
          isLeft = false;
          secondEnded.resolve(undefined);
        },
      };
    },
    note: () => undefined,
    onStart: () => undefined,
  });
  await until(() => isAsked);
  const stopped = stop();
  second.resolve(undefined);
  await stopped;
  expect(isLeft).toBe(false);
});
