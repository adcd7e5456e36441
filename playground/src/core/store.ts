// Keeps the playground's records in memory and, when a file is given, in an append-only log that survives kill -9.
// It knows no Slack rules. A record put is never changed in place: put it again.
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Channel, Json, JsonObject, Message, Notice, Settings, User, UserGroup, View } from '../protocol.ts';

/** Content of a message before an update, so that a stale click can be played. */
type Revision = { text: string; blocks: JsonObject[] };
export type StoredMessage = Message & { past: Revision[] };
export type ChannelRecord = Omit<Channel, 'messages' | 'ephemerals'>;
/** A response_url: where it leads, how often it was used, until when it works. */
export type ResponseUrl = {
  key: string;
  channel: string;
  user: string;
  /** The message clicked, or null for a slash command. */
  ts: string | null;
  thread_ts: string | null;
  is_ephemeral: boolean;
  used: number;
  expires_at_ms: number;
};

/** What an app needs to talk to this playground; kept so that a restarted playground still knows its app. */
export type Secrets = { botToken: string; appToken: string; signingSecret: string };

type Tables = {
  user: User;
  user_group: UserGroup;
  channel: ChannelRecord;
  message: StoredMessage;
  ephemeral: Message;
  /** Open modals of one person, bottom first. */
  stack: View[];
  home: View;
  notices: Notice[];
  response_url: ResponseUrl;
  settings: Settings;
  secrets: Secrets;
};
type Name = keyof Tables;

export type Store = {
  get<K extends Name>(table: K, key: string): Tables[K] | undefined;
  all<K extends Name>(table: K): Tables[K][];
  put<K extends Name>(table: K, key: string, value: Tables[K]): void;
  remove(table: Name, key: string): void;
  clear(): void;
  isEmpty(): boolean;
  close(): void;
};

/** Lines after which the log is rewritten: keeps the file and the start short. */
const LOG_LINES_MAX = 20_000;

type Rows = Map<Name, Map<string, unknown>>;

/** Opens the store; with `dataFile` it first reads what an earlier process left there. */
export function openStore(dataFile?: string): Store {
  const rows: Rows = dataFile && existsSync(dataFile) ? readLog(dataFile) : new Map();
  const table = (name: Name) => {
    const found = rows.get(name) ?? new Map<string, unknown>();
    rows.set(name, found);
    return found;
  };
  let file: number | null = null;
  let lines = 0;

  const compact = () => {
    if (!dataFile) return;
    mkdirSync(dirname(dataFile), { recursive: true });
    const all = [...rows].flatMap(([name, found]) => [...found].map(([key, value]) => line(name, key, value)));
    replaceFile(dataFile, all.join(''));
    if (file !== null) closeSync(file);
    file = openSync(dataFile, 'a');
    lines = all.length;
  };
  /** Keeps the line before the change is made: what a full disk refuses has not happened. */
  const change = (text: string, make: () => void) => {
    if (file !== null) appendWhole(file, text);
    make();
    lines += 1;
    if (file !== null && lines > LOG_LINES_MAX) tryToCompact();
  };
  /** A log that is too long harms nobody; the next change tries again. */
  const tryToCompact = () => {
    try {
      compact();
    } catch (error) {
      process.stderr.write(`playground: ${dataFile} is not rewritten: ${(error as Error).message}\n`);
    }
  };
  compact();

  return {
    get: <K extends Name>(name: K, key: string) => table(name).get(key) as Tables[K] | undefined,
    all: <K extends Name>(name: K) => [...table(name).values()] as Tables[K][],
    put(name, key, value) {
      change(line(name, key, value), () => table(name).set(key, value));
    },
    remove(name, key) {
      const found = table(name);
      if (found.has(key)) change(line(name, key, null), () => found.delete(key));
    },
    clear() {
      rows.clear();
      compact();
    },
    isEmpty: () => [...rows.values()].every((found) => found.size === 0),
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/**
 * Written whole, or not at all: a line cut short would spoil the next one. That it is written before the answer goes out
 * is enough: the page cache outlives a killed process.
 */
function appendWhole(file: number, text: string): void {
  const { size } = fstatSync(file);
  try {
    appendFileSync(file, text);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

/** The old file stays until the new one is whole. */
function replaceFile(path: string, text: string): void {
  const fresh = `${path}.new`;
  try {
    writeFileSync(fresh, text, { mode: 0o600 });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function line(name: Name, key: string, value: unknown): string {
  return `${JSON.stringify([name, key, value])}\n`;
}

function readLog(dataFile: string): Rows {
  const rows: Rows = new Map();
  for (const text of readFileSync(dataFile, 'utf8').split('\n')) {
    const entry = parseLine(text);
    if (!entry) continue;
    const [name, key, value] = entry;
    const found = rows.get(name) ?? new Map<string, unknown>();
    rows.set(name, found);
    if (value === null) found.delete(key);
    else found.set(key, value);
  }
  return rows;
}

/** A line cut short by a kill is the last one, was never answered for, and is left out. */
function parseLine(text: string): [Name, string, Json] | null {
  if (text === '') return null;
  try {
    return JSON.parse(text) as [Name, string, Json];
  } catch {
    return null;
  }
}
