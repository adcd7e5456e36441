// Sets up one test file about the page: the built page, Chromium, and for each test a playground, an app and a fresh
// browser context.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { browserTest, findChromium, launchChromium } from '../../../test/support/chromium.ts';
import { type Playground, type PlaygroundOptions, startPlayground } from '../../src/start.ts';
import { type PageApp, startPageApp } from './page-app.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** More Tab presses than the page has stops; then the element is out of reach. */
const TAB_PRESSES_MAX = 60;

/** Registers the set-up for this file. Without a Chromium, `test` skips and nothing is started. */
export function pageSuite(file: string, options: Pick<PlaygroundOptions, 'messagesMax'> = {}) {
  const at = {} as { playground: Playground; app: PageApp; page: Page; forgetFaults: () => string[] };
  let browser: Browser;
  let context: BrowserContext;
  let faults: string[] = [];
  const test = browserTest(file);

  if (findChromium() !== undefined) {
    beforeAll(async () => {
      await promisify(execFile)(process.execPath, [here('../../build-web.mjs')]);
      browser = await launchChromium();
    });
    afterAll(() => browser.close());

    beforeEach(async () => {
      at.app = await startPageApp();
      at.playground = await startPlayground({
        ...options,
        eventsUrl: at.app.eventsUrl,
        pageFolder: here('../../dist/web'),
      });
      at.app.connect(at.playground.apiUrl, at.playground.botToken);
      const viewport = { width: 1280, height: 900 };
      context = await browser.newContext({ timezoneId: 'Asia/Tokyo', locale: 'en-GB', viewport });
      at.page = await context.newPage();
      faults = [];
      // For a test that breaks the connection: the browser writes that to the console.
      at.forgetFaults = () => faults.splice(0);
      at.page.on('pageerror', (error) => faults.push(error.message));
      at.page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    });

    afterEach(async () => {
      await context.close();
      await at.playground.close();
      await at.app.close();
      expect(faults).toEqual([]);
    });
  }

  /** Opens the page as this person, at this channel. */
  const open = (as: string, place: string) => at.page.goto(`${at.playground.url}/#as=${as}&at=${place}`);

  /** The message on the page, by its ts. */
  const card = (ts: string) => at.page.locator(`[data-testid="message"][data-ts="${ts}"]`);

  /** Presses Tab until the element has the focus; fails when it never gets it. */
  async function tabTo(selector: string): Promise<void> {
    for (let presses = 0; presses < TAB_PRESSES_MAX; presses += 1) {
      await at.page.keyboard.press('Tab');
      if (await at.page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    }
    throw new Error(`Tab never reached ${selector}.`);
  }

  return { test, at, open, card, tabTo };
}
