// The page's other places in a real Chromium: threads, direct messages, Home, the faults drawer, a lost connection.
import { describe, expect } from '@jest/globals';
import { createPlaygroundClient } from '../src/client.ts';
import { startPlayground } from '../src/start.ts';
import { pageSuite } from './support/page-suite.ts';

const { test, at, open, card, tabTo } = pageSuite('playground/test/web-places.test.ts');
const CHANNEL = 'C0PAYMENTS';

async function callSlack(method: string, body: object): Promise<void> {
  const response = await fetch(`${at.playground.apiUrl}${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${at.playground.botToken}` },
    body: JSON.stringify(body),
  });
  expect(await response.json()).toMatchObject({ ok: true });
}

describe('places beside the channel', () => {
  test('before anybody is chosen the first person acts, and sees no private answer of another', async () => {
    await callSlack('chat.postEphemeral', { channel: CHANNEL, user: 'U0TREASURER', text: 'For the treasurer alone.' });
    await callSlack('chat.postEphemeral', { channel: CHANNEL, user: 'U0FINLEAD', text: 'For the lead alone.' });
    await at.page.goto(at.playground.url);
    await at.page.getByTestId('ephemeral').getByText('For the lead alone.').waitFor();
    expect(await at.page.getByTestId('ephemeral').count()).toBe(1);
  });

  test('a thread opens at the side, shows replies as they come and takes one from the person', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await callSlack('chat.postMessage', { channel: CHANNEL, thread_ts: ts, text: 'Half of the time is over.' });
    await open('U0FINLEAD', CHANNEL);
    await at.page.getByRole('button', { name: '1 reply' }).click();
    const thread = at.page.getByTestId('thread');
    await thread.getByText('Half of the time is over.').waitFor();
    await thread.getByTestId('composer').fill('Looking at it <now>');
    await at.page.keyboard.press('Enter');
    await thread.getByText('Looking at it <now>').waitFor();
    await callSlack('chat.postMessage', { channel: CHANNEL, thread_ts: ts, text: 'Thank you.' });
    await thread.getByText('Thank you.').waitFor();
    await at.page.keyboard.press('Escape');
    await thread.waitFor({ state: 'detached' });
  });

  test('a direct message is marked unread until it is opened, and only for its person', async () => {
    await callSlack('conversations.open', { users: 'U0FINLEAD' });
    await open('U0FINLEAD', CHANNEL);
    const dm = at.page.getByTestId('dm-link');
    await dm.waitFor();
    await callSlack('chat.postMessage', { channel: (await dm.getAttribute('data-channel')) ?? '', text: 'Denied.' });
    await at.page.locator('[data-testid="dm-link"][data-unread="true"]').click();
    await at.page.getByTestId('message').getByText('Denied.').waitFor();
    expect(await dm.getAttribute('data-unread')).toBe('false');
    await at.page.locator('[data-testid="actor-option"][data-user="U0TREASURER"]').check({ force: true });
    await dm.waitFor({ state: 'detached' });
  });

  test('a click on a card further up tells of its private answer below, and leads there', async () => {
    const first = await at.app.postCard(CHANNEL);
    await at.app.postCard(CHANNEL);
    const text = 'A line of another message.\n'.repeat(60);
    await callSlack('chat.postMessage', { channel: CHANNEL, text });
    await open('U0FINLEAD', CHANNEL);
    await card(first).getByTestId('approve').click();
    await at.page.getByTestId('answer-below').click();
    const answer = await at.page.getByTestId('ephemeral').boundingBox();
    const composer = await at.page.getByTestId('composer').boundingBox();
    expect((answer?.y ?? 0) + (answer?.height ?? 0)).toBeLessThanOrEqual(composer?.y ?? 0);
    await at.page.getByTestId('answer-below').waitFor({ state: 'detached' });
  });

  test('Home shows what the app published, and its buttons reach the app', async () => {
    const button = { type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' } };
    const blocks = [{ type: 'actions', block_id: 'a1', elements: [button] }];
    await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    await at.page.getByTestId('home-link').click();
    await at.page.getByTestId('home').getByText('has not published a Home').waitFor();
    await callSlack('views.publish', { user_id: 'U0FINLEAD', view: { type: 'home', blocks } });
    await at.page.getByTestId('home').getByTestId('approve').click();
    await at.page.getByTestId('channel-link').first().click();
    await at.page.getByText('Approved by @Finance Lead').waitFor();
    expect(at.app.seen).toEqual(['approve U0FINLEAD']);
  });
});

describe('what is out of sight', () => {
  test.each(['C0PAYMENTS', 'C0DBA', 'C0SHARED', 'home'])('nothing is wider than a small screen: %s', async (place) => {
    await at.page.setViewportSize({ width: 390, height: 844 });
    await at.app.postCard(CHANNEL);
    await open('U0SUPPORT', place);
    await at.page.locator('.pane-head').waitFor();
    const wide = await at.page.evaluate(() =>
      [...document.querySelectorAll('.banner *, .main *')]
        .filter((element) => element.getBoundingClientRect().right > innerWidth)
        .map((element) => element.className),
    );
    expect(wide).toEqual([]);
  });

  test.each([
    [1280, ''],
    [1280, '&thread'],
    [390, ''],
    [390, '&thread'],
  ])(
    'one heading says what the page is and one landmark where its content is: %s pixels wide %s',
    async (width, on) => {
      await at.page.setViewportSize({ width, height: 844 });
      const thread = on && `${on}=${await at.app.postCard(CHANNEL)}`;
      for (const [place, label] of [
        [CHANNEL, on ? 'Thread' : 'Channel payments-approvals'],
        ['home', 'Placet Home'],
      ] as const) {
        await at.page.goto('about:blank');
        await at.page.goto(`${at.playground.url}/#as=U0FINLEAD&at=${place}${thread}`);
        await at.page.getByRole('main').getByRole('region', { name: label, exact: true }).waitFor();
        expect(await at.page.getByRole('main').count()).toBe(1);
        expect(await at.page.getByRole('heading', { level: 1 }).allTextContents()).toEqual(['Placet playground']);
      }
    },
  );

  test.each([
    ['U0GONE', 'A deactivated account has no Home.'],
    ['U0OUTSIDE', 'The app is not installed in the team of this person.'],
  ])('an account without a Home is told why, not to wait for one: %s', async (as, why) => {
    await open(as, 'home');
    await at.page.getByTestId('home').getByText(why).waitFor();
  });
});

describe('when things go wrong', () => {
  test('while the playground is gone every click says so, and does not throw', async () => {
    await callSlack('chat.postEphemeral', { channel: CHANNEL, user: 'U0FINLEAD', text: 'For the lead alone.' });
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    const approve = card(ts).getByTestId('approve');
    await approve.waitFor();
    await at.playground.close();
    await approve.click();
    await at.page.getByTestId('toast').getByText('The playground does not answer.').waitFor();
    await at.page.getByTestId('toast').getByRole('button').click();
    await at.page.getByTestId('dismiss').click();
    await at.page.getByTestId('toast').getByText('The playground does not answer.').waitFor();
    expect(at.forgetFaults().filter((fault) => !fault.includes('ERR_'))).toEqual([]);
  });

  test.each([1280, 390])('what the page says at its bottom covers nothing, %s pixels wide', async (width) => {
    await at.page.setViewportSize({ width, height: 844 });
    const ts = await at.app.postCard(CHANNEL);
    await callSlack('chat.postMessage', { channel: CHANNEL, text: 'A line of another message.\n'.repeat(60) });
    await open('U0FINLEAD', CHANNEL);
    const approve = card(ts).getByTestId('approve');
    await approve.waitFor();
    // Up there for a whole frame, so that the page has heard of it.
    await at.page.waitForFunction(() => {
      const messages = document.querySelector('[aria-label="Messages"]');
      const isUp = messages?.scrollTop === 0;
      messages?.scrollTo(0, 0);
      return isUp;
    });
    await callSlack('chat.postEphemeral', { channel: CHANNEL, user: 'U0FINLEAD', text: 'For the lead alone.' });
    await at.page.getByTestId('answer-below').waitFor();
    await at.playground.close();
    for (const count of [1, 2, 3]) {
      await approve.click();
      await at.page
        .getByTestId('toast')
        .nth(count - 1)
        .waitFor();
    }
    const covered = await at.page.evaluate(() =>
      ['answer-below', 'composer', 'toast'].filter((id) => {
        const element = document.querySelector(`[data-testid="${id}"]`);
        const { x, y, width, height } = element?.getBoundingClientRect() ?? new DOMRect();
        const [left, right] = [x + 1, x + width - 1].map((at) => document.elementFromPoint(at, y + height / 2));
        return !element?.contains(left ?? null) || !element.contains(right ?? null);
      }),
    );
    expect(covered).toEqual([]);
    await at.page.getByTestId('answer-below').click();
    await at.page.getByTestId('answer-below').waitFor({ state: 'detached' });
    at.forgetFaults();
  });

  test('a fault is switched on and off by keyboard, and the playground has it', async () => {
    const client = createPlaygroundClient(at.playground.url);
    await open('U0FINLEAD', CHANNEL);
    await at.page.getByTestId('composer').waitFor();
    await tabTo('[data-testid="faults-open"]');
    await at.page.keyboard.press('Enter');
    await tabTo('[data-testid="fault-down"]');
    await at.page.keyboard.press('Space');
    await at.page.locator('[data-testid="fault-down"][aria-checked="true"]').waitFor();
    expect((await client.state()).faults).toMatchObject([{ kind: 'http_error', method: '*', status: 503 }]);
    await at.page.keyboard.press('Space');
    await at.page.locator('[data-testid="fault-down"][aria-checked="false"]').waitFor();
    expect((await client.state()).faults).toEqual([]);
  });

  test('the confirm dialog asks first: no sends nothing, yes sends the click', async () => {
    const plain = (text: string) => ({ type: 'plain_text', text });
    const confirm = { title: plain('Sure?'), text: plain('It is much.'), confirm: plain('Yes'), deny: plain('No') };
    const button = { type: 'button', action_id: 'approve', text: plain('Approve'), confirm };
    await at.app.postCard('C0DBA');
    await callSlack('chat.postMessage', {
      channel: CHANNEL,
      text: 'one',
      blocks: [{ type: 'actions', block_id: 'a1', elements: [button] }],
    });
    await open('U0TREASURER', CHANNEL);
    await at.page.getByTestId('approve').click();
    await at.page.getByTestId('confirm-no').click();
    await at.page.getByTestId('confirm').waitFor({ state: 'detached' });
    expect(at.app.seen).toEqual([]);
    await at.page.getByTestId('approve').click();
    await at.page.getByTestId('confirm-yes').click();
    await at.page.locator('[data-testid="approve"][aria-busy="false"]').waitFor();
    expect(at.app.seen).toEqual(['approve U0TREASURER']);
  });

  test('the page finds back to a playground that was started again, with the typed text kept', async () => {
    const port = Number(new URL(at.playground.url).port);
    await open('U0FINLEAD', CHANNEL);
    await at.page.getByTestId('composer').fill('half a thought');
    await at.playground.close();
    await at.page.getByTestId('banner').getByText('Connection lost').waitFor();
    at.playground = await startPlayground({ port, eventsUrl: at.app.eventsUrl });
    at.app.connect(at.playground.apiUrl, at.playground.botToken);
    const ts = await at.app.postCard(CHANNEL);
    await card(ts).waitFor();
    expect(await at.page.getByTestId('composer').inputValue()).toBe('half a thought');
    at.forgetFaults();
  });
});
