// Hosts in settings: what is taken, and what the issuer of credentials is then.
import { describe, expect, test } from '@jest/globals';
import { readConfig, requireConfig } from '../../src/process/config.ts';
import { isLoopback } from '../../src/process/host.ts';

const PUBLIC = { PLACET_PUBLIC_URL: 'https://placet.example' };

function faults(environment: NodeJS.ProcessEnv): readonly string[] {
  const result = readConfig(environment);
  return result.kind === 'invalid' ? result.faults : [];
}

test.each([
  ['127.0.0.1', '127.0.0.1', 'http://127.0.0.1:8420'],
  ['::1', '::1', 'http://[::1]:8420'],
  ['[::1]', '::1', 'http://[::1]:8420'],
  ['127.0.0.9', '127.0.0.9', 'http://127.0.0.9:8420'],
  ['::ffff:127.0.0.1', '::ffff:127.0.0.1', 'http://[::ffff:127.0.0.1]:8420'],
  ['localhost', 'localhost', 'http://127.0.0.1:8420'],
  ['LocalHost', 'localhost', 'http://127.0.0.1:8420'],
  ['::1%lo', '::1%lo', 'http://[::1]:8420'],
])('with PLACET_HOST=%s the API listens on %s and the issuer is %s', (PLACET_HOST, host, public_url) => {
  expect(requireConfig({ PLACET_HOST })).toMatchObject({ host, public_url });
});

test.each(['0.0.0.0', '::', '[::]', '10.0.0.7', '2001:db8::7', 'placet.internal'])(
  'a host that others reach needs an issuer: %s',
  (PLACET_HOST) => {
    expect(faults({ PLACET_HOST })).toEqual([expect.stringContaining('PLACET_PUBLIC_URL is needed')]);
    expect(faults({ PLACET_HOST, ...PUBLIC })).toEqual([]);
  },
);

test.each(['127.0.0.1:8420', '[::1]:8420', 'http://127.0.0.1', '1.2.3', 'a host', '*', '[127.0.0.1', '-a'])(
  'what is no host is refused: %s',
  (PLACET_HOST) => {
    expect(faults({ PLACET_HOST, ...PUBLIC })).toEqual([expect.stringContaining('PLACET_HOST must be an address')]);
  },
);

test.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['[::1]', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['LOCALHOST', true],
  ['0.0.0.0', false],
  ['::', false],
  ['localhost.example', false],
  ['128.0.0.1', false],
])('only this machine reaches %s: %s', (host, isOurs) => {
  expect(isLoopback(host)).toBe(isOurs);
});

describe('the public URL', () => {
  test.each([
    ['https://placet.example', 'https://placet.example'],
    ['https://placet.example/', 'https://placet.example'],
    ['https://tools.example/placet', 'https://tools.example/placet'],
    ['https://tools.example/a/b/', 'https://tools.example/a/b'],
    ['http://[::1]:8420', 'http://[::1]:8420'],
    ['http://localhost:8420/placet', 'http://localhost:8420/placet'],
    ['https://[2001:db8::7]/placet', 'https://[2001:db8::7]/placet'],
  ])('%s is taken as %s', (PLACET_PUBLIC_URL, public_url) => {
    expect(requireConfig({ PLACET_PUBLIC_URL }).public_url).toBe(public_url);
  });

  test.each([
    ['a query', 'https://placet.example/?a=1'],
    ['a fragment', 'https://placet.example/#a'],
    ['a login', 'https://me@placet.example'],
    ['another spelling of the host', 'https://PLACET.example'],
    ['another spelling of the path', 'https://placet.example/a/../b'],
    ['a port that goes without saying', 'https://placet.example:443'],
    ['an IPv6 host of others without TLS', 'http://[2001:db8::7]'],
    ['another spelling of an address', 'http://[0:0:0:0:0:0:0:1]:8420'],
  ])('%s is refused', (_what, PLACET_PUBLIC_URL) => {
    expect(faults({ PLACET_PUBLIC_URL })).toEqual([expect.stringContaining('PLACET_PUBLIC_URL must')]);
  });
});
