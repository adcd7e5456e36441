// The page in a real Chromium, on a real playground with a small app behind it. It tests what a person sees and can do.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { browserTest, findChromium, launchChromium } from '../../test/support/chromium.ts';
import { type Playground, startPlayground } from '../src/start.ts';
import { type PageApp, startPageApp } from './support/page-app.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const test = browserTest('playground/test/web.test.ts');
const CHANNEL = 'C0PAYMENTS';

let browser: Browser;
let playground: Playground;
let app: PageApp;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  if (findChromium() === undefined) return;
  await promisify(execFile)(process.execPath, [here('../build-web.mjs')]);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
});

beforeEach(async () => {
  if (findChromium() === undefined) return;
  app = await startPageApp();
  playground = await startPlayground({ eventsUrl: app.eventsUrl, pageFolder: here('../dist/web') });
  app.connect(playground.apiUrl, playground.botToken);
  context = await browser.newContext({
    timezoneId: 'Asia/Tokyo',
    locale: 'en-GB',
    viewport: { width: 1280, height: 900 },
  });
  page = await context.newPage();
  faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
});

afterEach(async () => {
  if (findChromium() === undefined) return;
  await context.close();
  await playground.close();
  await app.close();
  expect(faults).toEqual([]);
});

const open = (as: string, at = CHANNEL) => page.goto(`${playground.url}/#as=${as}&at=${at}`);
const card = (ts: string) => page.locator(`[data-testid="message"][data-ts="${ts}"]`);

/** Presses Tab until the element has the focus; fails when it never gets it. */
async function tabTo(selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
  }
  throw new Error(`Tab never reached ${selector}.`);
}

describe('the page shows what the app posts', () => {
  test('a card appears without a reload, with fields, quote, preformatted text and buttons', async () => {
    await open('U0FINLEAD');
    await page.getByTestId('composer').fill('half a thought');
    const ts = await app.postCard(CHANNEL);
    await card(ts).waitFor();
    expect(await card(ts).getAttribute('data-waiting')).toBe('true');
    expect(await card(ts).getByRole('heading').textContent()).toBe('Refund 120 EUR to order A-1001?');
    expect(await card(ts).locator('.field').count()).toBe(3);
    expect(await card(ts).locator('.pre').textContent()).toBe('{\n  "amount": 120\n}');
    expect(await card(ts).getByTestId('approve').getAttribute('class')).toContain('button-primary');
    expect(await page.getByTestId('composer').inputValue()).toBe('half a thought');
  });

  test("an agent's words are never read as formatting, mentions or emoji", async () => {
    const ts = await app.postCard(CHANNEL);
    await open('U0FINLEAD');
    expect(await card(ts).locator('.quote').textContent()).toBe('The parcel was *lost* <!channel>');
    expect(await card(ts).locator('.field').nth(2).textContent()).toBe('*Not bold* <@U0SUPPORT> :x:');
    expect(await card(ts).locator('.field').nth(0).textContent()).toContain('@Support');
  });

  test('a date token is shown in the zone of the one who looks', async () => {
    const ts = await app.postCard(CHANNEL);
    await open('U0FINLEAD');
    const time = card(ts).locator('.field time');
    const iso = (await time.getAttribute('datetime')) ?? '';
    const inTokyo = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', minute: '2-digit', timeZone: 'Asia/Tokyo' });
    expect(await time.textContent()).toContain(inTokyo.format(new Date(iso)));
  });

  test('nothing is fetched from anywhere but the playground', async () => {
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await app.postCard(CHANNEL);
    await open('U0FINLEAD');
    await page.getByTestId('message').waitFor();
    expect([...hosts].filter((host) => host !== '')).toEqual([new URL(playground.url).host]);
  });
});

describe('a person acts on the page', () => {
  test('a click on Approve reaches the app as that person, the card changes and a private line shows', async () => {
    const ts = await app.postCard(CHANNEL);
    await open('U0SUPPORT');
    await page.locator('[data-testid="actor-option"][data-user="U0FINLEAD"]').check({ force: true });
    await page.waitForURL(/as=U0FINLEAD/);
    await card(ts).getByTestId('approve').click();
    await card(ts).getByText('Approved by @Finance Lead').waitFor();
    await page.getByTestId('ephemeral').getByText('Only visible to you').waitFor();
    expect(app.seen).toEqual(['approve U0FINLEAD']);
    expect(await card(ts).getByTestId('approve').count()).toBe(0);
    await page.locator('[data-testid="actor-option"][data-user="U0TREASURER"]').check({ force: true });
    await page.getByTestId('ephemeral').waitFor({ state: 'detached' });
  });

  test('a modal opens, shows field errors of the client and of the app, and submits', async () => {
    const ts = await app.postCard(CHANNEL);
    await open('U0FINLEAD');
    await card(ts).getByTestId('deny').click();
    const modal = page.getByTestId('modal');
    await modal.waitFor();
    await page.getByTestId('modal-submit').click();
    await page.getByTestId('error-reason').waitFor();
    await modal.getByLabel('Reason').fill('nope');
    await page.getByTestId('modal-submit').click();
    await page.getByTestId('error-reason').getByText('Say more than that.').waitFor();
    await modal.getByLabel('Reason').fill('The account does not match.');
    expect(await page.getByTestId('counter').textContent()).toBe('13');
    await page.getByTestId('modal-submit').click();
    await modal.waitFor({ state: 'detached' });
    await card(ts).getByText('Denied by @Finance Lead').waitFor();
    expect(app.seen).toEqual([
      'deny U0FINLEAD',
      'submit U0FINLEAD nope',
      'submit U0FINLEAD The account does not match.',
    ]);
  });

  test('an app that does not answer in three seconds leaves a warning under its message', async () => {
    const ts = await app.postCard(CHANNEL);
    await open('U0FINLEAD');
    app.fallSilent();
    await card(ts).getByTestId('approve').click();
    await card(ts).locator('[data-testid="notice"][data-code="operation_timed_out"]').waitFor();
  });

  test('a deactivated person is told that they cannot act', async () => {
    const ts = await app.postCard(CHANNEL);
    await fetch(`${playground.url}/control/users/U0FINLEAD`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deleted: true }),
    });
    await open('U0FINLEAD');
    await card(ts).getByTestId('approve').click();
    await page.getByTestId('toast').getByText('deactivated').waitFor();
    expect(app.seen).toEqual([]);
  });
});

describe('the keyboard alone is enough', () => {
  test('a person reaches the card, denies it in the modal, leaves it by Escape first, and types a command', async () => {
    const ts = await app.postCard(CHANNEL);
    await open('U0FINLEAD');
    await card(ts).waitFor();
    await tabTo(`[data-ts="${ts}"] [data-testid="deny"]`);
    await page.keyboard.press('Enter');
    await page.getByTestId('modal').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('modal').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('deny');
    await page.keyboard.press('Enter');
    await page.getByTestId('modal').waitFor();
    await page.keyboard.type('Not this month.');
    await tabTo('[data-testid="modal-submit"]');
    await page.keyboard.press('Enter');
    await card(ts).getByText('Denied by @Finance Lead').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-ts'))).toBe(ts);
    await tabTo('[data-testid="composer"]');
    await page.keyboard.type('/placet list');
    await page.keyboard.press('Enter');
    await page.getByTestId('ephemeral').getByText('Nothing waits for you.').waitFor();
    expect(app.seen).toEqual([
      'deny U0FINLEAD',
      'deny U0FINLEAD',
      'submit U0FINLEAD Not this month.',
      'command /placet list',
    ]);
  });

  test('the focus stays inside an open modal', async () => {
    const ts = await app.postCard(CHANNEL);
    await open('U0FINLEAD');
    await card(ts).getByTestId('deny').click();
    await page.getByTestId('modal').waitFor();
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      // The browser's own bar may have the focus for a moment: then it is on the body, never on the page behind.
      const isInside = await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      );
      expect(isInside).toBe(true);
    }
  });

  test('a new message is told to screen readers', async () => {
    await open('U0FINLEAD');
    await page.getByTestId('composer').waitFor();
    await app.postCard(CHANNEL);
    await page
      .getByTestId('announcer')
      .getByText('Approval needed: refund 120 EUR to order A-1001')
      .waitFor({ state: 'attached' });
  });
});

describe('a newcomer finds the way', () => {
  test('the banner leads to the channel of the card that waits, to an approver and to the button', async () => {
    await open('U0DBA', 'C0DBA');
    await page.getByTestId('banner').getByText('No card waits').waitFor();
    await app.postCard(CHANNEL);
    await page.getByTestId('banner-next').getByText('Open #payments-approvals').click();
    await page.waitForURL(/at=C0PAYMENTS/);
    await page.getByTestId('banner-next').getByText('Act as Finance Lead').click();
    await page.waitForURL(/as=U0FINLEAD/);
    await page.getByTestId('banner').getByText('on the card that waits').waitFor();
    await page.getByTestId('banner-next').click();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('approve');
  });

  test('at the width of a phone nothing is cut off, and the sidebar opens on demand', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const ts = await app.postCard(CHANNEL);
    await open('U0FINLEAD');
    await card(ts).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await page.getByTestId('channel-link').first().isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Channels and people' }).click();
    await page.locator('[data-testid="channel-link"][data-channel="C0GENERAL"]').click();
    await page.waitForURL(/at=C0GENERAL/);
  });
});
