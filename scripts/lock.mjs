// Lets one starter at a time prepare a folder; the others wait. A lock whose holder has died is taken over.
import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
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

/** True when the file is ours now: written first and linked after, so that nobody ever reads a half-written lock. */
function claim(file, mine) {
  const fresh = `${file}.new.${process.pid}`;
  try {
    writeFileSync(fresh, mine);
    linkSync(fresh, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/**
 * Removes a dead holder's lock. Only who holds the lock beside it may, and only while the lock is still the one that was seen:
 * whoever was slower must not take away what the faster one has got by then.
 */
function clearDead(file, seen, mine) {
  const guard = `${file}.clearing`;
  if (!claim(guard, mine)) {
    const holder = read(guard);
    if (holder !== undefined && !isHeld(holder)) clearDead(guard, holder, mine);
    return;
  }
  if (read(file) === seen) rmSync(file, { force: true });
  rmSync(guard, { force: true });
}

/** Runs `work` while holding `file`; `onWait(pid)` is called once when another process holds it. */
export async function withLock(file, work, onWait = () => {}) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${process.pid} ${startTime(process.pid)}`;
  const deadline = Date.now() + WAIT_MS_MAX;
  for (let isNoted = false; !claim(file, mine); ) {
    const holder = read(file);
    if (holder !== undefined && !isHeld(holder)) clearDead(file, holder, mine);
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
