// Finds a Chromium on this machine for browser tests and starts it. It downloads nothing.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const USUAL_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

// Nothing but the page under test: no first run, no updates, no sync. No sandbox, because CI runs as root.
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of a Chromium or Chrome, or undefined. A path that is given is the only one looked at. */
export function findChromium(
  chosen: string | undefined = process.env['CHROMIUM_PATH'],
  path: string = process.env['PATH'] ?? '',
): string | undefined {
  if (chosen !== undefined && chosen !== '') return existsSync(chosen) ? chosen : undefined;
  const onPath = path.split(delimiter).flatMap((folder) => USUAL_NAMES.map((name) => join(folder, name)));
  return [...USUAL_PATHS, ...onPath].find((each) => existsSync(each));
}

/** Starts the Chromium that findChromium finds. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium on this machine: set CHROMIUM_PATH.');
  return chromium.launch({ executablePath, args: ARGS });
}

/** jest's `test` where a Chromium is found. Elsewhere its skip, which the summary counts, and a line that says why. */
export function browserTest(file: string): typeof test | typeof test.skip {
  if (findChromium() !== undefined) return test;
  process.stderr.write(`\nSKIPPED ${file}: no Chromium found. Install one, or set CHROMIUM_PATH to it.\n`);
  return test.skip;
}
