// The product's settings as a person sees them, in a real Chromium: an admin who never saw Placet creates a group from a
// Slack user group, points a rule at it, has a request approved by it, and rolls back. With PLACET_TEST_SCREENSHOTS set to
// a folder it also takes the pictures of docs/admin.md (scripts/screenshots.mjs).

import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { approver, COLLEAGUE, DANA, DBA, FINANCE_LEAD, type View, words } from '@placet/playground';
import type { Browser, Page } from 'playwright-core';
import { parsePolicyFile } from '../../src/policy/read.ts';
import { buildAdmin } from '../../src/process/admin.ts';
import { requireConfig } from '../../src/process/config.ts';
import { OPERATOR } from '../support/builders.ts';
import { browserTest, findChromium, launchChromium } from '../support/chromium.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { ask } from './ask.ts';

const test = browserTest('test/product/settings.test.ts');
const TEST_MS_MAX = 120_000;
const SOURCE = `# Kept by hand.
version: 1
roles:
  owner: [finance-lead@example.com]
  admin: [member@example.com]
approver_groups:
  # who pays
  payments: { members: [finance-lead@example.com, treasurer@example.com], channel: C0PAYMENTS }
rules:
  - name: refunds
    match: { action: "orders.refund", resource: "order/*" }
    effect: require
    approvers: [payments]
    timeout: 1h # long enough
  - { name: migrations, match: { action: "database.migrate", resource: "*" }, effect: require, approvers: [payments] }
`;

let product: Product;
let browser: Browser;
let page: Page;
const faults: string[] = [];

if (findChromium() !== undefined) {
  beforeAll(async () => {
    [product, browser] = await Promise.all([startProduct(), launchChromium()]);
    const read = parsePolicyFile(new TextEncoder().encode(SOURCE));
    if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
    await admin().applyPolicy({ document: read.document, source: SOURCE, operator: OPERATOR });
    const viewport = { width: 1_080, height: 900 };
    const context = await browser.newContext({ viewport, locale: 'en-GB', timezoneId: 'Europe/Berlin' });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${product.playground.url}/#as=${COLLEAGUE}&at=home`);
  }, TEST_MS_MAX);

  afterAll(async () => {
    await browser.close();
    await product.close();
  });
}

const admin = () => buildAdmin(() => requireConfig(product.environment));
const newest = () => admin().readPolicy({ number: null });
const home = () => page.getByTestId('home');
const modal = () => page.getByTestId('modal');

async function picture(name: string): Promise<void> {
  const folder = process.env['PLACET_TEST_SCREENSHOTS'];
  if (folder === undefined) return;
  await page.screenshot({ path: join(folder, `admin-${name}.png`), animations: 'disabled' });
}

/** Reads the last window, hands it in, and closes what it answers; gives both texts. */
async function finish(button: string): Promise<readonly [string, string]> {
  await modal().getByText('What this changes').waitFor();
  const planned = (await modal().textContent()) ?? '';
  await modal().getByRole('button', { name: button }).click();
  await modal()
    .getByText(/Applied|Waiting for approval|Nothing was changed/)
    .first()
    .waitFor();
  const answer = (await modal().textContent()) ?? '';
  await page.getByTestId('modal-close').click();
  return [planned, answer];
}

/** The cards that were agreed to: one keeps its buttons until it is drawn again. */
const agreed = new Set<string>();

/** The owner agrees in the direct message that asks for it; done once there is a newer version. */
async function agree(): Promise<void> {
  const { number } = await newest();
  const card = await approver.waitFor(product, 'a direct message to the owner', (state) =>
    state.channels
      .filter(({ is_im, user }) => is_im && user === FINANCE_LEAD)
      .flatMap(({ messages }) => messages)
      .find((message) => !agreed.has(message.ts) && approver.buttonsOf(message).includes('approve')),
  );
  agreed.add(card.ts);
  await approver.press(product, FINANCE_LEAD, card);
  await until(async () => (await newest()).number > number);
}

async function openSettings(): Promise<void> {
  if (await home().getByTestId('settings_waiting').isVisible()) await home().getByTestId('settings_waiting').click();
  await home().getByTestId('settings_show').first().click();
  await home().getByRole('heading', { name: 'Settings', exact: true }).waitFor();
}

test(
  'an admin creates a group from a Slack user group, points a rule at it, has a request approved by it, and rolls back',
  async () => {
    await openSettings();
    await picture('settings');
    await home().getByTestId('settings_group_new').click();
    await modal().getByLabel('Name').fill('dba');
    await modal().getByLabel('Or a Slack user group').selectOption('S0DBA');
    await modal().getByLabel('Channel for its cards').selectOption(DBA);
    await picture('group');
    await page.getByTestId('modal-submit').click();
    const [group, waits] = await finish('Ask for approval');
    expect(group).toContain('adds the group "dba": whoever is in the user group S0DBA, asked in C0DBA');
    expect(waits).toContain('Waiting for approval');
    await agree();

    await openSettings();
    await home().getByText('whoever is in').first().waitFor();
    await home().getByRole('button', { name: 'Change migrations' }).click();
    await modal().getByRole('group', { name: 'Groups' }).getByLabel('payments').uncheck();
    await modal().getByRole('group', { name: 'Groups' }).getByLabel('dba').check();
    await page.getByTestId('modal-submit').click();
    await modal().getByText('could decide').first().waitFor();
    await picture('plan');
    const [rule] = await finish('Ask for approval');
    expect(rule).toContain('the rule "migrations" asks dba instead of payments');
    expect(rule).toContain('2 people could decide (2 of them by what was asked at this moment), 1 must.');
    await agree();
    expect((await newest()).source).toContain('# who pays');
    expect((await newest()).source).toContain('timeout: 1h # long enough');

    const request = await ask(product, { action: 'database.migrate', resource: 'db/orders' });
    await approver.press(product, DANA, await approver.cardOf(product, request, { channel: DBA }));
    expect((await product.agent.waitForDecision(request.id, { timeoutSeconds: 30 })).state).toBe('approved');

    await openSettings();
    await picture('versions');
    const { number } = await newest();
    await home()
      .getByRole('button', { name: `Go back to this version ${number - 2}` })
      .click();
    const [back] = await finish('Ask for approval');
    expect(back).toContain('removes the group "dba"');
    await agree();
    expect((await newest()).source).toBe(SOURCE);
    expect(faults).toEqual([]);
  },
  TEST_MS_MAX,
);

/** What the person has in Home once it shows that. */
const homeOf = (as: string, says: string): Promise<View> =>
  approver.waitFor(product, `a Home of ${as} that says "${says}"`, ({ home }) => {
    const view = home[as];
    return view !== undefined && words(view).includes(says) ? view : undefined;
  });

test(
  'what narrows is applied at once, by words too; who has no role sees no Settings, whatever they press or type',
  async () => {
    const { number } = await newest();
    await product.slack.command({
      as: COLLEAGUE,
      channel: 'C0GENERAL',
      command: '/placet',
      text: 'group payments remove treasurer@example.com',
    });
    const window = await approver.openModalOf(product, COLLEAGUE);
    expect(words(window)).toContain('1 person may now approve by the rule "refunds", 1 fewer than before');
    await approver.submit(product, COLLEAGUE, window);
    expect((await newest()).number).toBe(number + 1);
    expect((await newest()).document.approver_groups['payments']?.members).toEqual(['finance-lead@example.com']);
    await approver.closeModals(product, COLLEAGUE);

    await product.slack.openHome({ as: DANA });
    const view = await homeOf(DANA, 'Waiting for you');
    expect(approver.buttonsOf(view)).not.toContain('settings_show');
    await product.slack.command({ as: DANA, channel: 'C0GENERAL', command: '/placet', text: 'group payments delete' });
    await approver.waitFor(product, 'a refusal', (state) =>
      approver
        .toldTo(state, DANA)
        .map(words)
        .find((answer) => answer.includes('Your role here does not allow this.')),
    );
    expect((await newest()).number).toBe(number + 1);
  },
  TEST_MS_MAX,
);
