// The settings of Temporal and the variables that are none: what is taken, what is refused, and in which words.
import { describe, expect, test } from '@jest/globals';
import { readConfig, requireConfig } from '../../src/process/config.ts';

function faults(environment: NodeJS.ProcessEnv): readonly string[] {
  const result = readConfig(environment);
  return result.kind === 'invalid' ? result.faults : [];
}

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const at = { TEMPORAL_ADDRESS: 'temporal.example:7233' };

test.each([
  'temporal.example:7233',
  'localhost:7233',
  '127.0.0.1:1',
  '[::1]:7233',
  '[2001:db8::7]:65535',
  '[::ffff:10.0.0.7]:7233',
  'my-namespace.a1b2c.tmprl.cloud:7233',
  'temporal_frontend:7233',
])('an address is taken: %s', (TEMPORAL_ADDRESS) => {
  expect(requireConfig({ TEMPORAL_ADDRESS }).temporal_address).toBe(TEMPORAL_ADDRESS);
});

test.each([
  ['an address of IPv6 without brackets', '::1:7233', '[::1]:7233'],
  ['a host without a port', 'temporal.example', 'host:7233'],
  ['brackets without a port', '[::1]', 'host:7233'],
  ['a URL', 'https://temporal.example:7233', 'host:7233'],
  ['a port that cannot be', 'temporal.example:65536', '1 to 65535'],
  ['port 0', 'temporal.example:0', '1 to 65535'],
  ['what is no address of IPv6', '[:::1]:7233', '1 to 65535'],
  ['a login', 'me@temporal.example:7233', 'host:7233'],
])('an address is refused: %s', (_what, TEMPORAL_ADDRESS, words) => {
  expect(faults({ TEMPORAL_ADDRESS })).toEqual([expect.stringContaining(words)]);
});

describe('what cannot be meant is refused', () => {
  test.each<readonly [string, NodeJS.ProcessEnv, string]>([
    ['a client certificate without its key', { ...at, TEMPORAL_TLS_CLIENT_CERT_PATH: '/c.pem' }, 'need each other'],
    ['a key without its certificate', { ...at, TEMPORAL_TLS_CLIENT_KEY_PATH: '/c.key' }, 'need each other'],
    [
      'a CA twice',
      { ...at, TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/ca.pem', TEMPORAL_TLS_SERVER_CA_CERT_DATA: PEM },
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_SERVER_CA_CERT_DATA are the same thing',
    ],
    ['details of a TLS that is off', { ...at, TEMPORAL_TLS: 'false', TEMPORAL_TLS_SERVER_NAME: 'a' }, 'has any effect'],
    ['an API key for everybody to read', { ...at, TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: 'key' }, 'needs TLS'],
    ['an API key for nobody', { TEMPORAL_API_KEY: 'key' }, 'TEMPORAL_ADDRESS is needed'],
    ['TLS to nobody', { TEMPORAL_TLS: 'true' }, 'TEMPORAL_ADDRESS is needed'],
    ['neither yes nor no', { ...at, TEMPORAL_TLS: 'maybe' }, 'TEMPORAL_TLS must be true or false'],
    ['a PEM of one line', { ...at, TEMPORAL_TLS_SERVER_CA_CERT_DATA: PEM.replaceAll('\n', '\\n') }, 'its line breaks'],
    ['a file as text', { ...at, TEMPORAL_TLS_SERVER_CA_CERT_DATA: '/ca.pem' }, 'name its file: …_PATH'],
    ['no verification', { ...at, TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' }, 'TEMPORAL_TLS_SERVER_NAME'],
    ['IPv6 over TLS without a name', { TEMPORAL_ADDRESS: '[::1]:7233', TEMPORAL_TLS: 'true' }, 'SERVER_NAME'],
    ['a key of two words', { ...at, TEMPORAL_API_KEY: 'Bearer key' }, 'without spaces'],
  ])('%s', (_what, environment, words) => {
    expect(faults(environment)).toEqual([expect.stringContaining(words)]);
  });

  test('to this machine an API key may go without TLS', () => {
    expect(faults({ TEMPORAL_ADDRESS: '[::1]:7233', TEMPORAL_TLS: '0', TEMPORAL_API_KEY: 'key' })).toEqual([]);
  });
});

describe('a variable that looks like a setting and is none is named', () => {
  test.each([
    ['TEMPORAL_ADRESS', 'is not a setting'],
    ['TEMPORAL_TLS_CLIENT_CERT', 'is not a setting'],
    ['TEMPORAL_WORKER_COUNT', 'is not a setting'],
    ['TEMPORAL_TLS_CERT', 'is called TEMPORAL_TLS_CLIENT_CERT_PATH here'],
    ['TEMPORAL_TLS_CA_DATA', 'is called TEMPORAL_TLS_SERVER_CA_CERT_DATA here'],
    ['TEMPORAL_CLI_ADDRESS', 'is called TEMPORAL_ADDRESS here'],
    ['TEMPORAL_PROFILE', "is for Temporal's own tools"],
    ['TEMPORAL_CONFIG_FILE', "is for Temporal's own tools"],
    ['TEMPORAL_GRPC_META_X_ROUTE', "is for Temporal's own tools"],
    ['TEMPORAL_CODEC_ENDPOINT', "is for Temporal's own tools"],
    ['PLACET_PROT', 'is not a setting'],
    ['PLACET_METRIC_PORT', 'is not a setting'],
  ])('%s', (name, words) => {
    expect(faults({ ...at, [name]: '9090' })).toEqual([expect.stringContaining(`${name} ${words}`)]);
  });
});

describe('what Kubernetes sets for a Service is nobody’s setting', () => {
  test.each([
    ['TEMPORAL_SERVICE_HOST', '10.0.0.7'],
    ['TEMPORAL_FRONTEND_SERVICE_PORT_GRPC', '7233'],
    ['TEMPORAL_PORT', 'tcp://10.0.0.7:7233'],
    ['TEMPORAL_PORT_7233_TCP_ADDR', '10.0.0.7'],
    ['PLACET_API_SERVICE_HOST', '10.0.0.8'],
    ['PLACET_API_PORT_8420_TCP', 'tcp://10.0.0.8:8420'],
  ])('%s', (name, value) => {
    expect(faults({ ...at, [name]: value })).toEqual([]);
  });

  test('one that falls on a setting of ours is told with what to do', () => {
    expect(faults({ PLACET_PORT: 'tcp://10.0.0.8:8420' })).toEqual([expect.stringContaining('enableServiceLinks')]);
  });
});
