// Temporal over TLS: what both of its clients reach with which settings, and how each fault is told. A TLS terminator
// before the real Temporal, real certificates; nothing is trusted that was not set.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { freePort } from '../../dev/ports.ts';
import type { PlacetError } from '../../src/domain/errors.ts';
import { requireConfig } from '../../src/process/config.ts';
import { temporalConnection } from '../../src/process/temporal-connection.ts';
import { assertReachable, temporalFault } from '../../src/process/temporal-fault.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { temporalAddress } from '../support/stack.ts';
import { quietRuntime } from '../support/temporal.ts';
import { startCloud, startSilence, startTerminator, type Terminator } from '../support/tls-terminator.ts';

const API_KEY = 'temporal-api-key-of-tests-b7e1';
const runtime = quietRuntime();
const certificates: Certificates = makeCertificates();
const { ca, otherCa, server, named, expired, client, expiredClient, stranger, lockedKey, folder } = certificates;
const terminators = new Map<string, Terminator>();
let cloud: Awaited<ReturnType<typeof startCloud>>;
let closedPort: number;
const web = createServer((_request, response) => response.end('hello'));

beforeAll(async () => {
  const mutual = { requestCert: true, rejectUnauthorized: true, ca: ca.cert };
  const start = async (name: string, starting: Promise<Terminator>) => void terminators.set(name, await starting);
  await start('plain', startTerminator(temporalAddress(), server));
  await start('named', startTerminator(temporalAddress(), named));
  await start('expired', startTerminator(temporalAddress(), expired));
  await start('mutual', startTerminator(temporalAddress(), { ...server, ...mutual }));
  await start('mutual of TLS 1.2', startTerminator(temporalAddress(), { ...server, ...mutual, maxVersion: 'TLSv1.2' }));
  await start('on IPv6', startTerminator(temporalAddress(), server, '::1'));
  await start('silent', startSilence());
  cloud = await startCloud(temporalAddress(), { ...server, api_key: API_KEY });
  closedPort = await freePort();
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const { close } of terminators.values()) await close();
  await cloud.close();
  await new Promise((resolve) => web.close(resolve));
  certificates.remove();
  await runtime.close();
});

const at = (name: string): string => {
  if (name === 'closed') return `127.0.0.1:${closedPort}`;
  if (name === 'web') return `127.0.0.1:${(web.address() as AddressInfo).port}`;
  if (name === 'cloud') return cloud.address;
  if (name === 'Temporal itself') return temporalAddress();
  return terminators.get(name)?.address ?? name;
};

const CA = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca.cert_path };
const CLIENT = { TEMPORAL_TLS_CLIENT_CERT_PATH: client.cert_path, TEMPORAL_TLS_CLIENT_KEY_PATH: client.key_path };
const STRANGER = { TEMPORAL_TLS_CLIENT_CERT_PATH: stranger.cert_path, TEMPORAL_TLS_CLIENT_KEY_PATH: stranger.key_path };

/** Opens both clients with the settings, as the worker and the doctor do, and asks each for the namespace. */
async function reach(name: string, settings: NodeJS.ProcessEnv): Promise<void> {
  const config = requireConfig({ TEMPORAL_ADDRESS: at(name), ...settings });
  const { temporal_namespace: namespace } = config;
  const place = await temporalConnection(config);
  await assertReachable(place);
  const opened: (Connection | NativeConnection)[] = [];
  try {
    opened.push(await Connection.connect(place), await NativeConnection.connect(place));
    for (const connection of opened) await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    throw await temporalFault(error, { ...place, namespace });
  } finally {
    for (const connection of opened) await connection.close();
  }
}

describe('both clients reach it', () => {
  test.each<readonly [string, string, NodeJS.ProcessEnv]>([
    ['a private CA by file', 'plain', CA],
    ['a private CA as text', 'plain', { TEMPORAL_TLS_SERVER_CA_CERT_DATA: ca.cert }],
    ['a private CA among others', 'plain', { TEMPORAL_TLS_SERVER_CA_CERT_DATA: `${otherCa.cert}\n${ca.cert}` }],
    ['TLS that is also switched on', 'plain', { ...CA, TEMPORAL_TLS: 'true' }],
    ['a certificate of another name', 'named', { ...CA, TEMPORAL_TLS_SERVER_NAME: 'temporal.test' }],
    ['a client certificate by file', 'mutual', { ...CA, ...CLIENT }],
    [
      'a client certificate as text',
      'mutual',
      { ...CA, TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert, TEMPORAL_TLS_CLIENT_KEY_DATA: client.key },
    ],
    ['a client certificate in TLS 1.2', 'mutual of TLS 1.2', { ...CA, ...CLIENT }],
    ['an address of IPv6, by the name in its certificate', 'on IPv6', { ...CA, TEMPORAL_TLS_SERVER_NAME: 'localhost' }],
    ['an API key', 'cloud', { ...CA, TEMPORAL_API_KEY: API_KEY }],
    ['no TLS', 'Temporal itself', {}],
    ['TLS that is switched off', 'Temporal itself', { TEMPORAL_TLS: 'false' }],
    ['verification that is not disabled', 'plain', { ...CA, TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'false' }],
  ])('%s', async (_what, name, settings) => {
    await expect(reach(name, settings)).resolves.toBeUndefined();
  });

  test('an API key goes with each call of both, and never without TLS', async () => {
    await reach('cloud', { ...CA, TEMPORAL_API_KEY: API_KEY });
    expect([...cloud.seen]).toContain(`Bearer ${API_KEY}`);
    const place = await temporalConnection(requireConfig({ TEMPORAL_ADDRESS: at('cloud'), TEMPORAL_API_KEY: API_KEY }));
    expect(place).toMatchObject({ apiKey: API_KEY, tls: { serverRootCACertificate: expect.anything() } });
  });
});

type Fault = readonly [what: string, name: string, settings: NodeJS.ProcessEnv, reason: RegExp, remedy: string];

const faults: readonly Fault[] = [
  ['nothing listens', 'closed', {}, /no Temporal answers .*ECONNREFUSED/, 'TEMPORAL_ADDRESS'],
  ['nothing listens, with TLS', 'closed', CA, /no Temporal answers .*ECONNREFUSED/, 'TEMPORAL_ADDRESS'],
  ['a name that is not there', 'temporal.invalid:7233', CA, /temporal\.invalid is not known/, 'TEMPORAL_ADDRESS'],
  ['silence', 'silent', {}, /says nothing for 5 s/, 'TEMPORAL_ADDRESS'],
  ['silence, with TLS', 'silent', CA, /says nothing for 5 s/, 'TEMPORAL_ADDRESS'],
  [
    'a wrong CA',
    'plain',
    { TEMPORAL_TLS_SERVER_CA_CERT_PATH: otherCa.cert_path },
    /CA that is not trusted/,
    'SERVER_CA_CERT',
  ],
  ['no CA', 'plain', { TEMPORAL_TLS: 'true' }, /CA that is not trusted/, 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'],
  ['a wrong name', 'named', CA, /for another name: .*temporal\.test/, 'TEMPORAL_TLS_SERVER_NAME'],
  [
    'a server name that is wrong',
    'plain',
    { ...CA, TEMPORAL_TLS_SERVER_NAME: 'other.test' },
    /another name/,
    'SERVER_NAME',
  ],
  ['an expired certificate', 'expired', CA, /has expired/, 'renewed'],
  ['no client certificate', 'mutual', CA, /ends TLS without a client certificate/, 'TEMPORAL_TLS_CLIENT_CERT_PATH'],
  ['none in TLS 1.2', 'mutual of TLS 1.2', CA, /ends TLS without a client certificate/, 'TEMPORAL_TLS_CLIENT_KEY_PATH'],
  ['a client of strangers', 'mutual', { ...CA, ...STRANGER }, /ends TLS at our client certificate/, 'CLIENT_CERT_PATH'],
  ['a plain client on a TLS port', 'plain', {}, /speaks TLS, and TEMPORAL_TLS is not on/, 'set TEMPORAL_TLS=true'],
  ['a TLS client on a plain port', 'Temporal itself', CA, /speaks no TLS/, 'unset TEMPORAL_TLS'],
  ['a web server', 'web', {}, /is no Temporal/, 'correct TEMPORAL_ADDRESS'],
  ['a web server, with TLS', 'web', CA, /is no Temporal/, 'correct TEMPORAL_ADDRESS'],
  [
    'a wrong API key',
    'cloud',
    { ...CA, TEMPORAL_API_KEY: 'of-somebody-else' },
    /does not let us in/,
    'TEMPORAL_API_KEY',
  ],
  ['no API key', 'cloud', CA, /does not let us in/, 'set TEMPORAL_API_KEY'],
  [
    'a namespace that is not there',
    'plain',
    { ...CA, TEMPORAL_NAMESPACE: 'nowhere' },
    /no namespace nowhere/,
    'NAMESPACE',
  ],
  [
    'a CA file that is not there',
    'plain',
    { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere.pem' },
    /\(ENOENT\)/,
    'CA_CERT_PATH',
  ],
  [
    'a CA file without a CA',
    'plain',
    { TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca.key_path },
    /no certificate in PEM/,
    'CA_CERT',
  ],
  [
    'a key of another certificate',
    'mutual',
    { ...CA, ...CLIENT, TEMPORAL_TLS_CLIENT_KEY_PATH: stranger.key_path },
    /is not that of the certificate/,
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
  ],
  [
    'a key with a passphrase',
    'mutual',
    { ...CA, ...CLIENT, TEMPORAL_TLS_CLIENT_KEY_PATH: lockedKey },
    /with a passphrase/,
    'TEMPORAL_TLS_CLIENT_KEY_PATH',
  ],
  [
    'a client certificate that ended',
    'mutual',
    {
      ...CA,
      TEMPORAL_TLS_CLIENT_CERT_PATH: expiredClient.cert_path,
      TEMPORAL_TLS_CLIENT_KEY_PATH: expiredClient.key_path,
    },
    /ended at 20/,
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
  ],
];

describe('each fault is told apart from the others, with the setting to look at and nothing secret', () => {
  test.each(faults)('%s', async (_what, name, settings, reason, remedy) => {
    const fault = (await reach(name, settings).catch((error: unknown) => error)) as PlacetError;
    expect(fault).toMatchObject({ code: 'unavailable', details: { dependency: 'temporal' } });
    expect(fault.details['reason']).toMatch(reason);
    expect(fault.details['remedy']).toContain(remedy);
    const text = JSON.stringify(fault.details) + String(fault.cause);
    for (const secret of [API_KEY, 'of-somebody-else', 'PRIVATE KEY', ...client.key.split('\n').slice(1, -2)])
      expect(text).not.toContain(secret);
  });

  test('a CA file with a broken certificate is refused before it is used', async () => {
    const path = join(folder, 'broken.pem');
    writeFileSync(path, ca.cert.replace(/[A-Za-z]{8}/, 'AAAAAAAA'));
    await expect(reach('plain', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: path })).rejects.toMatchObject({
      details: { remedy: 'correct TEMPORAL_TLS_SERVER_CA_CERT_PATH' },
    });
  });
});
