// What the verifier says about one token, as text for tables.
import { expect } from '@jest/globals';
import { CredentialError, type VerifyOptions, verifyCredential } from '../src/index.ts';
import { ACTION, AUDIENCE, type ForgedKey, ISSUER, jwksOf, NOW } from './forge.ts';

/** A judge that trusts `key`: the code of the refusal (and the claim), or 'accepted'. */
export function judgeFor(key: ForgedKey) {
  const options: VerifyOptions = { issuer: ISSUER, audience: AUDIENCE, keys: jwksOf(key), action: ACTION, now: NOW };
  return async (token: unknown, changes: Partial<VerifyOptions> = {}): Promise<string> => {
    try {
      await verifyCredential(token as string, { ...options, ...changes });
      return 'accepted';
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      expect(error.message).toBe('The credential is not valid here.');
      return error.claim === undefined ? error.code : `${error.code} ${error.claim}`;
    }
  };
}
