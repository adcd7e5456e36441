// A log with events of real requests in it, under signed checkpoints in two anchors; copied for each test that does harm to it.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { join } from 'node:path';
import { formatLogKey, logKey } from '@placet/sdk/log';
import pg from 'pg';
import type { Anchor } from '../../src/audit/anchor.ts';
import { openFileAnchor } from '../../src/audit/anchors/file.ts';
import { type CheckpointDeps, signCheckpoint } from '../../src/audit/checkpoint.ts';
import { recordEvent } from '../../src/audit/record.ts';
import { ensureLog, sequenceAll } from '../../src/audit/sequence.ts';
import type { Transact } from '../../src/db/database.ts';
import * as log from '../../src/db/log.ts';
import { CLOCK } from '../../src/domain/people/principal.ts';
import { newId } from '../../src/process/wiring.ts';
import { verifyAudit } from '../../src/service/admin/verify.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeSubmission, makeWorld } from '../support/builders.ts';
import { createTestDatabase, openMigrated, TENANT, type TestDatabase } from '../support/database.ts';
import { newFolder } from '../support/processes.ts';
import { superuserUrl } from '../support/stack.ts';
import { createTestUseCases } from '../support/use-cases.ts';

export const ORIGIN = 'placet.example/default';

export type Keys = { readonly privateKey: KeyObject; readonly public_key: Buffer };

export function makeKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, public_key: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url') };
}

let signers = 0;

/** What a process needs to sign; each a signer of its own. */
export function signerOf(transact: Transact, anchors: readonly Anchor[], { privateKey }: Keys): CheckpointDeps {
  signers += 1;
  const signText = async (_log: unknown, text: string) => sign(null, Buffer.from(text, 'utf8'), privateKey);
  return { transact, tenant_id: TENANT, signer: `signer ${signers}`, anchors, sign: signText };
}

/** Keeps the log of a database that has none yet, under checkpoints in a folder. */
export function keepTestLog(transact: Transact) {
  const [keys, anchor] = [makeKeys(), openFileAnchor(newFolder())];
  const deps = { transact, tenant_id: TENANT };
  const signer = signerOf(transact, [anchor], keys);
  const sign = async () => {
    await ensureLog(deps, ORIGIN, () => ({ public_key: keys.public_key, private_sealed: Buffer.alloc(1) }));
    await sequenceAll(deps);
    const { kind } = await signCheckpoint(signer);
    if (kind !== 'signed') throw new Error(`the checkpoint is ${kind}`);
  };
  return { key: formatLogKey(logKey(ORIGIN, keys.public_key)), sign };
}

/** Writes events that are about no request. */
export async function addEvents(transact: Transact, count: number): Promise<void> {
  await transact(TENANT, async (tx) => {
    for (let done = 0; done < count; done += 1) {
      const facts = { kid: `key ${done}` };
      await recordEvent({ newId }, tx, { type: 'signing_key.created', outcome: 'success', actor: CLOCK, facts });
    }
  });
}

export type LogWorld = {
  /** A copy of the database, with an anchor folder of its own. */
  readonly copy: () => Promise<LogCopy>;
  readonly keys: Keys;
  readonly request_id: string;
  readonly drop: () => Promise<void>;
};

export type LogCopy = {
  readonly database: TestDatabase;
  readonly anchor: Anchor;
  readonly signer: CheckpointDeps;
  /** What placet audit verify finds first, in words. */
  readonly verify: () => Promise<string>;
  /** Runs statements as one who owns the database, past every trigger. */
  readonly asOwner: (sql: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
};

/** More than one whole subtree of 256, and a request that was approved, used and reported. */
export async function makeLogWorld(): Promise<LogWorld> {
  const database = await createTestDatabase();
  const keys = makeKeys();
  const world = await makeWorld(database);
  const api = createTestUseCases(database);
  const request = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(request, 'ann', { reason: 'It is what they asked for.' }));
  const { token, lease } = await api.claim(world.caller, request.id);
  await api.use({ lease_id: lease.id, token, digest: request.digest });
  await api.report({ caller: world.caller }, request.id, { status: 'succeeded', detail: 'done', result_digest: null });
  await api.close();
  await addEvents(database.transact, 300);
  const row = { origin: ORIGIN, public_key: keys.public_key, private_sealed: Buffer.alloc(1) };
  await database.transact(TENANT, (tx) => log.insertLog(tx, row));
  const folder = newFolder();
  const anchor = openFileAnchor(folder);
  const { mark } = await sequenceAll({ transact: database.transact, tenant_id: TENANT });
  await sequenceAll({ transact: database.transact, tenant_id: TENANT }, mark);
  await signCheckpoint(signerOf(database.transact, [anchor], keys));
  const [first] = await anchor.read(ORIGIN);
  await database.close();
  const template = new URL(database.owner_url).pathname.slice(1);
  let copies = 0;
  const dropped: (() => Promise<void>)[] = [];
  return {
    keys,
    request_id: request.id,
    copy: async () => {
      copies += 1;
      const own = openFileAnchor(join(newFolder(), String(copies)));
      const { size } = await sizeOf(database);
      await own.write({ origin: ORIGIN, note: first ?? '', size, after: 0 });
      const copy = await copyOf(template, `${template}_${copies}`, database);
      await copy.asSuperuser('update placet.logs set signer = null');
      dropped.push(copy.drop);
      return {
        database: copy,
        anchor: own,
        signer: signerOf(copy.transact, [own], keys),
        verify: async () => {
          const { findings } = await verifyAudit({ transact: copy.transact, anchors: [own] }, { tenant_id: TENANT });
          return findings[0]?.why ?? 'nothing';
        },
        asOwner: (sql, values) => asOwner(copy.owner_url, sql, values),
      };
    },
    drop: async () => {
      for (const drop of dropped) await drop();
      await database.drop().catch(() => undefined);
    },
  };
}

const sizeOf = async (database: TestDatabase) => {
  const [row] = await database.asSuperuser<{ size: string }>('select size from placet.logs');
  return { size: Number(row?.size) };
};

async function copyOf(template: string, name: string, { owner_url, app_url }: TestDatabase): Promise<TestDatabase> {
  const named = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  await asAdmin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${template}'`);
  await asAdmin(`create database ${name} template ${template}`);
  const drop = () => asAdmin(`drop database if exists ${name} with (force)`);
  return openMigrated({ owner_url: named(owner_url), app_url: named(app_url), drop });
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl() });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

async function asOwner(url: string, sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // A superuser's mode in which no trigger and no foreign key is asked, but for those that are always.
    await client.query('set session_replication_role = replica');
    const log = ['log_leaves', 'log_nodes', 'log_checkpoints', 'logs'];
    const tables = [...log, 'audit_events', 'approval_requests', 'decisions', 'results'];
    for (const table of tables) await client.query(`alter table placet.${table} disable trigger all`);
    return (await client.query(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
