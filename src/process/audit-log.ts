// Keeps the log in the worker: gives events their places within a second, signs a checkpoint every minute in which it has grown,
// and confirms the last one every hour in which it has not.

import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type CheckpointDeps, confirmCheckpoint, signCheckpoint } from '../audit/checkpoint.ts';
import { ensureLog, type Mark, sequenceAll } from '../audit/sequence.ts';
import { generateLogKey, signNote } from '../credentials/log-key.ts';
import type { MasterKey } from '../credentials/seal.ts';
import { makeSecret } from '../domain/secret.ts';
import type { Log } from '../observe/log.ts';
import type { ServiceDeps } from '../service/deps.ts';
import { openAnchors } from './anchors.ts';
import type { Config } from './config.ts';

/** Half of what an event may wait for its place. */
const SEQUENCE_MS = 500;
const SIGN_MS = 60_000;
const CONFIRM_MS = 3_600_000;

/** Makes the log when there is none, and keeps it until `signal` fires; what is under way then is finished. */
export async function keepLog(config: Config, service: ServiceDeps, output: Log, signal: AbortSignal): Promise<void> {
  if (config.master_key === undefined) {
    output.error('no audit log is kept: set PLACET_MASTER_KEY for the worker too');
    return;
  }
  const master_key = makeSecret(config.master_key);
  const deps = checkpointDeps(config, service, master_key);
  const origin = nameLog(config);
  const again = (work: () => Promise<void>, every_ms: number) => repeat(work, every_ms, { output, signal });
  const { anchors } = deps;
  if (anchors.length === 0) output.info('no checkpoints of the audit log are signed: set PLACET_LOG_ANCHORS');
  let mark: Mark | null | undefined;
  let confirmed_ms = Date.now();
  await Promise.all([
    again(async () => {
      if (mark === undefined)
        await ensureLog(deps, origin, () => generateLogKey({ master_key, tenant_id: deps.tenant_id, origin }));
      mark = (await sequenceAll(deps, mark)).mark;
    }, SEQUENCE_MS),
    again(async () => {
      if (anchors.length === 0) return;
      if (await sign(deps, output, Date.now() - confirmed_ms >= CONFIRM_MS)) confirmed_ms = Date.now();
    }, SIGN_MS),
  ]);
}

/** What signing takes. */
function checkpointDeps(config: Config, { transact }: ServiceDeps, master_key: MasterKey): CheckpointDeps {
  const { tenant: tenant_id } = config;
  return {
    transact,
    tenant_id,
    signer: randomBytes(16).toString('hex'),
    anchors: openAnchors(config),
    sign: async ({ origin, private_sealed }, text) => signNote({ master_key, tenant_id, origin }, private_sealed, text),
  };
}

/** The log of the tenant, made once under the name that the settings give it then. */
function nameLog({ tenant: tenant_id, public_url }: Config): string {
  const { host, pathname } = new URL(public_url);
  return `${host}${pathname.replace(/\/$/, '')}/${tenant_id}`;
}

/** True when the anchors were given something. Whoever reads the program's log hears within a minute when they were not. */
async function sign(deps: CheckpointDeps, output: Log, is_to_confirm: boolean): Promise<boolean> {
  const signing = await signCheckpoint(deps);
  switch (signing.kind) {
    case 'busy':
      return false;
    case 'refused':
      output.error('no checkpoint of the audit log was signed', { code: signing.why, err: signing.cause });
      return false;
    case 'signed':
      tellMissed(output, signing.missed);
      return true;
    case 'unchanged':
      if (is_to_confirm) tellMissed(output, await confirmCheckpoint(deps));
      return is_to_confirm;
  }
}

function tellMissed(output: Log, missed: readonly { readonly name: string; readonly cause: unknown }[]): void {
  for (const { name, cause } of missed)
    output.error('an anchor of the audit log missed a checkpoint', { component: name, err: cause });
}

async function repeat(
  work: () => Promise<void>,
  every_ms: number,
  { output, signal }: { readonly output: Log; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((err: unknown) => output.warn('keeping the audit log failed, will try again', { err }));
    await pause(every_ms, undefined, { signal }).catch(() => undefined);
  }
}
