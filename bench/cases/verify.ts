// (d) The SDK's verifier beside bare jose, on one credential as Placet issues it. No server is needed.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { actionDigest, type Jwks, verifyCredential } from '@placet/sdk';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { issueCredential } from '../../src/credentials/issue.ts';
import { generateSigningKey, openSigningKey } from '../../src/credentials/keyring.ts';
import { makeSecret } from '../../src/domain/secret.ts';
import { newId } from '../../src/process/wiring.ts';
import { type Finding, figure, ratio } from '../report.ts';
import type { Sizes } from '../sizes.ts';
import { inTurns, rateOf } from '../support/measure.ts';
import { CREDENTIAL, createQuestions, REQUIRED } from '../support/policy.ts';
import type { Servers } from '../support/servers.ts';

const ISSUER = 'https://placet.example';

/** Verifications a second, one after the other, with the keys as a document and behind a URL. */
export async function benchVerify(_servers: Servers, { runs, verifies }: Sizes): Promise<Finding> {
  const { token, jwks, action } = await issue();
  const keyServer = await serve(jwks);
  const url = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/jwks.json`;
  try {
    const checks = { issuer: ISSUER, audience: CREDENTIAL.audience, algorithms: ['EdDSA'], typ: 'at+jwt' };
    const local = createLocalJWKSet(jwks as unknown as JSONWebKeySet);
    const remote = createRemoteJWKSet(new URL(url));
    const ours = { issuer: ISSUER, audience: CREDENTIAL.audience };
    const each = (work: () => Promise<unknown>) => (share: number) => rateOf(verifies * share, 1, work);
    const found = await inTurns(runs, {
      document: each(() => verifyCredential(token, { ...ours, keys: jwks })),
      jose: each(() => jwtVerify(token, local, checks)),
      url: each(() => verifyCredential(token, { ...ours, keys: url })),
      joseUrl: each(() => jwtVerify(token, remote, checks)),
      action: each(() => verifyCredential(token, { ...ours, keys: url, action })),
    });
    return {
      title: `(d) verify, one at a time, ${verifies} a run`,
      figures: [
        figure('SDK, keys as a document', '/s', found.document),
        figure('jose, keys as a document', '/s', found.jose),
        ratio('of jose, keys as a document', found.document, found.jose, 'at least 0.9'),
        figure('SDK, keys behind a URL', '/s', found.url),
        figure('jose, keys behind a URL', '/s', found.joseUrl),
        ratio('of jose, keys behind a URL', found.url, found.joseUrl, 'at least 0.9'),
        figure('SDK, URL, with the action digested and compared', '/s', found.action),
      ],
      notes: [],
    };
  } finally {
    keyServer.close();
  }
}

async function issue(): Promise<{
  token: string;
  jwks: Jwks;
  action: ReturnType<ReturnType<typeof createQuestions>>;
}> {
  const master_key = makeSecret<Uint8Array>(randomBytes(32));
  const row = await generateSigningKey({ master_key, tenant_id: 'default' });
  const key = await openSigningKey({ master_key, tenant_id: 'default', row });
  const action = createQuestions(REQUIRED)();
  const digest = actionDigest(action);
  const id = newId('request');
  const now = new Date();
  const claim_expires_at = new Date(now.getTime() + 60_000);
  const issued = await issueCredential({
    key,
    issuer: ISSUER,
    now,
    lease_id: newId('lease'),
    request: { ...action, id, agent_id: newId('agent'), digest },
    subject_person_id: null,
    grant: { request_id: id, digest, credential: CREDENTIAL, claim_expires_at, ends_at: null },
    credential: CREDENTIAL,
  });
  return { token: issued.token.unwrap(), jwks: { keys: [row.public_jwk] }, action };
}

async function serve(jwks: Jwks): Promise<Server> {
  const server = createServer((_request, response) => response.end(JSON.stringify(jwks)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}
