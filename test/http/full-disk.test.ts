// PostgreSQL is killed while its disk is full: what was answered is there afterwards, and what was refused succeeds with its key.
// The disk is a small one in memory where this user may mount one; elsewhere the kill alone is tried.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeWorld } from '../support/builders.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { newFolder } from '../support/processes.ts';
import { makeKey, type RealApi, startRealApi } from './real-api.ts';

const BASE = '/v1/approval-requests';
const DISK_MEGABYTES = 200;
const MEGABYTE = 1024 * 1024;
/** What is left for the record once the rest of the disk is taken. */
const LEFT_MEGABYTES = 3;
/** Small pieces of the log, so that a small disk has room for some. */
const SETTINGS = ['max_connections=30', 'min_wal_size=32MB', 'max_wal_size=32MB', 'shared_buffers=16MB'];
const ASKS_MAX = 400;

const disk = newFolder();
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'tmpfs', disk]).status === 0;
const ballast = join(disk, 'ballast');

let server: OwnServer;
let api: RealApi;
let key: string;
beforeAll(async () => {
  const folder = join(disk, 'postgres');
  mkdirSync(folder);
  server = await startOwnServer(SETTINGS, folder);
  const world = await makeWorld(server.database);
  api = await startRealApi(server.database);
  key = await makeKey(world.service);
});
afterAll(async () => {
  await api.close();
  await server.remove();
  // Lazily: a process that is just ending may still stand in it.
  if (isMounted) spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

const ask = (name: string) => {
  // Random text, which cannot be made smaller.
  const note = Array.from({ length: 1_500 }, () => Math.random().toString(36).slice(2)).join('');
  const body = JSON.stringify({ action: 'orders.refund', resource: 'order/1', parameters: { note } });
  const send = () => api.send(key, 'POST', BASE, body, { 'idempotency-key': name });
  return { send, name };
};

/** Asks until the disk has been full for some calls. */
async function fill(): Promise<{ answered: Map<string, string>; refused: ReturnType<typeof ask>[] }> {
  const answered = new Map<string, string>();
  const refused: ReturnType<typeof ask>[] = [];
  for (let n = 0; n < ASKS_MAX && refused.length < 5; n += 1) {
    const made = ask(`ask-${n}`);
    const { status, text } = await made.send();
    if (status === 201) answered.set((JSON.parse(text) as { id: string }).id, text);
    else {
      expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([503, 'unavailable']);
      refused.push(made);
    }
    if (!isMounted && answered.size >= 20) break;
  }
  return { answered, refused };
}

/** A server that could write nothing more may have ended by itself, which is no better for what was answered. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

test('what was answered is there after a kill on a full disk, and what was refused succeeds once there is space', async () => {
  const before = await ask('before').send();
  expect(before.status).toBe(201);
  if (isMounted) {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - LEFT_MEGABYTES * MEGABYTE)));
  }
  const { answered, refused } = await fill();
  expect(answered.size).toBeGreaterThan(0);
  expect(refused.length > 0).toBe(isMounted);

  kill(server.postgres().pid);
  await server.postgres().ended;
  expect((await api.send(key, 'GET', BASE)).status).toBe(503);
  rmSync(ballast, { force: true });
  await server.start();

  for (const [id, text] of answered) {
    const { status, text: now } = await api.send(key, 'GET', `${BASE}/${id}`);
    expect([status, (JSON.parse(now) as { digest: string }).digest]).toEqual([
      200,
      (JSON.parse(text) as { digest: string }).digest,
    ]);
  }
  for (const { send } of refused) expect((await send()).status).toBe(201);
});
