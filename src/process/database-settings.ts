// What PostgreSQL's own programs read from the environment of how it is reached, for every URL that does not say it itself.

import { z } from 'zod';
import { setting } from './setting.ts';

const file = z.string().optional();
const FILE = { type: 'file' } as const;

/** Their names in a URL are those without PG, in lower case. */
export const databaseSettings = {
  tls_mode: setting('PGSSLMODE', file, 'The `sslmode` of a database URL that has none. See below.', { type: 'text' }),
  tls_root: setting(
    'PGSSLROOTCERT',
    file,
    'The same for `sslrootcert`: the CA that the server is checked against.',
    FILE,
  ),
  tls_certificate: setting('PGSSLCERT', file, 'The same for `sslcert`: the certificate that we show the server.', FILE),
  tls_key: setting('PGSSLKEY', file, 'The same for `sslkey`: the private key of that certificate.', FILE),
} as const;

type Read = { readonly [K in keyof typeof databaseSettings]: string | undefined };

/** The URL with what the environment says; what it says itself stands. */
export function withTls(url: string, { tls_mode, tls_root, tls_certificate, tls_key }: Read): string {
  const full = new URL(url);
  const has = (name: string) => full.searchParams.has(name);
  // A mode that comes from elsewhere must not undo the ssl of pg's own tongue.
  if (tls_mode !== undefined && !has('sslmode') && !has('ssl')) full.searchParams.set('sslmode', tls_mode);
  if (full.searchParams.get('sslmode') === 'disable') return full.href;
  const files = { sslrootcert: tls_root, sslcert: tls_certificate, sslkey: tls_key };
  for (const [name, file] of Object.entries(files)) {
    if (file !== undefined && !has(name)) full.searchParams.set(name, file);
  }
  return full.href;
}
