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
export interface Home {
  readonly folder: string;
  readonly lock: string;
  readonly runFile: string;
  readonly pidsFile: string;
  readonly portsFile: string;
  readonly masterKey: string;
  readonly appPassword: string;
  readonly playgroundSecret: string;
  readonly playgroundFile: string;
  readonly demoFile: string;
  readonly postgres: string;
  readonly temporal: string;
  readonly logs: string;
}

/** Other starts may hold these while everything else is forgotten. */
const KEPT_WHEN_FRESH = new Set(['dev.lock', 'prepare.lock']);
const MASTER_KEY_BYTES = 32;
const PASSWORD_BYTES = 24;

/** Makes the data folder below `root` when missing. Others may pass through it, never list or read it. */
export function openHome(root: string): Home {
  const folder = join(root, '.placet');
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  // Another step may have made it first, with the usual mode.
  chmodSync(folder, 0o711);
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    lock: at('dev.lock'),
    runFile: at('run.json'),
    pidsFile: at('pids.json'),
    portsFile: at('ports.json'),
    masterKey: at('master.key'),
    appPassword: at('app-password'),
    playgroundSecret: at('playground-secret'),
    playgroundFile: at('playground.json'),
    demoFile: at('demo-agent.json'),
    postgres: at('postgres'),
    temporal: at('temporal'),
    logs: at('log'),
  };
}

/** Forgets everything that earlier runs kept. */
export function clearHome(home: Home): void {
  for (const name of readdirSync(home.folder)) {
    if (!KEPT_WHEN_FRESH.has(name)) rmSync(join(home.folder, name), { recursive: true, force: true });
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
export const keptMasterKey = (home: Home): string => keptSecret(home.masterKey, MASTER_KEY_BYTES);

/** The password of the application's database login: made once, then kept. */
export const keptAppPassword = (home: Home): string => keptSecret(home.appPassword, PASSWORD_BYTES);

/** What the playground's tokens are made from: once, then kept. */
export const keptPlaygroundSecret = (home: Home): string => keptSecret(home.playgroundSecret, PASSWORD_BYTES);

const runFile = z.object({
  state: z.enum(['starting', 'running', 'stopping']),
  pid: z.number(),
  started: z.string(),
  pageUrl: z.string().optional(),
  apiUrl: z.string().optional(),
  /** The settings that reach this run; they hold secrets, so the file is its owner's only. */
  environment: z.record(z.string(), z.string()),
});

/** What a run tells other commands of the same folder. */
export type RunFile = z.output<typeof runFile>;

/** Tells the other commands about this run. */
export function writeRunFile(home: Home, run: Omit<RunFile, keyof ProcessName>, name: ProcessName): void {
  writePrivate(home.runFile, JSON.stringify({ ...run, ...name }, null, 2));
}

/** Reads about the run in a folder; undefined when there is none that still lives. */
export function readRunFile(root: string): RunFile | undefined {
  try {
    const run = runFile.parse(JSON.parse(readFileSync(join(root, '.placet/run.json'), 'utf8')));
    return isRunning(run) ? run : undefined;
  } catch {
    return undefined;
  }
}

const ports = z.record(z.string(), z.number().int().min(1).max(65_535));

/** The ports of the last run: a page and an agent that stayed open find the new run at the same address. */
export function readPorts(home: Home): Record<string, number> {
  try {
    return ports.parse(JSON.parse(readFileSync(home.portsFile, 'utf8')));
  } catch {
    return {};
  }
}

/** Keeps the ports for the next run. */
export const writePorts = (home: Home, kept: Record<string, number>): void =>
  writePrivate(home.portsFile, JSON.stringify(kept));
