// The product on a Temporal as its Cloud is reached: TLS with a private CA, a client certificate and an API key at once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD } from '@placet/playground';
import { runDoctor } from '../process/support.ts';
import { makeCertificates } from '../support/certificates.ts';
import { coatsOf } from '../support/leaks.ts';
import { runProgram } from '../support/processes.ts';
import { type SpawnedProduct, spawnProduct } from '../support/product.ts';
import { temporalAddress } from '../support/stack.ts';
import { startCloud } from '../support/tls-terminator.ts';
import { ask } from './ask.ts';

const API_KEY = 'temporal-api-key-of-the-product-40c7';
const certificates = makeCertificates();
const { ca, server, client } = certificates;
const settings = {
  TEMPORAL_API_KEY: API_KEY,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca.cert_path,
  TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert,
  TEMPORAL_TLS_CLIENT_KEY_DATA: client.key,
};

let cloud: Awaited<ReturnType<typeof startCloud>>;
let product: SpawnedProduct;
beforeAll(async () => {
  const mutual = { requestCert: true, rejectUnauthorized: true, ca: ca.cert };
  cloud = await startCloud(temporalAddress(), { ...server, ...mutual, api_key: API_KEY });
  product = await spawnProduct({ temporalAddress: cloud.address, environmentOf: () => settings, logLevel: 'debug' });
});
afterAll(async () => {
  await product.close();
  await cloud.close();
  certificates.remove();
});

const doctorSettings = () => {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, ...product.environment, ...settings };
};

test('an approval goes all its way, and neither the API key nor the private key is in any line', async () => {
  const request = await ask(product);
  await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, request));
  await approver.cardOf(product, request, { says: 'Approved by Finance Lead', buttons: [] });
  expect([...cloud.seen]).toEqual([`Bearer ${API_KEY}`]);
  const { out, err } = await runProgram(['doctor', '--json'], doctorSettings());
  const lines = product.logged.join('\n') + out + err;
  for (const secret of [API_KEY, ...client.key.split('\n').slice(1, -2)])
    for (const coat of coatsOf(secret)) expect(lines).not.toContain(coat);
});

test.each([
  ['all is well', {}, true, 'over TLS, namespace default', null],
  ['no key', { TEMPORAL_API_KEY: '' }, false, 'does not let us into namespace', 'set TEMPORAL_API_KEY'],
  [
    'another key',
    { TEMPORAL_API_KEY: 'of-somebody-else' },
    false,
    'does not let us into namespace',
    'TEMPORAL_API_KEY',
  ],
  ['no CA', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '' }, false, 'a CA that is not trusted', 'SERVER_CA_CERT_PATH'],
  [
    'no client certificate',
    { TEMPORAL_TLS_CLIENT_CERT_DATA: '', TEMPORAL_TLS_CLIENT_KEY_DATA: '' },
    false,
    'ends TLS without a client certificate',
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
  ],
  [
    'a refusal',
    { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    false,
    'no Temporal answers at 127.0.0.1:1 (ECONNREFUSED)',
    'start',
  ],
] as const)('the doctor tells it apart: %s', async (_what, changes, ok, detail, remedy) => {
  const found = await runDoctor({ ...doctorSettings(), ...changes });
  expect(found.get('Temporal')).toMatchObject({
    ok,
    detail: expect.stringContaining(detail),
    remedy: remedy === null ? null : expect.stringContaining(remedy),
  });
});
