// Hosts as they stand in settings and URLs: bare or in brackets, of IPv4 or IPv6. Knows no setting.

import { BlockList, isIP, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** An address of IPv6 as the system takes it; URLs write it in brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** True for an address or a name, without a port or a protocol. */
export function isHost(host: string): boolean {
  return isIP(host) !== 0 || (NAME.test(host) && !/^[\d.]+$/.test(host));
}

/** True for an address that only this machine reaches. */
export function isLoopback(written: string): boolean {
  const host = withoutBrackets(written).toLowerCase();
  if (isIP(host) === 0) return host === 'localhost';
  return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

/** Host and port as they stand in a URL, which has no place for the zone of an address of IPv6. */
export function authorityOf(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host.replace(/%.*$/, '')}]` : host}:${port}`;
}
