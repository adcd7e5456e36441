// Fetches a small answer from an address that somebody else wrote down: HTTPS only, no redirect, little and soon, and never from
// a host of our own network unless the operator has listed it. The address is checked once the connection stands, so that no
// name and no spelling of a number leads past it.

import { request } from 'node:https';
import { BlockList, isIPv6 } from 'node:net';

/** A year of shifts is a tenth of it. */
const ANSWER_BYTES_MAX = 256 * 1024;
/** Somebody waits for the answer to a click. */
const TIMEOUT_MS = 3_000;
const DONE = 200;

/** Why there is no answer. */
export type FetchFault =
  | 'host_private'
  | 'answer_too_large'
  | 'answer_late'
  | 'answer_redirects'
  | 'answer_refused'
  | 'unreachable';

export type Fetched =
  | { readonly kind: 'answer'; readonly bytes: Buffer }
  | { readonly kind: 'fault'; readonly fault: FetchFault };

export type FetchOptions = {
  /** Hosts, as in an URL, that may have private addresses. */
  readonly private_hosts: readonly string[];
  readonly bearer: string | null;
  /** Certificate authorities beside the well-known ones. */
  readonly ca?: string | undefined;
};

/** Special-use ranges (RFC 6890 and its registries): none of them is a service of somebody else. */
const PRIVATE: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['ff00::', 8],
];
/** Where clouds keep the keys of a machine: nobody may list these. */
const NEVER: readonly (readonly [string, number])[] = [
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
];

const privately = blocked(PRIVATE);
const never = blocked(NEVER);

/** What stands at the address; never throws. */
export function guardedFetch(url: string, { private_hosts, bearer, ca }: FetchOptions): Promise<Fetched> {
  const { host, hostname, protocol } = new URL(url);
  const isListed = private_hosts.includes(host) || private_hosts.includes(hostname);
  if (protocol !== 'https:') return Promise.resolve({ kind: 'fault', fault: 'answer_refused' });
  return new Promise((resolve) => {
    const settle = (fetched: Fetched) => {
      clearTimeout(timer);
      resolve(fetched);
      outgoing.destroy();
    };
    const fail = (fault: FetchFault) => settle({ kind: 'fault', fault });
    const headers = {
      accept: 'text/calendar, application/json',
      'accept-encoding': 'identity',
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    };
    // A connection of its own, so that the address of this very one is looked at.
    const outgoing = request(url, { agent: false, headers, ...(ca === undefined ? {} : { ca }) });
    const timer = setTimeout(() => fail('answer_late'), TIMEOUT_MS);
    let isAnswering = false;
    // A request can fail more than once: while it is asked, and by being dropped for it.
    outgoing.on('error', () => fail('unreachable'));
    // The last bytes of an answer that ends with its connection are read after this.
    outgoing.once('close', () => {
      if (!isAnswering) fail('unreachable');
    });
    // Another protocol than the one that was asked for is no answer.
    outgoing.once('upgrade', () => fail('answer_refused'));
    // Nothing was said yet: what is said begins once the connection is sealed.
    outgoing.once('socket', (socket) =>
      socket.once('connect', () => {
        if (!mayAsk(socket.remoteAddress ?? '', isListed)) fail('host_private');
      }),
    );
    outgoing.once('response', (response) => {
      isAnswering = true;
      response.on('error', () => fail('unreachable'));
      response.once('close', () => fail('unreachable'));
      const { statusCode = 0 } = response;
      if (statusCode >= 300 && statusCode < 400) return fail('answer_redirects');
      if (statusCode !== DONE) return fail('answer_refused');
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > ANSWER_BYTES_MAX) return fail('answer_too_large');
        chunks.push(chunk);
      });
      response.once('end', () => settle({ kind: 'answer', bytes: Buffer.concat(chunks) }));
    });
    outgoing.end();
  });
}

/** Whether an address that a connection has reached may be asked. */
export function mayAsk(address: string, isListed: boolean): boolean {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (address === '' || never.check(address, family)) return false;
  return isListed || !privately.check(address, family);
}

function blocked(ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of ranges) list.addSubnet(net, prefix, isIPv6(net) ? 'ipv6' : 'ipv4');
  return list;
}
