// The claims of a credential: their exact shape (RFC 9068, RFC 9396, RFC 8693) and the reader that accepts no other.
// Judges form only; time, issuer, audience and action are judged by the verifier.
import { CredentialError } from './credential-error.ts';
import { isDigest } from './digest.ts';
import type { JsonValue } from './json.ts';
import { isSalt, type Salts } from './mask.ts';
import { isObject, toObject } from './token-format.ts';

/** One approved action: exactly one action on exactly one resource at exactly one place, bound to its digest. */
export type ActionDetail = {
  readonly type: 'placet_action';
  readonly actions: readonly [string];
  readonly locations: readonly [string];
  readonly identifier: string;
  readonly digest: string;
  readonly approval_request_id: string;
  /** Of masked parameters, by name; left out where none is. */
  readonly salts?: Salts;
};

export type CredentialClaims = {
  readonly iss: string;
  /** The person on whose behalf the agent acts, else the agent. */
  readonly sub: string;
  /** The agent, when `sub` is a person. */
  readonly act?: { readonly sub: string };
  readonly client_id: string;
  readonly aud: string;
  readonly scope: string;
  /** The lease that the credential spends. */
  readonly jti: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  /** The approval request. */
  readonly txn: string;
  readonly max_uses: 1;
  /** The key whose proof must come with it (RFC 9449); left out where whoever bears it may use it. */
  readonly cnf?: { readonly jkt: string };
  readonly authorization_details: readonly [ActionDetail];
};

const DETAIL_TYPE = 'placet_action';

/** RFC 6749 section 3.3: scope tokens with one space between them. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** Ids are 40 characters long; the profile allows a `jti` of 64. */
const ID_LENGTH_MAX = 64;

const DETAIL_MEMBERS = ['type', 'actions', 'locations', 'identifier', 'digest', 'approval_request_id', 'salts'];

type JsonObject = { readonly [name: string]: JsonValue };

/** Reads a payload whose signature held; throws CredentialError for a claim that is missing or has another form. */
export function readClaims(payload: Uint8Array): CredentialClaims {
  const claims = toObject(payload, 'claims_malformed');
  const aud = readText(claims, 'aud');
  const txn = readId(claims, 'txn');
  const scope = readText(claims, 'scope');
  if (!SCOPE.test(scope)) throw invalid('scope');
  if (claims['max_uses'] !== 1) throw invalid('max_uses');
  return {
    iss: readText(claims, 'iss'),
    ...readParties(claims),
    aud,
    scope,
    jti: readId(claims, 'jti'),
    ...readTimes(claims),
    txn,
    max_uses: 1,
    ...readConfirmation(claims),
    authorization_details: [readDetail(claims, aud, txn)],
  };
}

function readParties(claims: JsonObject): Pick<CredentialClaims, 'sub' | 'act' | 'client_id'> {
  const sub = readId(claims, 'sub');
  const client_id = readId(claims, 'client_id');
  if (!('act' in claims)) {
    if (sub !== client_id) throw invalid('act');
    return { sub, client_id };
  }
  const act = claims['act'];
  // The agent that holds the credential is the one that acts; nested actors are history (RFC 8693 section 4.1).
  if (!isObject(act) || act['sub'] !== client_id || sub === client_id) throw invalid('act');
  return { sub, act: { sub: client_id }, client_id };
}

/** RFC 7638: a thumbprint is 32 bytes in base64url. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/** A binding of a kind that is not checked here must not pass as none. */
function readConfirmation(claims: JsonObject): Pick<CredentialClaims, 'cnf'> {
  if (!('cnf' in claims)) return {};
  const cnf = claims['cnf'];
  const jkt = isObject(cnf) && Object.keys(cnf).length === 1 ? cnf['jkt'] : undefined;
  if (typeof jkt !== 'string' || !THUMBPRINT.test(jkt)) throw invalid('cnf');
  return { cnf: { jkt } };
}

function readTimes(claims: JsonObject): Pick<CredentialClaims, 'iat' | 'nbf' | 'exp'> {
  const times = { iat: readTime(claims, 'iat'), nbf: readTime(claims, 'nbf'), exp: readTime(claims, 'exp') };
  if (times.nbf !== times.iat) throw invalid('nbf');
  if (times.exp <= times.iat) throw invalid('exp');
  return times;
}

function readDetail(claims: JsonObject, aud: string, txn: string): ActionDetail {
  const details = claims['authorization_details'];
  const [detail] = Array.isArray(details) && details.length === 1 ? details : [];
  if (!isObject(detail)) throw new CredentialError('details_invalid');
  if (detail['type'] !== DETAIL_TYPE) throw new CredentialError('details_type_unknown');
  if (!Object.keys(detail).every((name) => DETAIL_MEMBERS.includes(name))) throw new CredentialError('details_invalid');
  const action = readOnly(detail['actions']);
  const location = readOnly(detail['locations']);
  const { identifier, digest, approval_request_id } = detail;
  const isWhole = action && typeof identifier === 'string' && identifier !== '' && isDigest(digest);
  if (!isWhole || location !== aud || approval_request_id !== txn) throw new CredentialError('details_invalid');
  const detailed = { type: DETAIL_TYPE, actions: [action], locations: [aud], identifier, digest } as const;
  const whole: ActionDetail = { ...detailed, approval_request_id: txn };
  return 'salts' in detail ? { ...whole, salts: readSalts(detail['salts']) } : whole;
}

function readSalts(value: JsonValue | undefined): Salts {
  const salts = isObject(value) ? Object.entries(value) : [];
  if (salts.length === 0 || !salts.every(([, salt]) => isSalt(salt))) throw new CredentialError('details_invalid');
  return Object.fromEntries(salts) as Salts;
}

/** The only text of a list of one: lists multiply out (RFC 9396), so a longer one would allow more than was shown. */
function readOnly(value: JsonValue | undefined): string | undefined {
  if (!Array.isArray(value) || value.length !== 1) return undefined;
  return typeof value[0] === 'string' && value[0] !== '' ? value[0] : undefined;
}

function readText(claims: JsonObject, name: string): string {
  const value = claims[name];
  if (typeof value !== 'string' || value === '') throw invalid(name);
  return value;
}

function readId(claims: JsonObject, name: string): string {
  const value = readText(claims, name);
  if (value.length > ID_LENGTH_MAX) throw invalid(name);
  return value;
}

function readTime(claims: JsonObject, name: string): number {
  const value = claims[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalid(name);
  return value;
}

function invalid(claim: string): CredentialError {
  return new CredentialError('claim_invalid', { claim });
}
