// The page in a real Chromium by the keyboard alone: everything is reached, and the focus never gets lost.
import { describe, expect } from '@jest/globals';
import { pageSuite } from './support/page-suite.ts';

const { test, at, open, card, tabTo } = pageSuite('playground/test/web-keyboard.test.ts');
const CHANNEL = 'C0PAYMENTS';
/** The attribute of what has the focus. */
const focused = (attribute: string) =>
  at.page.evaluate((name) => document.activeElement?.getAttribute(name), attribute);

describe('the keyboard alone is enough', () => {
  test('a person reaches the card, denies it in the modal, leaves it by Escape first, and types a command', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    await card(ts).waitFor();
    await tabTo(`[data-ts="${ts}"] [data-testid="deny"]`);
    await at.page.keyboard.press('Enter');
    await at.page.getByTestId('modal').waitFor();
    await at.page.keyboard.press('Escape');
    await at.page.getByTestId('modal').waitFor({ state: 'detached' });
    expect(await focused('data-testid')).toBe('deny');
    await at.page.keyboard.press('Enter');
    await at.page.getByTestId('modal').waitFor();
    await at.page.keyboard.type('Not this month.');
    await tabTo('[data-testid="modal-submit"]');
    await at.page.keyboard.press('Enter');
    await card(ts).getByText('Denied by @Finance Lead').waitFor();
    expect(await focused('data-ts')).toBe(ts);
    await tabTo('[data-testid="composer"]');
    await at.page.keyboard.type('/placet list');
    await at.page.keyboard.press('Enter');
    await at.page.getByTestId('ephemeral').getByText('Nothing waits for you.').waitFor();
    expect(at.app.seen).toEqual([
      'deny U0FINLEAD',
      'deny U0FINLEAD',
      'submit U0FINLEAD Not this month.',
      'command /placet list',
    ]);
  });

  test('approving by keyboard keeps the place: when the button goes, its card has the focus', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    await tabTo(`[data-ts="${ts}"] [data-testid="approve"]`);
    await at.page.keyboard.press('Enter');
    await card(ts).getByText('Approved by @Finance Lead').waitFor();
    expect(await focused('data-ts')).toBe(ts);
  });

  test('the focus stays inside an open modal', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    await card(ts).getByTestId('deny').click();
    await at.page.getByTestId('modal').waitFor();
    for (let presses = 0; presses < 12; presses += 1) {
      await at.page.keyboard.press('Tab');
      // The browser's own bar may have the focus for a moment: then it is on the body, never on the page behind.
      const isInside = await at.page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      );
      expect(isInside).toBe(true);
    }
  });

  test('a new message is told to screen readers', async () => {
    await open('U0FINLEAD', CHANNEL);
    await at.page.getByTestId('composer').waitFor();
    await at.app.postCard(CHANNEL);
    await at.page
      .getByTestId('announcer')
      .getByText('Approval needed: refund 120 EUR to order A-1001')
      .waitFor({ state: 'attached' });
  });
});

describe('what opens takes the focus, and gives it back', () => {
  test('a long review is scrolled by the arrow keys at once, and its outcome keeps the focus in the modal', async () => {
    const ts = await at.app.postCard(CHANNEL);
    await open('U0FINLEAD', CHANNEL);
    await tabTo(`[data-ts="${ts}"] [data-testid="review"]`);
    await at.page.keyboard.press('Enter');
    await at.page.getByTestId('modal').waitFor();
    await at.page.keyboard.press('End');
    const body = at.page.locator('.modal-body');
    await at.page.waitForFunction(() => (document.querySelector('.modal-body')?.scrollTop ?? 0) > 0);
    await tabTo('[data-testid="modal-submit"]');
    await at.page.keyboard.press('Enter');
    await body.getByText('Your approval counts.').waitFor();
    expect(await focused('class')).toBe('modal-body');
    await at.page.keyboard.press('Escape');
    await at.page.getByTestId('modal').waitFor({ state: 'detached' });
    expect(await focused('data-ts')).toBe(ts);
  });

  test.each([1280, 390])(
    'a thread left by Escape gives the focus back to its message, %s pixels wide',
    async (width) => {
      await at.page.setViewportSize({ width, height: 844 });
      const ts = await at.app.postCard(CHANNEL);
      await open('U0FINLEAD', CHANNEL);
      const link = `[data-ts="${ts}"] [data-testid="thread-link"]`;
      await tabTo(link);
      await at.page.keyboard.press('Enter');
      await at.page.getByTestId('thread').waitFor();
      await at.page.locator('[data-testid="thread-close"]:focus').waitFor();
      await at.page.keyboard.press('Escape');
      await at.page.getByTestId('thread').waitFor({ state: 'detached' });
      expect(await at.page.evaluate((selector) => document.activeElement?.matches(selector), link)).toBe(true);
    },
  );

  test('on a small screen a thread hides the channel that it covers, so no key leads there', async () => {
    await at.page.setViewportSize({ width: 390, height: 844 });
    const ts = await at.app.postCard(CHANNEL);
    await at.page.goto(`${at.playground.url}/#as=U0FINLEAD&at=${CHANNEL}&thread=${ts}`);
    await at.page.locator('[data-testid="thread-close"]:focus').waitFor();
    await at.page.keyboard.press('Shift+Tab');
    const isIn = (pane: string) => at.page.evaluate((of) => document.activeElement?.closest(of) !== null, pane);
    expect(await isIn('[data-testid="thread"]')).toBe(false);
    expect(await isIn('[aria-label^="Channel"]')).toBe(false);
    expect(await at.page.getByRole('region', { name: /^Channel/ }).count()).toBe(0);
  });

  test('on a small screen the menu takes the focus, Escape gives it back, and leaving it closes it', async () => {
    await at.page.setViewportSize({ width: 390, height: 844 });
    await open('U0FINLEAD', CHANNEL);
    await at.page.getByTestId('composer').waitFor();
    await tabTo('.menu-button');
    await at.page.keyboard.press('Enter');
    await at.page.locator('[data-testid="actor-option"][data-user="U0FINLEAD"]:focus').waitFor();
    await at.page.keyboard.press('Escape');
    await at.page.locator('.menu-button:focus').waitFor();
    await at.page.keyboard.press('Enter');
    await at.page.locator('.sidebar.is-open [data-testid="actor-option"]:focus').waitFor();
    await tabTo('[data-testid="faults-open"]');
    await at.page.keyboard.press('Tab');
    await at.page.locator('.sidebar.is-open').waitFor({ state: 'detached' });
    expect(await focused('aria-label')).toBe('Messages');
  });
});
