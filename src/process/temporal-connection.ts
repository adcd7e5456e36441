// What Temporal's clients are opened with: the address, and TLS with the certificates of the settings, looked at before
// use, since the clients themselves say of a bad one only that time ran out. No message repeats what is in a key.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import type { TemporalAddress } from '../delivery/temporal.ts';
import { PlacetError } from '../domain/errors.ts';
import type { Config } from './config.ts';
import { isOverTls } from './temporal-settings.ts';

type Source = 'server_ca_cert' | 'client_cert' | 'client_key';
/** A certificate or key, and the variable that it came by. */
type Pem = { readonly text: string; readonly variable: string };

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Where Temporal is reached, and how. Certificates are read now: those that replace them later need a new start. */
export async function temporalConnection(config: Config): Promise<TemporalAddress> {
  const { temporal_address: address, temporal_api_key: apiKey } = config;
  if (address === undefined) {
    throw new PlacetError('unavailable', { dependency: 'temporal', remedy: 'set TEMPORAL_ADDRESS, or run npm start' });
  }
  if (!isOverTls(config)) return { address, tls: false, ...(apiKey === undefined ? {} : { apiKey }) };
  const tls = {
    serverRootCACertificate: Buffer.from(await readAuthorities(config)),
    ...(config.temporal_tls_server_name === undefined ? {} : { serverNameOverride: config.temporal_tls_server_name }),
    ...(await readOwnCertificate(config)),
  };
  return { address, tls, ...(apiKey === undefined ? {} : { apiKey }) };
}

/** Node's own list where none is set: the two clients would else trust different ones, the system's and Node's. */
async function readAuthorities(config: Config): Promise<string> {
  const pem = await read(config, 'server_ca_cert');
  if (pem === null) return rootCertificates.join('\n');
  parseCertificates(pem);
  return pem.text;
}

async function readOwnCertificate(config: Config) {
  const [certificate, key] = [await read(config, 'client_cert'), await read(config, 'client_key')];
  if (certificate === null || key === null) return {};
  const [own] = parseCertificates(certificate) as [X509Certificate];
  const isPair = own.checkPrivateKey(parseKey(key));
  if (!isPair) throw refusal(`the key in ${key.variable} is not that of the certificate`, certificate.variable);
  const until = new Date(own.validTo);
  if (until.getTime() < Date.now()) {
    throw refusal(`the certificate in ${certificate.variable} ended at ${until.toISOString()}`, certificate.variable);
  }
  return { clientCertPair: { crt: Buffer.from(certificate.text), key: Buffer.from(key.text) } };
}

async function read(config: Config, source: Source): Promise<Pem | null> {
  const prefix = `TEMPORAL_TLS_${source.toUpperCase()}`;
  const text = config[`temporal_tls_${source}_data`];
  if (text !== undefined) return { text, variable: `${prefix}_DATA` };
  const path = config[`temporal_tls_${source}_path`];
  if (path === undefined) return null;
  const variable = `${prefix}_PATH`;
  try {
    return { text: await readFile(path, 'utf8'), variable };
  } catch (error) {
    throw refusal(`the file of ${variable} cannot be read (${(error as NodeJS.ErrnoException).code})`, variable);
  }
}

function parseCertificates({ text, variable }: Pem): X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
  } catch {
    // Said below, the same for none and for a broken one.
  }
  throw refusal(`${variable} holds no certificate in PEM`, variable);
}

function parseKey({ text, variable }: Pem): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw refusal(`${variable} holds no private key in PEM, or one with a passphrase`, variable);
  }
}

function refusal(reason: string, variable: string): PlacetError {
  return new PlacetError('unavailable', { dependency: 'temporal', reason, remedy: `correct ${variable}` });
}
