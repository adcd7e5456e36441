// How PostgreSQL is reached over TLS: every sslmode does what PostgreSQL's manual says of it, and each fault is told as
// what it is.
import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chooseUser } from '../../dev/postgres-user.ts';
import { reachOf, tlsFault, withConnection } from '../../src/db/connect.ts';
import { openDatabase } from '../../src/db/database.ts';
import { openListener } from '../../src/db/listen.ts';
import type { PlacetError } from '../../src/domain/errors.ts';
import { readConfig } from '../../src/process/config.ts';
import { databaseFault } from '../../src/process/faults.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { TENANT } from '../support/database.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { superuserUrl } from '../support/stack.ts';
import { until } from '../support/wait.ts';

/** A login that must show a certificate, beside its password. */
const STRICT = 'strict_app';
/** A login that may come with TLS alone. */
const SECRET = 'secret_app';

let files: Certificates;
let server: OwnServer;
let silent: Server;
beforeAll(async () => {
  files = makeCertificates();
  writeFileSync(at('garbage'), 'not a certificate');
  // PostgreSQL runs as another user than root, and wants its keys to be its own.
  chmodSync(files.folder, 0o755);
  const user = chooseUser(at('data'));
  for (const name of ['server', 'expired']) {
    copyFileSync(at(`${name}.key`), at(`${name}.own`));
    chmodSync(at(`${name}.own`), 0o600);
    if (user !== undefined) chownSync(at(`${name}.own`), user.uid, user.gid);
  }
  const lines = [
    `hostssl all ${STRICT} all scram-sha-256 clientcert=verify-ca`,
    `hostssl all ${SECRET} all scram-sha-256`,
    `hostnossl all ${STRICT},${SECRET} all reject`,
    'host all all all scram-sha-256',
  ];
  writeFileSync(at('hba.conf'), `${lines.join('\n')}\n`);
  // By the second address it is reached under a name that its certificate has not.
  const listen = 'listen_addresses=127.0.0.1,127.0.0.2';
  server = await startOwnServer([
    'fsync=off',
    'ssl=on',
    listen,
    `hba_file=${at('hba.conf')}`,
    `ssl_ca_file=${at('ca.pem')}`,
    ...shows('server'),
  ]);
  const logins = [STRICT, SECRET].map((name) => `create role ${name} login password 'own' in role placet_app`);
  await server.asAdmin(...logins);
  silent = createServer().listen(0, '127.0.0.1');
});
afterAll(async () => {
  silent.close();
  files.remove();
  await server.remove();
});

const at = (name: string) => join(files.folder, name);
const shows = (name: string) => [`ssl_cert_file=${at(`${name}.pem`)}`, `ssl_key_file=${at(`${name}.own`)}`];

type Words = Readonly<Record<string, string>>;
type Where = { readonly host?: string; readonly login?: string; readonly password?: string };

/** The application's URL with words on TLS; names of files stand for the files. */
function urlWith(words: Words, { host = 'localhost', login, password }: Where = {}): string {
  const url = new URL(server.database.app_url);
  url.hostname = host;
  if (login !== undefined) url.username = login;
  if (password !== undefined) url.password = password;
  for (const [name, value] of Object.entries(words)) {
    const isFile = /^ssl(rootcert|cert|key)$/.test(name) && value !== 'system';
    url.searchParams.set(name, isFile ? at(value) : value);
  }
  return url.href;
}

/** Whether the connection is encrypted, or what is told to people. */
async function reach(
  url: string,
): Promise<{ readonly ssl: boolean } | { readonly reason: unknown; readonly remedy: unknown }> {
  const look = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
  try {
    const { rows } = await withConnection(url, 'test', (client) => client.query<{ ssl: boolean }>(look));
    return { ssl: rows[0]?.ssl === true };
  } catch (error) {
    const { details } = databaseFault(error, 'DATABASE_URL') as PlacetError;
    return { reason: details['reason'], remedy: details['remedy'] };
  }
}

const CLEAR = { ssl: false };
const TLS = { ssl: true };
const help = (remedy: RegExp) => ({ reason: expect.any(String), remedy: expect.stringMatching(remedy) });
const NAME_CA = help(/^name the CA .* sslrootcert of DATABASE_URL/);
const NAME_SERVER = help(/name the server as its certificate does/);
const OWN = help(/^name a certificate and key/);
const MY = { sslcert: 'client.pem', sslkey: 'client.key' };

const cases: readonly (readonly [what: string, words: Words, where: Where, outcome: object])[] = [
  ['nothing is said', {}, {}, CLEAR],
  ['disable', { sslmode: 'disable' }, {}, CLEAR],
  ['disable, with a CA', { sslmode: 'disable', sslrootcert: 'ca.pem' }, {}, CLEAR],
  ['require', { sslmode: 'require' }, {}, TLS],
  ['require, by an address that the certificate has not', { sslmode: 'require' }, { host: '127.0.0.2' }, TLS],
  ['require, with the CA', { sslmode: 'require', sslrootcert: 'ca.pem' }, { host: '127.0.0.2' }, TLS],
  ['require, with the CA of others', { sslmode: 'require', sslrootcert: 'other-ca.pem' }, {}, NAME_CA],
  ['verify-ca', { sslmode: 'verify-ca', sslrootcert: 'ca.pem' }, {}, TLS],
  ['verify-ca, by another address', { sslmode: 'verify-ca', sslrootcert: 'ca.pem' }, { host: '127.0.0.2' }, TLS],
  ['verify-ca without its CA', { sslmode: 'verify-ca' }, {}, NAME_CA],
  ['verify-ca, with the CA of others', { sslmode: 'verify-ca', sslrootcert: 'other-ca.pem' }, {}, NAME_CA],
  ['verify-full', { sslmode: 'verify-full', sslrootcert: 'ca.pem' }, {}, TLS],
  [
    'verify-full, by another address',
    { sslmode: 'verify-full', sslrootcert: 'ca.pem' },
    { host: '127.0.0.2' },
    NAME_SERVER,
  ],
  ['verify-full without its CA', { sslmode: 'verify-full' }, {}, NAME_CA],
  ['verify-full, with the CAs of the system', { sslmode: 'verify-full', sslrootcert: 'system' }, {}, NAME_CA],
  ['a CA alone', { sslrootcert: 'ca.pem' }, {}, TLS],
  ['no-verify, as pg says it', { sslmode: 'no-verify' }, { host: '127.0.0.2' }, TLS],
  ['ssl=true, as pg says it', { ssl: 'true', sslrootcert: 'ca.pem' }, {}, TLS],
  ['ssl=true without its CA', { ssl: 'true' }, {}, NAME_CA],
  ['TLS from the first byte', { sslmode: 'verify-full', sslrootcert: 'ca.pem', sslnegotiation: 'direct' }, {}, TLS],
  ['a CA that is not there', { sslmode: 'verify-full', sslrootcert: 'nowhere.pem' }, {}, help(/in sslrootcert$/)],
  ['a CA that is none', { sslmode: 'verify-full', sslrootcert: 'garbage' }, {}, help(/PEM file .* in sslrootcert$/)],
  ['a login with its certificate', { sslmode: 'require', ...MY }, { login: STRICT }, TLS],
  ['verify-full both ways', { sslmode: 'verify-full', sslrootcert: 'ca.pem', ...MY }, { login: STRICT }, TLS],
  [
    'a key with a password',
    { sslmode: 'require', ...MY, sslkey: 'locked.key', sslpassword: 'of-tests' },
    { login: STRICT },
    TLS,
  ],
  [
    'a key whose password is missing',
    { sslmode: 'require', ...MY, sslkey: 'locked.key' },
    { login: STRICT },
    help(/sslpassword/),
  ],
  ['a key of another certificate', { sslmode: 'require', ...MY, sslkey: 'stranger.key' }, { login: STRICT }, OWN],
  ['a login without its certificate', { sslmode: 'require' }, { login: STRICT }, OWN],
  [
    'a certificate of strangers',
    { sslmode: 'require', sslcert: 'stranger.pem', sslkey: 'stranger.key' },
    { login: STRICT },
    OWN,
  ],
  ['a login that needs TLS, in clear', {}, { login: SECRET }, help(/sslmode=verify-full/)],
  ['a wrong password, over TLS', { sslmode: 'require' }, { password: 'wrong' }, help(/the login and the password/)],
  ['a wrong password, in clear', {}, { password: 'wrong' }, help(/the login and the password/)],
];

describe('sslmode', () => {
  test.each(cases)('%s', async (_what, words, where, outcome) => {
    expect(tlsFault(urlWith(words, where))).toBeNull();
    expect(await reach(urlWith(words, where))).toEqual(outcome);
  });

  test('the pool and the listener go the same way', async () => {
    const url = urlWith({ sslmode: 'verify-full', sslrootcert: 'ca.pem' });
    const pool = openDatabase({ url, max: 2, application_name: 'test', onError: () => undefined });
    const look = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
    expect((await pool.transact(TENANT, (tx) => tx.query(look))).rows).toEqual([{ ssl: true }]);
    const listener = openListener({ url, onError: () => undefined });
    await until(() => listener.isConnected());
    await Promise.all([listener.close(), pool.close()]);
  });

  test('a certificate that is over is told as that, and the CA is not blamed', async () => {
    await server.start(shows('expired'));
    const words = { sslmode: 'verify-full', sslrootcert: 'ca.pem' };
    expect(await reach(urlWith(words))).toEqual(help(/^renew the server's certificate/));
    expect(await reach(urlWith({ sslmode: 'require' }))).toEqual(TLS);
  });
});

test('a server without TLS, one that is silent and one that is not there are told apart', async () => {
  const plain = Object.assign(new URL(superuserUrl()), { search: '?sslmode=require' }).href;
  expect(await reach(plain)).toEqual(help(/^let PostgreSQL have TLS/));
  const { port } = silent.address() as AddressInfo;
  const to = (host: string) => `postgres://somebody:secret@${host}/placet?sslmode=require`;
  expect(await reach(to(`127.0.0.1:${port}`))).toEqual(help(/^nothing answers there/));
  expect(await reach(to('127.0.0.1:1'))).toEqual(help(/^start PostgreSQL, or correct the host and port/));
});

describe('the settings', () => {
  const base = 'postgres://app:secret@db.example.com/placet';
  test.each([
    ['sslmode=prefer', /sslmode=prefer, which promises no TLS/],
    ['sslmode=allow', /sslmode=allow, which promises no TLS/],
    ['sslmode=on', /none of disable, require/],
    ['sslmode=verify-ca&sslrootcert=system', /needs sslmode=verify-full/],
    ['sslmode=require&sslcert=a.crt', /sslcert and sslkey together/],
    ['sslmode=verify-full&sslcrl=a.crl', /sslcrl, which is not supported/],
  ])('%s is refused at the start, by the name of the variable and without its value', (words, fault) => {
    const result = readConfig({ DATABASE_URL: `${base}?${words}` });
    expect(result).toEqual({ kind: 'invalid', faults: [expect.stringMatching(fault)] });
    expect(JSON.stringify(result)).toMatch(/DATABASE_URL/);
    expect(JSON.stringify(result)).not.toMatch(/secret|example/);
  });

  test.each([
    [{ PGSSLMODE: 'verify-full' }, base, 'sslmode=verify-full'],
    [
      { PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/etc/ca.pem' },
      base,
      'sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem',
    ],
    [{ PGSSLROOTCERT: '/etc/ca.pem' }, `${base}?sslmode=verify-ca`, 'sslmode=verify-ca&sslrootcert=%2Fetc%2Fca.pem'],
    [{ PGSSLMODE: 'verify-full' }, `${base}?sslmode=disable`, 'sslmode=disable'],
    [{ PGSSLROOTCERT: '/etc/ca.pem' }, `${base}?sslmode=disable`, 'sslmode=disable'],
    [
      { PGSSLCERT: '/a.crt', PGSSLKEY: '/a.key' },
      `${base}?sslmode=require`,
      'sslmode=require&sslcert=%2Fa.crt&sslkey=%2Fa.key',
    ],
  ])('%j is read for a URL that does not say it', (environment, url, words) => {
    const result = readConfig({ ...environment, DATABASE_URL: url });
    expect(result).toMatchObject({ kind: 'valid', config: { database_url: `${base}?${words}` } });
  });

  test('nothing on TLS is left in the URL for pg to read by its own lights, and a socket file has none', () => {
    expect(reachOf(`${base}?sslmode=require&uselibpqcompat=true&options=-c%20a%3Db`)).toEqual({
      connectionString: `${base}?options=-c+a%3Db`,
      ssl: { rejectUnauthorized: false },
    });
    expect(reachOf('postgres://app@localhost/placet?host=/run/postgresql&sslmode=require').ssl).toBe(false);
  });
});
