// The checks of `placet doctor`, in their order, and those of this machine, the settings, the keys and Temporal.

import { statfs } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import type { Check, Finding } from '../cli/doctor.ts';
import type { Config } from './config.ts';
import { databaseChecks } from './doctor-database.ts';
import { slackChecks } from './doctor-slack.ts';
import { temporalConnection } from './temporal-connection.ts';
import { assertReachable, temporalFault } from './temporal-fault.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NODE_MAJOR_MIN = 20;
const DISK_FREE_BYTES_MIN = 1_000_000_000;

/** Every check, in the order in which one builds on another. */
export function doctorChecks(config: Config): readonly Check[] {
  return [
    nodeCheck(),
    diskCheck(),
    masterKeyCheck(config),
    ...databaseChecks(config),
    temporalCheck(config),
    ...slackChecks(config),
  ];
}

/** The one check that is left when the settings cannot be read at all. */
export function settingsCheck(error: unknown): Check {
  const detail = error instanceof Error ? error.message : String(error);
  const remedy = 'correct these settings; docs/configuration.md lists all of them';
  return { name: 'Settings', remedy, run: async () => ({ kind: 'ill', detail, remedy }) };
}

function nodeCheck(): Check {
  const remedy = 'install Node 22 or 24 (20.19 is the least)';
  const run = async (): Promise<Finding> => {
    const major = Number(process.versions.node.split('.')[0]);
    const detail = `Node ${process.versions.node}`;
    return major < NODE_MAJOR_MIN ? { kind: 'ill', detail, remedy } : { kind: 'well', detail };
  };
  return { name: 'Node', remedy, run };
}

function diskCheck(): Check {
  const remedy = 'free at least 1 GB on this disk';
  const run = async (): Promise<Finding> => {
    const { bavail, bsize } = await statfs(ROOT);
    const detail = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
    return bavail * bsize < DISK_FREE_BYTES_MIN ? { kind: 'ill', detail, remedy } : { kind: 'well', detail };
  };
  return { name: 'Disk', remedy, run };
}

function masterKeyCheck(config: Config): Check {
  const remedy = 'set PLACET_MASTER_KEY to 32 random bytes (openssl rand -base64 32) and keep it';
  const run = async (): Promise<Finding> =>
    config.master_key === undefined
      ? { kind: 'ill', detail: 'PLACET_MASTER_KEY is not set', remedy }
      : { kind: 'well', detail: 'set' };
  return { name: 'Master key', remedy, run };
}

function temporalCheck(config: Config): Check {
  const remedy = 'start a Temporal server and set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE (or run npm start)';
  const run = async (): Promise<Finding> => {
    const { temporal_address, temporal_namespace: namespace, temporal_task_queue: queue } = config;
    if (temporal_address === undefined) return { kind: 'ill', detail: 'TEMPORAL_ADDRESS is not set', remedy };
    const place = await temporalConnection(config);
    const refuse = async (error: unknown): Promise<never> => {
      throw await temporalFault(error, { ...place, namespace });
    };
    await assertReachable(place);
    const connection = await Connection.connect({ ...place, connectTimeout: '5s' }).catch(refuse);
    try {
      await connection.workflowService.describeNamespace({ namespace }).catch(refuse);
      const how = place.tls === false ? '' : ' over TLS';
      return { kind: 'well', detail: `${temporal_address}${how}, namespace ${namespace}, task queue ${queue}` };
    } finally {
      await connection.close();
    }
  };
  return { name: 'Temporal', remedy, run };
}
