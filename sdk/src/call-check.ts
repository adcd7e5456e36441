// The tool's side for any web framework: what came with a call is checked against what the call would do, and spent, before
// anything runs. Whatever fails here, also the network or a store, means: do not run.
import { createHash } from 'node:crypto';
import { PlacetApiError, PlacetUnreachableError } from './api-error.ts';
import type { ActionEnvelope } from './canonical.ts';
import type { CredentialClaims } from './claims.ts';
import { CredentialError } from './credential-error.ts';
import { actionDigest } from './digest.ts';
import type { RetryOptions } from './http.ts';
import { checkProof, type PresentedProof } from './proof.ts';
import { spendCredential } from './tool.ts';
import type { UseStore } from './use-store.ts';
import { type VerifyOptions, verifyCredential } from './verify.ts';

export type CheckOptions<Request> = {
  /** Where the approval API is. It is the issuer, too, unless `issuer` says otherwise. */
  readonly url: string;
  readonly issuer?: string;
  /** The exact name of this tool. */
  readonly audience: string;
  /** The address of this tool as agents call it, also before a proxy: what proofs are made for, whatever a header says. */
  readonly publicUrl: string;
  /** The JWKS document, or its URL; by default that of the API. */
  readonly keys?: VerifyOptions['keys'];
  /** What this very call would do, from its own method, path and parsed body; null for a call that needs no credential. */
  readonly action: (request: Request) => ActionEnvelope | null | Promise<ActionEnvelope | null>;
  /**
   * Who knows what was spent: the API, which by default is asked; or a store that all processes of this tool share. A store
   * counts each credential once, and does not hear of a revocation.
   */
  readonly store?: UseStore;
  readonly now?: () => Date;
  readonly fetch?: typeof fetch;
  readonly retry?: RetryOptions;
};

/** A call as it came in. */
export type IncomingCall<Request> = {
  readonly request: Request;
  readonly method: string;
  /** Path and query, as they came. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly dpop: string | undefined;
};

/** What a call may do now, once. */
export type AllowedCall = {
  readonly claims: CredentialClaims;
  readonly token: string;
  readonly proof: PresentedProof | undefined;
};

/** What to answer instead of running; `code` is for the log of the tool, and not in the answer. */
export type RefusedCall = {
  readonly status: 401 | 403 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string };
  readonly code: string;
};

export type CheckedCall =
  | { readonly kind: 'allowed'; readonly call: AllowedCall | null }
  | { readonly kind: 'refused'; readonly refused: RefusedCall };

/** RFC 6750 section 2.1 and RFC 9449 section 7.1. */
const AUTHORIZATION = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]{1,8192}=*)$/i;
/** A proof that is a minute ahead is taken for two; clocks may differ by a minute more. */
const PROOF_KEPT_MS = 180_000;

/** Checks calls: resolves to what may run, or to what to answer. Throws only what `action` throws. */
export function createCallCheck<Request>(
  options: CheckOptions<Request>,
): (call: IncomingCall<Request>) => Promise<CheckedCall> {
  const base = options.publicUrl.replace(/\/$/, '');
  if (!URL.canParse(base)) throw new TypeError('publicUrl must be the address of this tool');
  return async (call) => {
    const action = await options.action(call.request);
    if (action === null) return { kind: 'allowed', call: null };
    try {
      return { kind: 'allowed', call: await allow(options, presentedIn(call, base), action) };
    } catch (error) {
      return { kind: 'refused', refused: refusalOf(error) };
    }
  };
}

type Presented = Omit<AllowedCall, 'claims'>;

function presentedIn(call: IncomingCall<unknown>, base: string): Presented {
  const [, scheme = '', token = ''] = AUTHORIZATION.exec(call.authorization ?? '') ?? [];
  if (token === '') throw new CredentialError('token_malformed');
  const { dpop, method, path } = call;
  if (scheme.toLowerCase() === 'bearer') {
    // A bound credential is never taken as if anybody might bear it (RFC 9449 section 7.2).
    if (dpop !== undefined) throw new CredentialError('proof_invalid');
    return { token, proof: undefined };
  }
  // Equal headers are joined with a comma, which no JWT holds.
  if (dpop === undefined || dpop.includes(',')) throw new CredentialError('proof_missing');
  return { token, proof: { jwt: dpop, method, url: base + (path.split(/[?#]/, 1)[0] ?? '') } };
}

async function allow<Request>(
  options: CheckOptions<Request>,
  { token, proof }: Presented,
  action: ActionEnvelope,
): Promise<AllowedCall> {
  const { url, issuer = url.replace(/\/$/, ''), audience, store } = options;
  const { keys = `${url.replace(/\/$/, '')}/.well-known/jwks.json` } = options;
  const now = options.now?.() ?? new Date();
  const claims = await verifyCredential(token, { issuer, audience, keys, action, proof, now });
  // Sent as bound although it is not: a proof that nobody asked for proves nothing.
  if ((claims.cnf !== undefined) !== (proof !== undefined)) throw new CredentialError('proof_invalid');
  const digest = actionDigest(action, claims.authorization_details[0].salts);
  if (store !== undefined) await spendInStore(store, { claims, proof, now });
  else await spendCredential({ ...options, url, token, proof, leaseId: claims.jti, digest });
  return { claims, token, proof };
}

type Spending = Pick<AllowedCall, 'claims' | 'proof'> & { readonly now: Date };

/** The proof first: a call that is sent twice is refused for that, and has spent nothing. */
async function spendInStore(store: UseStore, { claims, proof, now }: Spending): Promise<void> {
  if (proof !== undefined) {
    const { method, url, jwt } = proof;
    const { jkt, jti } = await checkProof(jwt, { method, url, now });
    const isNew = await taken(store, keyOf('proof', jkt, jti), new Date(now.getTime() + PROOF_KEPT_MS));
    if (!isNew) throw new CredentialError('proof_seen_before');
  }
  // Kept a while past its end, so that a clock that steps back makes no second use.
  const until = new Date(claims.exp * 1_000 + PROOF_KEPT_MS);
  if (!(await taken(store, keyOf('use', claims.iss, claims.jti), until))) throw new CredentialError('not_spent');
}

/** One short key for any names: what a caller chose of them never reaches the store as it is. */
function keyOf(...names: readonly string[]): string {
  return `placet/${createHash('sha256').update(JSON.stringify(names)).digest('base64url')}`;
}

/** Anything but a plain yes is a no, and a store that fails is one that says nothing. */
async function taken(store: UseStore, key: string, until: Date): Promise<boolean> {
  let answer: unknown;
  try {
    answer = await store.takeOnce(key, until);
  } catch (cause) {
    throw new PlacetUnreachableError(cause);
  }
  return answer === true;
}

/** Codes of the API that a later try of the same call may not meet. */
const OTHER_ACTION: ReadonlySet<string> = new Set(['action_mismatch', 'digest_mismatch', 'denied_by_policy']);

/** Statuses that say "later": the credential is as good as it was. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

function refusalOf(error: unknown): RefusedCall {
  if (error instanceof CredentialError && error.code !== 'keys_unavailable') return refuse(error.code);
  if (error instanceof PlacetApiError && error.status >= 400 && error.status < 500 && !LATER.has(error.status)) {
    return refuse(error.code);
  }
  const code = error instanceof CredentialError || error instanceof PlacetApiError ? error.code : 'unreachable';
  const body = { error: 'temporarily_unavailable' };
  return { status: 503, headers: { 'cache-control': 'no-store', 'retry-after': '2' }, body, code };
}

/** One answer for all that is wrong with a credential (RFC 6750 section 3.1); another one for a good one of another action. */
function refuse(code: string): RefusedCall {
  const isOther = OTHER_ACTION.has(code);
  const error = isOther ? 'insufficient_scope' : 'invalid_token';
  const challenge = `Bearer error="${error}", DPoP error="${error}", algs="ES256 EdDSA Ed25519"`;
  const headers = { 'cache-control': 'no-store', 'www-authenticate': challenge };
  return { status: isOther ? 403 : 401, headers, body: { error }, code };
}
