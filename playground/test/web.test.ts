// The page in a real Chromium, on a real playground with a small app behind it. It tests what a person sees and can do.
import { describe, expect } from '@jest/globals';
import { pageSuite } from './support/page-suite.ts';

const { test, at, open, card } = pageSuite('playground/test/web.test.ts');
const CHANNEL = 'C0PAYMENTS';

describe('the page shows what the app posts', () => {
  test('a card appears without a reload, with fields, quote, preformatted text and buttons', async () => {
    await open('U0FINLEAD', CHANNEL);
    await at.page.getByTestId('composer').fill('half a thought');
    const ts = await at.app.postCard(CHANNEL);
    await card(ts).waitFor();
    expect(await card(ts).getAttribute('data-waiting')).toBe('true');
    expect(await card(ts).getByRole('heading').textContent()).toBe('Refund 120 EUR to order A-1001?');
    expect(await card(ts).locator('.field').count()).toBe(3);
    expect(await card(ts).locator('.pre').textContent()).toBe('{\n  "amount": 120\n}');
    expect(await card(ts).getByTestId('approve').getAttribute('class')).toContain('button-primary');
    expect(await at.page.getByTestId('composer').inputValue()).toBe('half a thought');
  });

  test("an agent's words are never read as formatting, mentions or emoji", async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    expect(await card(ts).locator('.quote').textContent()).toBe('The parcel was *lost* <!channel>');
    expect(await card(ts).locator('.field').nth(2).textContent()).toBe('*Not bold* <@U0SUPPORT> :x:');
    expect(await card(ts).locator('.field').nth(0).textContent()).toContain('@Support');
  });

  test('a date token is shown in the zone of the one who looks', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    const time = card(ts).locator('.field time');
    const iso = (await time.getAttribute('datetime')) ?? '';
    const inTokyo = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Asia/Tokyo' });
    expect(await time.textContent()).toContain(inTokyo.format(new Date(iso)));
  });

  test('nothing is fetched from anywhere but the playground', async () => {
    const hosts = new Set<string>();
    at.page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    await at.page.getByTestId('message').waitFor();
    expect([...hosts].filter((host) => host !== '')).toEqual([new URL(at.playground.url).host]);
  });
});

describe('a person acts on the page', () => {
  test('a click on Approve reaches the app as that person, the card changes and a private line shows', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0SUPPORT', CHANNEL);
    await at.page.locator('[data-testid="actor-option"][data-user="U0FINLEAD"]').check({ force: true });
    await at.page.waitForURL(/as=U0FINLEAD/);
    await card(ts).getByTestId('approve').click();
    await card(ts).getByText('Approved by @Finance Lead').waitFor();
    await at.page.getByTestId('ephemeral').getByText('Only visible to you').waitFor();
    expect(at.app.seen).toEqual(['approve U0FINLEAD']);
    expect(await card(ts).getByTestId('approve').count()).toBe(0);
    await at.page.locator('[data-testid="actor-option"][data-user="U0TREASURER"]').check({ force: true });
    await at.page.getByTestId('ephemeral').waitFor({ state: 'detached' });
  });

  test('a modal opens, shows field errors of the client and of the app, and submits', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    await card(ts).getByTestId('deny').click();
    const modal = at.page.getByTestId('modal');
    await modal.waitFor();
    await at.page.getByTestId('modal-submit').click();
    await at.page.getByTestId('error-reason').waitFor();
    await modal.getByLabel('Reason').fill('nope');
    await at.page.getByTestId('modal-submit').click();
    await at.page.getByTestId('error-reason').getByText('Say more than that.').waitFor();
    await modal.getByLabel('Reason').fill('The account does not match.');
    expect(await at.page.getByTestId('counter').textContent()).toBe('13');
    await at.page.getByTestId('modal-submit').click();
    await modal.waitFor({ state: 'detached' });
    await card(ts).getByText('Denied by @Finance Lead').waitFor();
    expect(at.app.seen).toEqual([
      'deny U0FINLEAD',
      'submit U0FINLEAD nope',
      'submit U0FINLEAD The account does not match.',
    ]);
  });

  test('an app that does not answer in three seconds leaves a warning under its message', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    at.app.fallSilent();
    await card(ts).getByTestId('approve').click();
    await card(ts).locator('[data-testid="notice"][data-code="operation_timed_out"]').waitFor();
  });

  test('a deactivated person is told that they cannot act', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await fetch(`${at.playground.url}/control/users/U0FINLEAD`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deleted: true }),
    });
    await open('U0FINLEAD', CHANNEL);
    await card(ts).getByTestId('approve').click();
    await at.page.getByTestId('toast').getByText('deactivated').waitFor();
    expect(at.app.seen).toEqual([]);
  });
});

describe('a newcomer finds the way', () => {
  test('the banner leads to the channel of the card that waits, to an approver and to the button', async () => {
    await open('U0DBA', 'C0DBA');
    await at.page.getByTestId('banner').getByText('No card waits').waitFor();
    await at.app.postCard(CHANNEL);
    await at.page.getByTestId('banner-next').getByText('Open #payments-approvals').click();
    await at.page.waitForURL(/at=C0PAYMENTS/);
    await at.page.getByTestId('banner-next').getByText('Act as Finance Lead').click();
    await at.page.waitForURL(/as=U0FINLEAD/);
    await at.page.getByTestId('banner').getByText('on the card that waits').waitFor();
    await at.page.getByTestId('banner-next').click();
    expect(await at.page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('approve');
  });

  test('at the width of a phone nothing is cut off, and the sidebar opens on demand', async () => {
    await at.page.setViewportSize({ width: 390, height: 844 });
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    await card(ts).waitFor();
    expect(await at.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const next = at.page.getByTestId('banner-next');
    expect(await next.evaluate((button) => button.scrollWidth - button.clientWidth)).toBe(0);
    expect(await at.page.getByTestId('channel-link').first().isVisible()).toBe(false);
    await at.page.getByRole('button', { name: 'Channels and people' }).click();
    await at.page.locator('[data-testid="channel-link"][data-channel="C0GENERAL"]').click();
    await at.page.waitForURL(/at=C0GENERAL/);
  });
});
