// How PostgreSQL is reached: what a URL says of TLS, in the sense of PostgreSQL's own manual, and one connection for one piece
// of work (migrations, the self-test, the doctor's looks). Serving goes by the pool.
// https://www.postgresql.org/docs/current/libpq-ssl.html

import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { PlacetError } from '../domain/errors.ts';

/** A server that does not answer is as good as away. */
const CONNECT_TIMEOUT_MS = 5_000;

const MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

/** These promise nothing: with them whoever stands in between decides whether there is TLS. */
const UNSURE: ReadonlySet<string> = new Set(['allow', 'prefer']);
/** What pg would read by its own lights, and what it would pass over in silence. */
const OURS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword', 'ssl', 'sslnegotiation', 'uselibpqcompat'];
const UNKNOWN = ['sslcrl', 'sslcrldir', 'sslsni', 'ssl_min_protocol_version', 'ssl_max_protocol_version'];
const CERTIFICATE = /-----BEGIN (TRUSTED )?CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/;

export type ConnectConfig = {
  readonly connectionString: string;
  readonly ssl: false | ConnectionOptions;
  /** `direct`: TLS from the first byte, as PostgreSQL 17 takes it. */
  readonly sslnegotiation?: 'direct';
};

/** The URL without its words on TLS, and what they mean. Reads the files that it names. */
export function reachOf(url: string): ConnectConfig {
  const { searchParams: query } = new URL(url);
  const bare = new URL(url);
  for (const name of OURS) bare.searchParams.delete(name);
  const connectionString = bare.href;
  const mode = modeOf(query);
  // A socket file has no TLS, whatever the mode is.
  if (mode === 'disable' || isSocketFile(bare)) return { connectionString, ssl: false };
  const root = query.get('sslrootcert');
  const ca = root === null || root === 'system' ? null : readPem(root, 'sslrootcert', CERTIFICATE);
  const ssl = { ...trustOf(mode, ca), ...ownCertificate(query) };
  return query.get('sslnegotiation') === 'direct'
    ? { connectionString, ssl, sslnegotiation: 'direct' }
    : { connectionString, ssl };
}

/** What no connection can be made with, in words that may follow the name of a setting; null when there is nothing. */
export function tlsFault(url: string): string | null {
  const { searchParams: query } = new URL(url);
  const mode = query.get('sslmode');
  if (mode !== null && UNSURE.has(mode)) {
    return `must not have sslmode=${mode}, which promises no TLS: say disable, require, verify-ca or verify-full`;
  }
  if (mode !== null && mode !== 'no-verify' && !MODES.some((each) => each === mode)) {
    return 'has an sslmode that is none of disable, require, verify-ca and verify-full';
  }
  if (query.get('sslrootcert') === 'system' && modeOf(query) !== 'verify-full') {
    return 'needs sslmode=verify-full with sslrootcert=system: whoever has any certificate passes the other modes';
  }
  if (query.has('sslcert') !== query.has('sslkey')) return 'needs sslcert and sslkey together';
  const unknown = UNKNOWN.find((name) => query.has(name));
  return unknown === undefined ? null : `has ${unknown}, which is not supported here`;
}

function modeOf(query: URLSearchParams): Mode {
  const mode = query.get('sslmode');
  const found = MODES.find((each) => each === mode);
  if (found !== undefined) return found;
  // The words of pg itself.
  if (mode === 'no-verify' || query.get('ssl') === 'no-verify') return 'require';
  const isOn = ['true', '1'].includes(query.get('ssl') ?? '') || query.get('sslnegotiation') === 'direct';
  return isOn || query.has('sslrootcert') || query.has('sslcert') ? 'verify-full' : 'disable';
}

/** A CA that is named is asked in every mode; without one the public ones of Node are, where somebody is. */
function trustOf(mode: Exclude<Mode, 'disable'>, ca: string | null): ConnectionOptions {
  const roots = ca === null ? {} : { ca };
  if (mode === 'require' && ca === null) return { rejectUnauthorized: false };
  if (mode === 'verify-full') return { ...roots, rejectUnauthorized: true };
  return { ...roots, rejectUnauthorized: true, checkServerIdentity: () => undefined };
}

function ownCertificate(query: URLSearchParams): ConnectionOptions {
  const [cert, key, passphrase] = ['sslcert', 'sslkey', 'sslpassword'].map((name) => query.get(name));
  if (cert === null || cert === undefined || key === null || key === undefined) return {};
  return {
    cert: readPem(cert, 'sslcert', CERTIFICATE),
    key: readPem(key, 'sslkey', PRIVATE_KEY),
    ...(typeof passphrase === 'string' ? { passphrase } : {}),
  };
}

function readPem(file: string, name: string, content: RegExp): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw unusable(
      `${name} cannot be read: ${(cause as Error).message}`,
      `name a file that is there in ${name}`,
      cause,
    );
  }
  if (content.test(text)) return text;
  throw unusable(`what ${name} names is not in PEM form`, `name a PEM file (-----BEGIN …) in ${name}`);
}

function unusable(reason: string, remedy: string, cause?: unknown): PlacetError {
  return new PlacetError('unavailable', { dependency: 'database', reason, remedy }, cause);
}

function isSocketFile({ hostname, searchParams }: URL): boolean {
  return (searchParams.get('host') ?? decodeURIComponent(hostname)).startsWith('/');
}

/** Opens a connection, does the work and closes it, however the work ends. */
export async function withConnection<T>(
  url: string,
  application_name: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...reachOf(url), application_name, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // Lost between two statements, only this event tells of it, and unheard it would end the process. The next one fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    leave(client);
    throw error;
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Closes one that could not be opened, and waits for nothing: pg never says that one whose handshake failed has ended. */
export function leave(client: pg.Client): void {
  client.end().catch(() => undefined);
}
