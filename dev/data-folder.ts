// The data folder of a development installation (.placet/): where things stand in it, and what others may read of a run.

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isRunning, type ProcessName } from '../src/process/pid.ts';

/** Paths inside the data folder. */
export type DataFolder = {
  readonly folder: string;
  readonly lock: string;
  readonly run_file: string;
  readonly pids_file: string;
  readonly ports_file: string;
  readonly master_key: string;
  readonly app_password: string;
  readonly playground_secret: string;
  readonly playground_file: string;
  readonly demo_file: string;
  readonly postgres: string;
  readonly temporal: string;
  readonly logs: string;
};

/** Other starts may hold these while everything else is forgotten. */
const KEPT_WHEN_FRESH = new Set(['dev.lock', 'prepare.lock']);
const MASTER_KEY_BYTES = 32;
const PASSWORD_BYTES = 24;

/** Makes the data folder below `root` when missing. Others may pass through it, never list or read it. */
export function openDataFolder(root: string): DataFolder {
  const folder = join(root, '.placet');
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  // Another step may have made it first, with the usual mode.
  chmodSync(folder, 0o711);
  const at = (name: string) => join(folder, name);
  return {
    folder,
    lock: at('dev.lock'),
    run_file: at('run.json'),
    pids_file: at('pids.json'),
    ports_file: at('ports.json'),
    master_key: at('master.key'),
    app_password: at('app-password'),
    playground_secret: at('playground-secret'),
    playground_file: at('playground.json'),
    demo_file: at('demo-agent.json'),
    postgres: at('postgres'),
    temporal: at('temporal'),
    logs: at('log'),
  };
}

/** Forgets everything that earlier runs kept. */
export function clearDataFolder(data: DataFolder): void {
  for (const name of readdirSync(data.folder)) {
    if (!KEPT_WHEN_FRESH.has(name)) rmSync(join(data.folder, name), { recursive: true, force: true });
  }
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivate(file: string, text: string): void {
  const beside = `${file}.${process.pid}`;
  try {
    writeFileSync(beside, text, { mode: 0o600 });
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** A secret of so many bytes: made once, then kept. */
export function keptSecret(file: string, bytes: number): string {
  if (!existsSync(file)) writePrivate(file, randomBytes(bytes).toString('base64url'));
  return readFileSync(file, 'utf8').trim();
}

/** The key that encrypts the signing keys: made once, then kept. */
export function keptMasterKey(data: DataFolder): string {
  return keptSecret(data.master_key, MASTER_KEY_BYTES);
}

/** The password of the application's database login: made once, then kept. */
export function keptAppPassword(data: DataFolder): string {
  return keptSecret(data.app_password, PASSWORD_BYTES);
}

/** What the playground's tokens are made from: once, then kept. */
export function keptPlaygroundSecret(data: DataFolder): string {
  return keptSecret(data.playground_secret, PASSWORD_BYTES);
}

const runSchema = z.object({
  state: z.enum(['starting', 'running', 'stopping']),
  pid: z.number(),
  started: z.string(),
  page_url: z.string().optional(),
  api_url: z.string().optional(),
  /** The settings that reach this run; they hold secrets, so the file is its owner's only. */
  environment: z.record(z.string(), z.string()),
});

/** Placet 0.1.0 wrote two of them otherwise: a run of it that still goes on is found all the same. */
const OLD_NAMES: Readonly<Record<string, string>> = { pageUrl: 'page_url', apiUrl: 'api_url' };

/** What a run tells other commands of the same folder. */
export type RunFile = z.output<typeof runSchema>;

/** Tells the other commands about this run. */
export function writeRunFile(data: DataFolder, run: Omit<RunFile, keyof ProcessName>, name: ProcessName): void {
  writePrivate(data.run_file, JSON.stringify({ ...run, ...name }, null, 2));
}

/** Reads about the run in a folder; undefined when there is none that still lives. */
export function readRunFile(root: string): RunFile | undefined {
  try {
    const written: object = JSON.parse(readFileSync(join(root, '.placet/run.json'), 'utf8'));
    const named = Object.entries(written).map(([name, value]) => [OLD_NAMES[name] ?? name, value] as const);
    const run = runSchema.parse(Object.fromEntries(named));
    return isRunning(run) ? run : undefined;
  } catch {
    return undefined;
  }
}

const ports = z.record(z.string(), z.number().int().min(1).max(65_535));

/** The ports of the last run: a page and an agent that stayed open find the new run at the same address. */
export function readPorts(data: DataFolder): Record<string, number> {
  try {
    return ports.parse(JSON.parse(readFileSync(data.ports_file, 'utf8')));
  } catch {
    return {};
  }
}

/** Keeps the ports for the next run. */
export function writePorts(data: DataFolder, kept: Record<string, number>): void {
  writePrivate(data.ports_file, JSON.stringify(kept));
}
