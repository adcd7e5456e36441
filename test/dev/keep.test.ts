// A server that ends by itself is started again at its place, a bounded number of times.
import { expect, test } from '@jest/globals';
import { keepServer } from '../../src/dev/keep.ts';
import { until } from '../support/processes.ts';

test('a server that cannot be had again is given up with one message that says what to do', async () => {
  const notes: string[] = [];
  const first = { pid: 1, ended: Promise.resolve(0), stop: async () => undefined };
  const stop = keepServer({
    name: 'PostgreSQL',
    first,
    again: () => Promise.reject(new Error('no room')),
    note: (text) => notes.push(text),
    onStart: () => undefined,
  });
  await until(() => notes.some((note) => note.includes('given up')));
  await stop();
  expect(notes.filter((note) => note.includes('no room')).length).toBeGreaterThan(1);
  expect(notes.at(-1)).toBe('  PostgreSQL is given up: stop Placet (Ctrl-C), mend what is said above, start again');
});
