// The whole product seen by a person: the playground's page in a real Chromium, acting as Finance Lead. With
// PLACET_TEST_SCREENSHOT set to a file it also takes the README's picture of the card (scripts/screenshot.mjs).

import { afterAll, beforeAll, expect } from '@jest/globals';
import { approver, FINANCE_LEAD, PAYMENTS } from '@placet/playground';
import type { ApprovalRequest } from '@placet/sdk';
import type { Browser, Locator, Page } from 'playwright-core';
import { browserTest, findChromium, launchChromium } from '../support/chromium.ts';
import { type Agent, type Product, startProduct } from '../support/product.ts';

const test = browserTest('test/product/browser.test.ts');
/** Of the page below the card, in its picture. */
const PICTURE_MARGIN = 20;
const TEST_MS_MAX = 90_000;

let product: Product;
let agent: Agent;
let browser: Browser;
let page: Page;
const faults: string[] = [];

if (findChromium() !== undefined) {
  beforeAll(async () => {
    [product, browser] = await Promise.all([startProduct(), launchChromium()]);
    agent = await product.newAgent('support@example.com', 'support-agent');
    const context = await browser.newContext({
      viewport: { width: 1_080, height: 1_000 },
      deviceScaleFactor: 2,
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${product.playground.url}/#as=${FINANCE_LEAD}&at=${PAYMENTS}`);
  }, TEST_MS_MAX);

  afterAll(async () => {
    await browser.close();
    await product.close();
  });
}

function askRefund(): Promise<ApprovalRequest> {
  return agent.request({
    action: 'orders.refund',
    resource: 'order/A-1001',
    parameters: { amount: 120, currency: 'EUR', customer: 'Ada Fischer', reason: 'lost_parcel' },
    justification:
      'The parcel was lost on the way, and the carrier has confirmed it. The customer asked for her money back.',
    timeoutSeconds: 600,
  });
}

/** The card of the request on the page, as soon as the person sees it. */
async function cardOnPage(input: ApprovalRequest): Promise<Locator> {
  const { ts } = await approver.cardOf(product, input);
  const card = page.locator(`[data-testid="message"][data-ts="${ts}"]`);
  await card.waitFor();
  return card;
}

/** The card under the head of its channel, without the rest of the page. */
async function takePicture(card: Locator, path: string): Promise<void> {
  const [channel, box] = await Promise.all([page.locator('main').boundingBox(), card.boundingBox()]);
  if (channel === null || box === null) throw new Error('the card is on the page');
  const { x, y, width } = channel;
  const clip = { x, y, width, height: box.y + box.height + PICTURE_MARGIN - y };
  await page.screenshot({ path, clip, animations: 'disabled' });
}

test(
  'Finance Lead sees the card, clicks Approve and sees it change, and the agent goes on',
  async () => {
    const input = await askRefund();
    const waiting = agent.waitForDecision(input.id, { timeoutSeconds: 60 });
    const card = await cardOnPage(input);
    expect(await card.getByRole('heading').textContent()).toBe('orders.refund on order/A-1001?');
    expect(await card.locator('.pre').textContent()).toContain('"amount": 120');
    const picture = process.env['PLACET_TEST_SCREENSHOT'];
    if (picture !== undefined) await takePicture(card, picture);

    await card.getByTestId('approve').click();
    await card.getByText('Approved by Finance Lead').waitFor();
    await card.getByRole('heading', { name: 'Approved: orders.refund on order/A-1001' }).waitFor();
    expect(await card.getByTestId('approve').count()).toBe(0);
    await page.getByTestId('ephemeral').getByText('Your approval counts.').waitFor();
    expect((await waiting).state).toBe('approved');
    const { lease } = await agent.claim(input.id);
    await card.getByText('Claimed at').waitFor();
    expect(lease.id).toMatch(/^lse_/);
    expect(faults).toEqual([]);
  },
  TEST_MS_MAX,
);

test(
  'Finance Lead denies with a reason in the modal, sees the card change, and the agent reads the reason',
  async () => {
    const input = await askRefund();
    const waiting = agent.waitForDecision(input.id, { timeoutSeconds: 60 });
    const card = await cardOnPage(input);
    await card.getByTestId('deny').click();
    const modal = page.getByTestId('modal');
    await modal.getByLabel('Reason').fill('The carrier found the parcel.');
    await page.getByTestId('modal-submit').click();
    await modal.getByText('Your denial counts.').waitFor();
    await page.getByTestId('modal-close').click();
    await card.getByRole('heading', { name: 'Denied: orders.refund on order/A-1001' }).waitFor();
    await card.getByText('The carrier found the parcel.').waitFor();
    expect(await card.getByTestId('approve').count()).toBe(0);
    expect(await waiting).toMatchObject({ state: 'denied', outcome: { reason: 'The carrier found the parcel.' } });
    expect(faults).toEqual([]);
  },
  TEST_MS_MAX,
);
