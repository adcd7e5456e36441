// Is this a PostgreSQL that can keep the record? Looked at by whoever opens it first: migrate, every start, the doctor.

import type pg from 'pg';
import { PlacetError } from '../domain/errors.ts';

/** The first with views that look with the rights of who asks. */
const POSTGRES_MIN = 15;
const ENCODING = 'UTF8';

export type ServerFacts = {
  readonly version: number;
  readonly server_encoding: string;
  readonly client_encoding: string;
  readonly is_standby: boolean;
  readonly is_read_only: boolean;
};

type Fault = { readonly reason: string; readonly remedy: string };

const FACTS = `select current_setting('server_version_num')::integer / 10000 as version,
  current_setting('server_encoding') as server_encoding, current_setting('client_encoding') as client_encoding,
  pg_is_in_recovery() as is_standby, current_setting('transaction_read_only') = 'on' as is_read_only`;

/** Throws what keeps this server or database from serving, each in one sentence with what helps; answers its facts. */
export async function requireServer(client: pg.Client): Promise<ServerFacts> {
  const [facts] = (await client.query<ServerFacts>(FACTS)).rows;
  if (facts === undefined) throw new PlacetError('internal');
  const fault = serverFault(facts);
  if (fault !== null) throw new PlacetError('unavailable', { dependency: 'database', ...fault });
  return facts;
}

/** The first fault of a server, or null. What is never cured by waiting comes first. */
export function serverFault(facts: ServerFacts): Fault | null {
  const { version, server_encoding, client_encoding, is_standby, is_read_only } = facts;
  if (version < POSTGRES_MIN) {
    return { reason: `this is PostgreSQL ${version}`, remedy: `use PostgreSQL ${POSTGRES_MIN} or later` };
  }
  if (server_encoding !== ENCODING) {
    return {
      reason: `this database has the encoding ${server_encoding}, which cannot keep every text`,
      remedy: "make another one (create database … encoding 'UTF8' template template0) and name it in the URL",
    };
  }
  if (client_encoding !== ENCODING) {
    return {
      reason: `what stands between us and the database speaks ${client_encoding} to us`,
      remedy: 'let the pooler pass client_encoding on, or take the setting out of it',
    };
  }
  if (is_standby) {
    return {
      reason: 'this PostgreSQL is a standby, which takes no writes',
      remedy: 'let the URL lead to the primary, or promote this one',
    };
  }
  if (is_read_only) {
    return {
      reason: 'sessions of this database are read-only',
      remedy: 'end what made them so, or set default_transaction_read_only to off for this database and login',
    };
  }
  return null;
}
