// PostgreSQL is killed while its disk is full: what was answered is there afterwards, and what was refused succeeds with its key.
// The disk is a small one in memory.
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeWorld } from '../support/builders.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { openSmallDisk } from '../support/small-disk.ts';
import { makeKey, type RealApi, startRealApi } from './real-api.ts';

const BASE = '/v1/approval-requests';
const DISK_MEGABYTES = 200;
const MEGABYTE = 1024 * 1024;
/** What is left for the record once the rest of the disk is taken. */
const LEFT_MEGABYTES = 3;
/** Small pieces of the log, so that a small disk has room for some. */
const SETTINGS = ['max_connections=30', 'min_wal_size=32MB', 'max_wal_size=32MB', 'shared_buffers=16MB'];
const ASKS_MAX = 400;

const disk = await openSmallDisk(DISK_MEGABYTES);
const folder = disk?.folder ?? '';
/** The summary counts what is skipped, and CI takes that for a failure. */
const describeDisk = disk === null ? describe.skip : describe;
if (disk === null) process.stderr.write('\nSKIPPED the full disk: none can be mounted here, by mount or unshare.\n');
const ballast = join(folder, 'ballast');

let server: OwnServer;
let api: RealApi;
let key: string;

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

describeDisk('on a full disk', () => {
  beforeAll(async () => {
    mkdirSync(join(folder, 'postgres'));
    server = await startOwnServer(SETTINGS, join(folder, 'postgres'));
    const world = await makeWorld(server.database);
    api = await startRealApi(server.database);
    key = await makeKey(world.service);
  });
  afterAll(async () => {
    await api.close();
    await server.remove();
    disk?.remove();
  });

  test('what was answered is there after a kill on a full disk, and what was refused succeeds once there is space', async () => {
    const before = await ask('before').send();
    expect(before.status).toBe(201);
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - LEFT_MEGABYTES * MEGABYTE)));
    const { answered, refused } = await fill();
    expect(answered.size).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);

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
});
