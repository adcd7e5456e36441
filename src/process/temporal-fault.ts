// Why Temporal cannot be used, in words: found by one connection of our own, since a client of Temporal says of every
// fault of network and TLS alike only that time ran out.

import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TemporalAddress } from '../delivery/temporal.ts';
import { PlacetError } from '../domain/errors.ts';
import { withoutBrackets } from './host.ts';

type TemporalPlace = TemporalAddress & { readonly namespace: string };
type Words = { readonly reason: string; readonly remedy: string };

/** A server answers within a round trip or two; past this it is silent. */
const LOOK_MS_MAX = 5_000;
/** What every HTTP/2 client says first, and an empty SETTINGS frame: the server answers with its own. */
const GREETING = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const SETTINGS_FRAME = 4;
const FRAME_TYPE_AT = 3;

const GRPC_PERMISSION_DENIED = 7;
const GRPC_UNAUTHENTICATED = 16;

const ADDRESS_REMEDY = 'start a Temporal server, or correct TEMPORAL_ADDRESS';
const CA_REMEDY = 'set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of the CA that signed it';
const OWN_REMEDY =
  'set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH to a certificate that it accepts';

/** Names the setting when Temporal lacks the namespace; any other error is passed on. */
export function namespaceFault(error: unknown, { address, namespace }: Omit<TemporalPlace, 'tls'>): unknown {
  if (!chain(error).some(({ message }) => /namespace/i.test(message))) return error;
  const remedy = 'create this namespace, or correct TEMPORAL_NAMESPACE';
  return unavailable({ reason: `Temporal at ${address} has no namespace ${namespace}`, remedy }, error);
}

/** Why Temporal cannot be reached, or not be used when it is. What has its words already is passed on. */
export async function temporalFault(error: unknown, place: TemporalPlace): Promise<unknown> {
  if (error instanceof PlacetError) return error;
  const refused = refusedFault(error, place);
  if (refused !== null) return unavailable(refused, error);
  const fault = namespaceFault(error, place);
  if (fault !== error) return fault;
  const { address } = place;
  const words = (await lookAt(place)) ?? { reason: `no Temporal answers at ${address}`, remedy: ADDRESS_REMEDY };
  return unavailable(words, error);
}

/** Throws what keeps the place from being reached at all; returns when something there speaks as Temporal does. */
export async function assertReachable(place: TemporalAddress): Promise<void> {
  const words = await lookAt(place);
  if (words !== null) throw unavailable(words, undefined);
}

/** It answers, and does not let us in: as gRPC says it, and as Temporal's native client repeats it. */
function refusedFault(error: unknown, { address, apiKey, namespace }: TemporalPlace): Words | null {
  const isRefused = chain(error).some(
    ({ code, message }) =>
      code === GRPC_PERMISSION_DENIED ||
      code === GRPC_UNAUTHENTICATED ||
      /valid authentication credentials|permission to execute/i.test(message),
  );
  if (!isRefused) return null;
  const reason = `Temporal at ${address} does not let us into namespace ${namespace}`;
  if (apiKey === undefined) return { reason, remedy: 'set TEMPORAL_API_KEY, or a client certificate that it accepts' };
  return { reason, remedy: 'correct TEMPORAL_API_KEY or TEMPORAL_NAMESPACE: the key must be for this namespace' };
}

/** An error and what caused it: the client of gRPC wraps what the server said. */
function chain(error: unknown): (Error & { readonly code?: unknown })[] {
  return error instanceof Error ? [error, ...chain(error.cause)] : [];
}

type Look =
  | { readonly kind: 'well' | 'silent' | 'closed' | 'strange'; readonly isConnected: boolean }
  | { readonly kind: 'failed'; readonly isConnected: boolean; readonly error: NodeJS.ErrnoException };

/** Null when an HTTP/2 server greets us the way that the settings say. */
async function lookAt(place: TemporalAddress): Promise<Words | null> {
  const look = await greet(() => open(place));
  if (look.kind === 'well') return null;
  if (look.kind === 'silent') return silence(place, look.isConnected);
  if (look.kind === 'failed' && !look.isConnected && isOfNetwork(look.error)) return networkWords(place, look.error);
  return isPlain(place) ? plainWords(place) : tlsWords(place, look);
}

function isPlain({ tls }: TemporalAddress): boolean {
  return tls === undefined || tls === null || tls === false;
}

function endpoint(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { host: withoutBrackets(hostname), port: Number(port) };
}

function open({ address, tls }: TemporalAddress): Socket {
  const at = endpoint(address);
  if (tls === undefined || tls === null || tls === false) return connectPlain(at);
  const { serverRootCACertificate: ca, clientCertPair: own, serverNameOverride } = tls === true ? {} : tls;
  const name = serverNameOverride ?? at.host;
  return connectTls({
    ...at,
    ALPNProtocols: ['h2'],
    // An address is compared with the certificate all the same, but is no name to ask for.
    ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
    ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
    ...(own === undefined ? {} : { cert: Buffer.from(own.crt), key: Buffer.from(own.key) }),
  });
}

/** Opens, greets, and waits for the first words of the other side. Never rejects. */
async function greet(openSocket: () => Socket): Promise<Look> {
  const signal = AbortSignal.timeout(LOOK_MS_MAX);
  const socket = openSocket();
  let isConnected = false;
  socket.once('connect', () => {
    isConnected = true;
  });
  // In the first moments of TLS 1.3 the other side may still refuse our certificate: then its words are the answer.
  socket.write(GREETING);
  try {
    const [data] = await Promise.race([
      once(socket, 'data', { signal }) as Promise<[Buffer | null]>,
      once(socket, 'close', { signal }).then((): [null] => [null]),
    ]);
    if (data === null) return { kind: 'closed', isConnected };
    return { kind: data[FRAME_TYPE_AT] === SETTINGS_FRAME && data[0] === 0 ? 'well' : 'strange', isConnected };
  } catch (error) {
    if (signal.aborted) return { kind: 'silent', isConnected };
    return { kind: 'failed', isConnected, error: error as NodeJS.ErrnoException };
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function isOfNetwork({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^E[A-Z]+$/.test(code) || code === 'EAI_AGAIN';
}

function silence({ address }: TemporalAddress, isConnected: boolean): Words {
  const seconds = LOOK_MS_MAX / 1_000;
  return isConnected
    ? {
        reason: `what listens at ${address} says nothing for ${seconds} s: it is no Temporal, or hangs`,
        remedy: ADDRESS_REMEDY,
      }
    : {
        reason: `nothing answers at ${address} within ${seconds} s`,
        remedy: 'open the way to it (a firewall, a route), or correct TEMPORAL_ADDRESS',
      };
}

function networkWords({ address }: TemporalAddress, { code }: NodeJS.ErrnoException): Words {
  const { host } = endpoint(address);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { reason: `the name ${host} is not known here (${code})`, remedy: 'correct TEMPORAL_ADDRESS' };
  if (code === 'ECONNREFUSED') return { reason: `no Temporal answers at ${address} (${code})`, remedy: ADDRESS_REMEDY };
  return { reason: `${address} cannot be reached (${code})`, remedy: ADDRESS_REMEDY };
}

/** A server that ends plain talk may want TLS: asked without any check, since only its tongue is wanted. */
async function plainWords(place: TemporalAddress): Promise<Words> {
  const { address } = place;
  const socket = connectTls({ ...endpoint(address), rejectUnauthorized: false });
  const isTls = await once(socket, 'secureConnect', { signal: AbortSignal.timeout(LOOK_MS_MAX) }).then(
    () => true,
    () => false,
  );
  socket.on('error', () => undefined);
  socket.destroy();
  if (isTls) return { reason: `${address} speaks TLS, and TEMPORAL_TLS is not on`, remedy: 'set TEMPORAL_TLS=true' };
  return { reason: `what listens at ${address} is no Temporal`, remedy: 'correct TEMPORAL_ADDRESS' };
}

async function tlsWords(place: TemporalAddress, look: Look): Promise<Words> {
  const { address } = place;
  const code = look.kind === 'failed' ? (look.error.code ?? '') : '';
  const certificate = look.kind === 'failed' ? certificateWords(place, look.error) : null;
  if (certificate !== null) return certificate;
  const plain = await greet(() => open({ address, tls: false }));
  if (plain.kind === 'well') {
    const remedy = 'unset TEMPORAL_TLS and every TEMPORAL_TLS_… (and TEMPORAL_API_KEY), or correct TEMPORAL_ADDRESS';
    return { reason: `${address} speaks no TLS`, remedy };
  }
  if (look.kind === 'strange' || (look.kind === 'failed' && /wrong version number/.test(look.error.message)))
    return { reason: `what listens at ${address} is no Temporal`, remedy: 'correct TEMPORAL_ADDRESS' };
  return ownWords(place, code);
}

type Untrusted = NodeJS.ErrnoException & { readonly cert?: { readonly subjectaltname?: string } };

/** Faults of the certificate that Temporal shows: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function certificateWords({ address }: TemporalAddress, { code, cert }: Untrusted): Words | null {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return {
        reason: `the TLS certificate of ${address} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}`,
        remedy: "have it renewed where Temporal runs, and look at this machine's clock",
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        reason: `the TLS certificate of ${address} is for another name: ${cert?.subjectaltname ?? 'it has none'}`,
        remedy: 'correct TEMPORAL_ADDRESS, or set TEMPORAL_TLS_SERVER_NAME to the name in the certificate',
      };
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'CERT_SIGNATURE_FAILURE':
    case 'CERT_UNTRUSTED':
    case 'INVALID_CA':
      return {
        reason: `the TLS certificate of ${address} is signed by a CA that is not trusted here`,
        remedy: CA_REMEDY,
      };
    default:
      return null;
  }
}

/** TLS was begun and ended by the other side: nearly always it wants a certificate of ours, or another one. */
function ownWords({ address, tls }: TemporalAddress, code: string): Words {
  const hasOwn = typeof tls === 'object' && tls?.clientCertPair !== undefined;
  const how = code === '' ? '' : ` (${code})`;
  const reason = hasOwn
    ? `${address} ends TLS at our client certificate${how}`
    : `${address} ends TLS without a client certificate${how}`;
  return { reason, remedy: OWN_REMEDY };
}

function unavailable({ reason, remedy }: Words, cause: unknown): PlacetError {
  return new PlacetError('unavailable', { dependency: 'temporal', reason, remedy }, cause);
}
