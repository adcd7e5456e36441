// Keeps the key set behind a URL: fetched when first needed, kept for a while, and fetched again for an unknown kid, but
// seldom, because anyone can make up a kid. When keys cannot be had, nothing verifies.
import { CredentialError } from './credential-error.ts';
import { type PublicJwk, readJwks, toVerificationKey, type VerificationKey } from './jwks.ts';
import { parseStrictJson } from './strict-json.ts';

/** The server says max-age=300; a key that was withdrawn in an emergency is gone everywhere after this. */
const CACHE_MS = 300_000;
/** At most one fetch in this time for kids that are not in the set, as in jose's remote set. */
const COOLDOWN_MS = 30_000;
/** After a failed fetch, so that a server that is down is not also flooded. */
const FAILURE_PAUSE_MS = 1_000;
const FETCH_TIMEOUT_MS = 5_000;
const BODY_BYTES_MAX = 65_536;
/** A tool trusts one issuer, perhaps a few; past this the oldest set is forgotten. */
const SETS_MAX = 32;

export type KeyFinder = (kid: string) => Promise<VerificationKey>;

type Parts = { url: string; fetch?: typeof fetch; clockMs?: () => number };

/** A finder of keys by kid over the JWKS document at `url`; `clockMs` must never step back. */
export function createRemoteKeys({
  url,
  fetch = globalThis.fetch,
  clockMs = () => performance.now(),
}: Parts): KeyFinder {
  let loaded: { keys: ReadonlyMap<string, PublicJwk>; at: number } | undefined;
  let attempt: { at: number; isFailed: boolean } | undefined;
  let pending: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    const current = { at: clockMs(), isFailed: false };
    attempt = current;
    try {
      loaded = { keys: await fetchKeys(url, fetch), at: clockMs() };
    } catch (error) {
      current.isFailed = true;
      throw error;
    }
  };
  const reload = (): Promise<void> => {
    pending ??= load().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  const hasElapsed = (since: number, duration: number): boolean => clockMs() - since >= duration;

  return async (kid) => {
    if (loaded === undefined || hasElapsed(loaded.at, CACHE_MS)) {
      if (pending === undefined && attempt?.isFailed && !hasElapsed(attempt.at, FAILURE_PAUSE_MS)) {
        throw new CredentialError('keys_unavailable');
      }
      await reload();
    }
    if (!loaded?.keys.has(kid) && (attempt === undefined || hasElapsed(attempt.at, COOLDOWN_MS))) await reload();
    const jwk = loaded?.keys.get(kid);
    if (jwk === undefined) throw new CredentialError('key_unknown');
    return toVerificationKey(jwk);
  };
}

const finders = new Map<string, KeyFinder>();

/** The finder for a URL, shared by every call in this process. */
export function remoteKeys(url: string): KeyFinder {
  const known = finders.get(url);
  if (known) return known;
  const oldest = finders.keys().next();
  if (finders.size >= SETS_MAX && !oldest.done) finders.delete(oldest.value);
  const finder = createRemoteKeys({ url });
  finders.set(url, finder);
  return finder;
}

async function fetchKeys(url: string, fetch: typeof globalThis.fetch): Promise<ReadonlyMap<string, PublicJwk>> {
  let document: unknown;
  try {
    const response = await fetch(url, {
      // A redirect would let another host name the keys.
      redirect: 'error',
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    if (response.status !== 200) throw new Error(`the key set answered ${response.status}`);
    document = parseStrictJson(await readBounded(response));
  } catch (cause) {
    throw new CredentialError('keys_unavailable', { cause });
  }
  return readJwks(document);
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new Error('the key set is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
