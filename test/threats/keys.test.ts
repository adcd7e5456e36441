// Signing keys change under load without one false refusal, and a retired one leaves the published set after its time.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { type Claimed, codeOf, type Door, openDoor } from './door.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const kidOf = ({ token }: Claimed): string | undefined => decodeProtectedHeader(token).kid;
const publishedKids = async () => {
  const { text } = await door.api.send('', 'GET', '/.well-known/jwks.json');
  return (JSON.parse(text) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
};
/** Retires the key that signs, so that the next claim makes another. */
const retire = (ago = '0 seconds') =>
  door.database.asSuperuser(
    `update placet.signing_keys set retired_at = now() - $1::interval where retired_at is null`,
    [ago],
  );
const use = ({ token, lease_id, request }: Claimed) =>
  door.api.send(token, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest });

test('keys that change while agents claim and tools use: each credential that was given is taken', async () => {
  const first = await door.claimed();
  const kids = new Set([kidOf(first)]);
  for (let wave = 0; wave < 3; wave += 1) {
    const running = Array.from({ length: 8 }, async () => {
      const claimed = await door.claimed();
      kids.add(kidOf(claimed));
      return (await use(claimed)).status;
    });
    await retire();
    expect(await Promise.all(running)).toEqual(running.map(() => 200));
  }
  expect((await use(first)).status).toBe(200);
  const last = await door.claimed();
  expect(kids).not.toEqual(new Set([kidOf(last)]));
  const published = await publishedKids();
  for (const kid of kids) expect(published).toContain(kid);
});

test('a key is published for 80 minutes after it signed its last, and then neither published nor believed', async () => {
  const claimed = await door.claimed();
  const kid = kidOf(claimed);
  await retire('79 minutes');
  expect(await publishedKids()).toContain(kid);
  await door.database.asSuperuser(
    `update placet.signing_keys set retired_at = now() - interval '81 minutes' where kid = $1`,
    [kid],
  );
  expect(await publishedKids()).not.toContain(kid);
  const late = await use(claimed);
  expect([late.status, codeOf(late)]).toEqual([401, 'credential_invalid']);
  const next = await door.claimed();
  expect(kidOf(next)).not.toBe(kid);
  expect((await use(next)).status).toBe(200);
});
