// The product on IPv6 and behind a path prefix: everything that others are told leads back to it.

import { once } from 'node:events';
import { createServer, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD } from '@placet/playground';
import { createPlacet, verifyCredential } from '@placet/sdk';
import { freePort } from '../../dev/ports.ts';
import { openApiAt } from '../http/open-api.ts';
import { type SpawnedProduct, spawnProduct } from '../support/product.ts';
import { superuserUrl, temporalAddress } from '../support/stack.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { ask } from './ask.ts';

const AUDIENCE = 'https://orders.example';

/** Approves a request of the agent and checks its credential with nothing but the issuer's URL. */
async function approveAndVerify(product: SpawnedProduct, issuer: string): Promise<void> {
  const agent = createPlacet({ url: issuer, apiKey: product.agent.key });
  const request = await ask({ agent: { ...product.agent, ...agent } });
  await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, request));
  await approver.cardOf(product, request, { says: 'Approved by Finance Lead' });
  const { credential } = await agent.claim(request.id);
  const keys = `${issuer}/.well-known/jwks.json`;
  await expect(
    verifyCredential(credential.token, { issuer, audience: AUDIENCE, keys, action: request.digest }),
  ).resolves.toMatchObject({
    iss: issuer,
  });
}

const serversOf = async (url: string) => (await openApiAt(url)).servers;

describe('on IPv6 alone', () => {
  let proxies: readonly TcpProxy[];
  let product: SpawnedProduct;
  let issuer: string;
  beforeAll(async () => {
    const postgres = await startTcpProxy(new URL(superuserUrl()).host, '::1');
    const temporal = await startTcpProxy(temporalAddress(), '::1');
    proxies = [postgres, temporal];
    const port = await freePort();
    issuer = `http://[::1]:${port}`;
    product = await spawnProduct({
      temporalAddress: temporal.address,
      environmentOf: (_role, { DATABASE_URL = '' }) => ({
        DATABASE_URL: Object.assign(new URL(DATABASE_URL), { host: postgres.address }).href,
        PLACET_HOST: '::1',
        PLACET_PORT: String(port),
      }),
    });
  });
  afterAll(async () => {
    await product.close();
    for (const { close } of proxies) await close();
  });

  test('PostgreSQL, Temporal and the API are reached in brackets, and the issuer is the address', async () => {
    await approveAndVerify(product, issuer);
    expect(await serversOf(issuer)).toEqual([{ url: issuer }]);
  });
});

describe('on every address, behind a proxy that takes off a path', () => {
  const PREFIX = '/tools/placet';
  let product: SpawnedProduct;
  let proxy: Server;
  let origin: string;
  let targets: { api: string; slack: string };
  beforeAll(async () => {
    proxy = createServer((incoming, outgoing) => {
      const path = (incoming.url ?? '').slice(PREFIX.length);
      const target = new URL(path.startsWith('/slack/') ? targets.slack : targets.api);
      const { method, headers } = incoming;
      const call = send({ host: target.hostname, port: target.port, path, method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      call.on('error', () => outgoing.destroy());
      incoming.pipe(call);
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${PREFIX}`;
    product = await spawnProduct({
      isSignedHttp: true,
      environmentOf: () => ({ PLACET_HOST: 'localhost', PLACET_PUBLIC_URL: origin }),
    });
    targets = { api: product.apiUrl, slack: product.eventsUrl };
    await product.slack.settings({ events_url: `${origin}/slack/events` });
  });
  afterAll(async () => {
    await product.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  test('the issuer, the keys, the description of the API and the URL for Slack carry the path', async () => {
    await approveAndVerify(product, origin);
    expect(await serversOf(origin)).toEqual([{ url: origin }]);
    expect((await product.slack.deliveries()).map(({ via }) => via)).toContain('http');
  });

  test('localhost is both addresses of this machine, for the API and for Slack', async () => {
    for (const host of ['127.0.0.1', '[::1]']) {
      const api = Object.assign(new URL(`${product.apiUrl}/readyz`), { hostname: host });
      expect((await fetch(api)).status).toBe(200);
      const slack = Object.assign(new URL(product.eventsUrl), { hostname: host });
      expect((await fetch(slack, { method: 'POST' })).status).toBe(401);
    }
  });
});
