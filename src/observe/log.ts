// The one logger: a JSON line per event, with known fields only and every value searched for secrets.

import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { hideSecrets } from './secrets.ts';

/** What a log line may say beside its message; anything else is dropped, so that no new field leaks by accident. */
const FIELDS = [
  'agent_id',
  'attempt',
  'channel_id',
  'code',
  'component',
  'count',
  'decision',
  'duration_ms',
  'err',
  'group_id',
  'kind',
  'lease_id',
  'level',
  'method',
  'msg',
  'next_attempt_at',
  'operation',
  'outcome',
  'pid',
  'reference',
  'request_id',
  'restart_ms',
  'result',
  'role',
  'slack_user_id',
  'status',
  'step',
  'team_id',
  'time',
  'ts',
  'url',
] as const;
const known: ReadonlySet<string> = new Set(FIELDS);

const TEXT_CHARACTERS_MAX = 2_000;
const ITEMS_MAX = 50;
const DEPTH_MAX = 4;
const STACK_LINES_MAX = 12;

/** Fields of a line; the compiler refuses a name that would be dropped. */
export type LogFields = Readonly<Partial<Record<(typeof FIELDS)[number], unknown>>>;

/** One line per event: a fixed message and ids as fields. */
export type Log = {
  readonly debug: (msg: string, fields?: LogFields) => void;
  readonly info: (msg: string, fields?: LogFields) => void;
  readonly warn: (msg: string, fields?: LogFields) => void;
  readonly error: (msg: string, fields?: LogFields) => void;
  readonly fatal: (msg: string, fields?: LogFields) => void;
};

function cut(text: string): string {
  return text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : text;
}

/** Only the frames: the message, which a stack repeats, may itself be many lines. */
function frames(error: Error): string[] {
  return (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
}

function cleanError(error: Error, depth: number): Record<string, unknown> {
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: clean(error.message, depth),
    ...(typeof code === 'string' ? { code: clean(code, depth) } : {}),
    stack: clean(frames(error).slice(0, STACK_LINES_MAX).join('\n'), depth),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) }),
  };
}

/** Copies a value with its secrets hidden and its size bounded. */
function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return hideSecrets(cut(value));
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= DEPTH_MAX) return '[deep]';
  if (value instanceof Error) return cleanError(value, depth);
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => clean(item, depth + 1));
  // Only arrays and errors have known insides: an object may be a body, headers or a whole config.
  return value === undefined ? undefined : `[${typeof value}]`;
}

function cleanFields(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(fields).slice(0, ITEMS_MAX);
  return Object.fromEntries(
    entries.filter(([name]) => known.has(name)).map(([name, value]) => [name, clean(value, 0)]),
  );
}

function wrap(logger: PinoLogger): Log {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error' | 'fatal') =>
    (msg: string, fields: LogFields = {}) =>
      logger[level](cleanFields(fields), hideSecrets(cut(msg)));
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
  };
}

export type LogOptions = {
  readonly level: string;
  /** The process role, on every line. */
  readonly role?: string;
  readonly destination?: DestinationStream;
};

/** Makes the logger of a process; it writes to stdout, at once. */
export function createLog({ level, role, destination }: LogOptions): Log {
  const options = {
    level,
    base: role === undefined ? {} : { role },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    // Errors were already copied field by field.
    serializers: { err: (error: unknown) => error },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Synchronous: a line about a crash must be out before the crash is.
  return wrap(pino(options, destination ?? pino.destination({ dest: 1, sync: true })));
}
