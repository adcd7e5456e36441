// Lets one starter at a time prepare a folder; the others wait. A lock whose holder has died is taken over.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, startTime } from './pid.mjs';

/** Longer than the slowest first install and build that were measured, so that a waiter never gives up on a live one. */
const WAIT_MS_MAX = 15 * 60_000;
const POLL_MS = 200;

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

function isHeld(text) {
  const [pid, ...started] = text.split(' ');
  return isAlive(Number(pid), started.join(' '));
}

/** Takes a dead holder's lock out of the way; a lock that changed meanwhile is put back. */
function clearDead(file, seen) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (read(aside) !== seen) linkSync(aside, file);
  } catch {
    // Another waiter was faster.
  }
  rmSync(aside, { force: true });
}

/** Runs `work` while holding `file`; `onWait(pid)` is called once when another process holds it. */
export async function withLock(file, work, onWait = () => {}) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${process.pid} ${startTime(process.pid)}`;
  const fresh = `${file}.new.${process.pid}`;
  const deadline = Date.now() + WAIT_MS_MAX;
  for (let isNoted = false; ; ) {
    try {
      // Written first and linked after: nobody ever reads a half-written lock.
      writeFileSync(fresh, mine);
      linkSync(fresh, file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(fresh, { force: true });
    }
    const holder = read(file);
    if (holder !== undefined && !isHeld(holder)) clearDead(file, holder);
    else if (holder !== undefined && !isNoted) {
      isNoted = true;
      onWait(holder.split(' ')[0]);
    }
    if (Date.now() > deadline) throw new Error(`${file} is held by process ${holder}; end it and try again`);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    if (read(file) === mine) unlinkSync(file);
  }
}
