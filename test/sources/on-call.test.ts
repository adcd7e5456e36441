// Asking who is on call: over a sealed line, of no private host, no redirect, little and soon. Whatever fails is nobody.

import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mayAsk } from '../../src/sources/guarded-fetch.ts';
import { askOnCall, type OnCallDeps } from '../../src/sources/on-call.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';

const NOW = new Date('2026-06-01T08:30:00Z');
const EVENT =
  'BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260601T080000Z\r\nDTEND:20260601T090000Z\r\nATTENDEE:mailto:Ann@EXAMPLE.com\r\nEND:VEVENT';
const CALENDAR = `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${EVENT}\r\nEND:VCALENDAR`;

let certificates: Certificates;
let server: Server;
let port: number;
const heard: { readonly path: string; readonly authorization: string | undefined }[] = [];
const answers: Readonly<Record<string, RequestListener>> = {
  '/sre.ics': (_request, response) => void response.end(CALENDAR),
  '/emails': (_request, response) =>
    void response.end(JSON.stringify({ emails: ['ben@example.com', 'no address', 'ben@example.com'] })),
  '/nobody': (_request, response) => void response.end('{"emails": []}'),
  '/odd': (_request, response) => void response.end('{"emails": ["ann@example.com", 7]}'),
  '/moved': (_request, response) => void response.writeHead(302, { location: '/emails' }).end(),
  '/refused': (_request, response) => void response.writeHead(401).end('{"emails": ["ann@example.com"]}'),
  '/large': (_request, response) =>
    void response.end(JSON.stringify({ emails: ['a@example.com'], more: 'x'.repeat(300_000) })),
  '/silent': () => undefined,
  '/closed': (request) => void request.socket.destroy(),
  '/half': (request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"emails": ["ann@example.com"]}', () => request.socket.destroy());
  },
  '/other-protocol': (request) =>
    void request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'),
  '/ends-with-connection': (request) =>
    void request.socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"emails": ["ben@example.com"]}'),
};

beforeAll(async () => {
  certificates = makeCertificates();
  const { cert, key } = certificates.server;
  server = createServer({ cert, key }, (request, response) => {
    heard.push({ path: request.url ?? '', authorization: request.headers.authorization });
    answers[request.url ?? '']?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  certificates.remove();
});

const ask = (path: string, more: Partial<OnCallDeps> = {}, host = 'localhost') => {
  const format = path.endsWith('.ics') ? 'ical' : 'json';
  const deps = { private_hosts: ['localhost'], readSecret: async () => null, ca: certificates.ca.cert, ...more };
  return askOnCall(deps, { kind: 'on_call', format, url: `https://${host}:${port}${path}` }, NOW);
};

describe('what a source answers', () => {
  test('are the attendees of now, or the addresses that it lists, each once and in lower case', async () => {
    const calendar = await ask('/sre.ics');
    expect(calendar).toMatchObject({ members: ['ann@example.com'], fault: null, asked_at: NOW });
    expect(calendar.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await ask('/emails')).toMatchObject({ members: ['ben@example.com'], fault: null });
    expect(await ask('/ends-with-connection')).toMatchObject({ members: ['ben@example.com'], fault: null });
  });

  test('the secret of its host is shown to it alone, and one that cannot be opened asks nothing', async () => {
    const hosts: string[] = [];
    const readSecret = async (host: string) => {
      hosts.push(host);
      return 's3cret';
    };
    await ask('/emails', { readSecret });
    expect(heard.at(-1)).toEqual({ path: '/emails', authorization: 'Bearer s3cret' });
    expect(hosts).toEqual([`localhost:${port}`]);
    const before = heard.length;
    const broken = await ask('/emails', { readSecret: () => Promise.reject(new Error('another master key')) });
    expect(broken).toMatchObject({ members: [], fault: 'secret_unreadable' });
    expect(heard.length).toBe(before);
  });
});

describe('nobody is on call, and it is said why, when', () => {
  test.each([
    ['nobody is listed', '/nobody', 'nobody_on_call'],
    ['the answer is not what it should be', '/odd', 'answer_unreadable'],
    ['the answer lies elsewhere', '/moved', 'answer_redirects'],
    ['the question is refused', '/refused', 'answer_refused'],
    ['the answer is too large', '/large', 'answer_too_large'],
    ['no answer comes', '/silent', 'answer_late'],
    ['the connection is closed instead of an answer', '/closed', 'unreachable'],
    ['the connection is closed in the midst of the answer', '/half', 'unreachable'],
    ['the answer speaks another protocol', '/other-protocol', 'answer_refused'],
  ])('%s', async (_title, path, fault) => {
    expect(await ask(path)).toMatchObject({ members: [], fault });
  });

  test.each(['localhost', '127.0.0.1', '0x7f000001', '2130706433'])(
    'the host %s is private and not on the list of the operator; nothing is asked of it',
    async (host) => {
      const before = heard.length;
      expect(await ask('/emails', { private_hosts: ['other.example'] }, host)).toMatchObject({
        members: [],
        fault: 'host_private',
      });
      expect(heard.length).toBe(before);
    },
  );

  test('its certificate is of nobody whom we trust', async () => {
    expect(await ask('/emails', { ca: certificates.otherCa.cert })).toMatchObject({
      members: [],
      fault: 'unreachable',
    });
  });
});

test.each<[string, boolean, boolean]>([
  ['93.184.216.34', false, true],
  ['2606:2800:220:1::1', false, true],
  ['10.1.2.3', false, false],
  ['10.1.2.3', true, true],
  ['100.64.0.1', false, false],
  ['::1', false, false],
  ['::ffff:127.0.0.1', false, false],
  ['::ffff:93.184.216.34', false, true],
  ['fd12::1', false, false],
  ['169.254.169.254', false, false],
  ['169.254.169.254', true, false],
  ['::ffff:169.254.169.254', true, false],
  ['fe80::1', true, false],
  ['', true, false],
])('an address %s, listed %s, may be asked: %s', (address, isListed, may) => {
  expect(mayAsk(address, isListed)).toBe(may);
});
