// What every refused credential gets at the real door: one answer, one audit event for each try, and nothing is spent.
import { expect } from '@jest/globals';
import { type Claimed, type Door, REQUESTS } from './door.ts';

export const ONE_ANSWER = {
  type: 'https://placet.dev/errors/credential_invalid',
  title: 'The credential is missing or not valid here.',
  status: 401,
  retryable: false,
  code: 'credential_invalid',
};
export const RESULT = { status: 'failed' };

/** Codes of the refusals on record, in their order. */
export async function refusals(door: Door, target: Claimed): Promise<string[]> {
  const events = await door.database.asSuperuser<{ code: string }>(
    `select facts ->> 'code' as code from placet.audit_events
     where type = 'credential.refused' and request_id = $1 order by id`,
    [target.request.id],
  );
  return events.map(({ code }) => code);
}

/** Presents a credential to spend the lease of `target`. */
export const spend = (door: Door, target: Claimed, token: string) =>
  door.api.send(token, 'POST', `/v1/leases/${target.lease_id}/use`, { digest: target.request.digest });

/** Presents a credential to report for the request of `target`. */
export const tell = (door: Door, target: Claimed, token: string) =>
  door.api.send(token, 'POST', `${REQUESTS}/${target.request.id}/result`, RESULT);

/** Presents each token to both routes that take one; all are refused in the same words, recorded, and nothing is spent. */
export async function expectRefused(door: Door, target: Claimed, tokens: readonly string[]): Promise<void> {
  const before = (await refusals(door, target)).length;
  for (const token of tokens) {
    for (const { status, text, headers } of [await spend(door, target, token), await tell(door, target, token)]) {
      const challenge = headers.get('www-authenticate');
      expect([status, JSON.parse(text), challenge?.split(', ')[0]]).toEqual([401, ONE_ANSWER, 'Bearer realm="placet"']);
    }
  }
  const recorded = (await refusals(door, target)).slice(before);
  expect(recorded).toHaveLength(tokens.length * 2);
  for (const code of recorded) expect(code).toMatch(/^[a-z_]{4,40}$/);
  expect(await door.leaseState(target.lease_id)).toBe('active');
}
