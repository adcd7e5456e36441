// The settings of Temporal, by the names that its own tools and SDKs read:
// https://docs.temporal.io/references/client-environment-configuration

import { z } from 'zod';
import { isLoopback } from './host.ts';
import { setting } from './setting.ts';

const NAME_CHARACTERS_MAX = 255;
const PATH_CHARACTERS_MAX = 4_096;
const PORT_MAX = 65_535;
/** A key of Temporal Cloud has some 500 characters; a header may hold a few thousand. */
const API_KEY_CHARACTERS_MAX = 4_000;
/** Chains and lists of CAs are a few thousand characters; the whole environment has a limit of its own. */
const PEM_CHARACTERS_MAX = 100_000;

const address = z
  .string()
  .regex(/^(?:[^\s/:[\]@?#]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/, {
    error: 'must look like host:7233, and like [::1]:7233 for an address of IPv6',
    abort: true,
  })
  .refine((text) => {
    const port = Number(text.slice(text.lastIndexOf(':') + 1));
    return port >= 1 && port <= PORT_MAX && URL.canParse(`tcp://${text}`);
  }, 'must be a host and a port from 1 to 65535');

const isOn = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', '1', 'false', '0'], { error: 'must be true or false' }))
  .transform((text) => text === 'true' || text === '1')
  .optional();

const path = z.string().max(PATH_CHARACTERS_MAX).optional();

const pem = z
  .string()
  .max(PEM_CHARACTERS_MAX)
  .regex(/^-----BEGIN [A-Z0-9 ]+-----\r?\n/, 'must be PEM text with its line breaks (or name its file: …_PATH)')
  .optional();

/** Those of the table that are about Temporal, in the order of the manual. */
export const temporalSettings = {
  temporal_address: setting(
    'TEMPORAL_ADDRESS',
    address.optional(),
    'The Temporal server. Without it, `npm start` brings its own.',
    { type: 'host:port' },
  ),
  temporal_namespace: setting(
    'TEMPORAL_NAMESPACE',
    z.string().max(NAME_CHARACTERS_MAX).default('default'),
    'The Temporal namespace that the workflows run in.',
    { type: 'text', fallback: 'default' },
  ),
  temporal_task_queue: setting(
    'TEMPORAL_TASK_QUEUE',
    z.string().max(NAME_CHARACTERS_MAX).default('placet'),
    'The Temporal task queue that the worker polls. A tenant other than `default` has its own below it: `placet/acme`.',
    { type: 'text', fallback: 'placet' },
  ),
  temporal_api_key: setting(
    'TEMPORAL_API_KEY',
    z
      .string()
      .max(API_KEY_CHARACTERS_MAX)
      .regex(/^[\x21-\x7e]+$/, 'must be one word of plain characters, without spaces')
      .optional(),
    'The API key of Temporal Cloud, sent with every call. It turns TLS on.',
    { type: 'text', is_secret: true },
  ),
  temporal_tls: setting(
    'TEMPORAL_TLS',
    isOn,
    'Whether Temporal is reached over TLS. Unset, it is when any other setting of TLS or an API key is set.',
    { type: 'true or false' },
  ),
  temporal_tls_server_ca_cert_path: setting(
    'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    path,
    "The file with the CA that signed Temporal's certificate, in PEM. Without it: the public CAs that Node knows.",
    { type: 'file' },
  ),
  temporal_tls_server_ca_cert_data: setting(
    'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
    pem,
    'The same CA as text instead of a file.',
    { type: 'PEM' },
  ),
  temporal_tls_client_cert_path: setting(
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
    path,
    'The file with the certificate that Placet shows to Temporal, in PEM, its chain after it.',
    { type: 'file' },
  ),
  temporal_tls_client_cert_data: setting(
    'TEMPORAL_TLS_CLIENT_CERT_DATA',
    pem,
    'The same certificate as text instead of a file.',
    { type: 'PEM' },
  ),
  temporal_tls_client_key_path: setting(
    'TEMPORAL_TLS_CLIENT_KEY_PATH',
    path,
    'The file with the private key of that certificate, in PEM, without a passphrase.',
    { type: 'file' },
  ),
  temporal_tls_client_key_data: setting(
    'TEMPORAL_TLS_CLIENT_KEY_DATA',
    pem,
    'The same private key as text instead of a file.',
    { type: 'PEM', is_secret: true },
  ),
  temporal_tls_server_name: setting(
    'TEMPORAL_TLS_SERVER_NAME',
    z
      .string()
      .max(NAME_CHARACTERS_MAX)
      .regex(/^[A-Za-z0-9._-]+$/, 'must be a name without a port')
      .optional(),
    "The name that Temporal's certificate must have, where that is not the host of TEMPORAL_ADDRESS.",
    { type: 'host' },
  ),
  temporal_tls_disable_host_verification: setting(
    'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
    isOn.refine(
      (isDisabled) => isDisabled !== true,
      'cannot be true: who Temporal is, is always verified. Set TEMPORAL_TLS_SERVER_NAME or TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    ),
    'Only `false` is taken: the certificate and its name are always verified.',
    { type: 'false' },
  ),
} as const;

type Parsed = {
  readonly [Key in keyof typeof temporalSettings]: z.output<(typeof temporalSettings)[Key]['schema']> | undefined;
};

/** Each of these may come as a file or as text. */
const SOURCES = ['server_ca_cert', 'client_cert', 'client_key'] as const;

/** Combinations of Temporal's settings that cannot be meant, or that would show a secret to the network. */
export function unsafeTemporal(parsed: Parsed): string[] {
  const faults = SOURCES.filter(
    (source) =>
      parsed[`temporal_tls_${source}_path`] !== undefined && parsed[`temporal_tls_${source}_data`] !== undefined,
  ).map((source) => {
    const name = `TEMPORAL_TLS_${source.toUpperCase()}`;
    return `${name}_PATH and ${name}_DATA are the same thing: set one of them`;
  });
  if (isSet(parsed, 'client_cert') !== isSet(parsed, 'client_key')) {
    faults.push('TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (or …_DATA) need each other');
  }
  const hasDetails = hasDetailsOfTls(parsed);
  if (parsed.temporal_tls === false && hasDetails) {
    faults.push('TEMPORAL_TLS is false, so no other TEMPORAL_TLS_… has any effect: unset it, or them');
  }
  const { temporal_address, temporal_api_key } = parsed;
  if (parsed.temporal_tls === false && temporal_api_key !== undefined && !isLoopback(hostOf(temporal_address ?? ''))) {
    faults.push('TEMPORAL_API_KEY needs TLS: without it, whoever is on the way can read the key. Unset TEMPORAL_TLS');
  }
  if (
    temporal_address === undefined &&
    (hasDetails || temporal_api_key !== undefined || parsed.temporal_tls === true)
  ) {
    faults.push('TEMPORAL_ADDRESS is needed beside TEMPORAL_API_KEY and TEMPORAL_TLS…: whom they are for');
  }
  // Temporal's native client can compare a certificate with a name or an address of IPv4 only.
  if (temporal_address?.startsWith('[') && isOverTls(parsed) && parsed.temporal_tls_server_name === undefined) {
    faults.push('TEMPORAL_ADDRESS with an address of IPv6 needs TEMPORAL_TLS_SERVER_NAME: a name in the certificate');
  }
  return faults;
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

function hasDetailsOfTls(parsed: Parsed): boolean {
  return SOURCES.some((source) => isSet(parsed, source)) || parsed.temporal_tls_server_name !== undefined;
}

function isSet(parsed: Parsed, source: (typeof SOURCES)[number]): boolean {
  return parsed[`temporal_tls_${source}_path`] !== undefined || parsed[`temporal_tls_${source}_data`] !== undefined;
}

/** As in every tool of Temporal: an API key or any detail of TLS turns it on, and only TEMPORAL_TLS turns it off. */
export function isOverTls(parsed: Parsed): boolean {
  return parsed.temporal_tls ?? (parsed.temporal_api_key !== undefined || hasDetailsOfTls(parsed));
}
