// The page in a real Chromium while the message that it shows is forgotten: it says so, and goes on.
import { expect } from '@jest/globals';
import { pageSuite } from './support/page-suite.ts';

const { test, at, open, card } = pageSuite('playground/test/web-forgotten.test.ts', { messagesMax: 5 });
const CHANNEL = 'C0PAYMENTS';

test('a card with its open thread is forgotten: the thread says that it is gone, the channel goes on', async () => {
  const forgotten = await at.app.postCard(CHANNEL);
  await at.page.goto(`${at.playground.url}/#as=U0FINLEAD&at=${CHANNEL}&thread=${forgotten}`);
  const thread = at.page.getByTestId('thread');
  await thread.getByTestId('message').waitFor();
  for (let count = 0; count < 5; count += 1) await at.app.postCard(CHANNEL);
  await thread.getByText('This message is not there any more.').waitFor();
  expect(await card(forgotten).count()).toBe(0);
  await at.page.keyboard.press('Escape');
  const newest = await at.app.postCard(CHANNEL);
  await card(newest).waitFor();
  await at.page.reload();
  await card(newest).waitFor();
  await open('U0TREASURER', CHANNEL);
  expect(await card(forgotten).count()).toBe(0);
});
