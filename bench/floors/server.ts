// Starts the floor of a server, and posts to it what a create posts to the API.

import { openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { freePort } from '../../dev/ports.ts';
import { startBound } from '../../src/process/child.ts';
import { processEnvironment } from '../../src/process/config.ts';
import { CONNECTIONS } from '../sizes.ts';
import { rateOf } from '../support/measure.ts';
import type { Question } from '../support/policy.ts';
import type { Product } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';

const HANDLER = fileURLToPath(new URL('handler.js', import.meta.url));
const START_MS_MAX = 10_000;
const POLL_MS = 20;

export type ServerFloor = {
  /** So many rows, each by a request of its own; rows a second. */
  readonly insert: (count: number) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** A table with one index, in the product's database, and the server in front of it. */
export async function openServerFloor(
  { folder }: Servers,
  product: Product,
  next: () => Question,
): Promise<ServerFloor> {
  await product.sql(
    'create table if not exists bench_rows (id bigint generated always as identity primary key, body jsonb)',
  );
  const port = await freePort();
  const { PATH, HOME } = processEnvironment();
  const child = await startBound({
    command: process.execPath,
    args: [HANDLER],
    env: { PATH, HOME, DATABASE_URL: product.superuserUrl, PORT: String(port), CONNECTIONS: String(CONNECTIONS) },
    output: openSync(`${folder}/handler.log`, 'a'),
  });
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS, pipelining: 1 });
  const post = async () => {
    const headers = { 'content-type': 'application/json' };
    const { statusCode, body } = await pool.request({
      ...{ method: 'POST', path: '/rows', headers },
      body: JSON.stringify(next()),
    });
    await body.text();
    if (statusCode !== 201) throw new Error(`the floor answered ${statusCode}`);
  };
  for (const end = Date.now() + START_MS_MAX; ; await pause(POLL_MS)) {
    if (
      await post().then(
        () => true,
        () => false,
      )
    )
      break;
    if (Date.now() > end) throw new Error('the floor of a server did not start');
  }
  return {
    insert: (count) => rateOf(count, CONNECTIONS, post),
    close: async () => {
      await pool.destroy();
      await child.stop();
    },
  };
}
