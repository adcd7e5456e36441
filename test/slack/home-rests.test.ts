// Many people's Home at once, on a door that is a plain object: what the door keeps for each of them.

import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { createHome } from '../../src/slack/listeners/home.ts';
import type { WaitingContext } from '../../src/slack/listeners/waiting.ts';

const PEOPLE = 50;

test('however many people rest, one listener waits for the end of the door, and all of them end with it', async () => {
  const published: string[] = [];
  let done = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const publish = async ({ user_id }: { user_id: string }) => {
    if (published.push(user_id) === PEOPLE) done();
  };
  const silent = () => undefined;
  const context = {
    client: { users: { info: async () => ({}) }, views: { publish } },
    log: { info: silent, warn: silent, error: silent },
    installation: { team_id: 'T1', app_id: null },
  } as unknown as WaitingContext;
  const stopping = new AbortController();
  const home = createHome(context, stopping.signal);
  const publications = Array.from({ length: PEOPLE }, (_, at) => home.publish(`U${at}`, null));
  await all;
  expect(getEventListeners(stopping.signal, 'abort')).toHaveLength(1);
  stopping.abort();
  await Promise.all(publications);
  await home.publish('U0', null);
  expect(published).toHaveLength(PEOPLE + 1);
});
