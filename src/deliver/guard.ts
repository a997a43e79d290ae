import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Networks that are opened by the operator although a name must not lead there by itself. */
export type AllowedNet = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads `10.0.0.0/8`; undefined if it is no network. */
export function parseNet(text: string): AllowedNet | undefined {
  try {
    return ipaddr.parseCIDR(text);
  } catch {
    return undefined;
  }
}

/** Why an address is not to be connected to (`private`, `loopback`, `linkLocal` …), or undefined if it may be. */
export function refusal(address: string, allowed: readonly AllowedNet[]): string | undefined {
  // An IPv4 address in IPv6 clothes is what it is inside.
  const found = ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
  if (found === undefined) return 'invalid';
  if (allowed.some((net) => net[0].kind() === found.kind() && found.match(net as never))) return undefined;
  const range = found.range();
  // Everything that is not a public unicast address: loopback, private, link-local (metadata services among it), carrier-grade NAT,
  // multicast, reserved, unique local, NAT64, 6to4, Teredo.
  return range === 'unicast' ? undefined : range;
}

/** The host of a URL as an address, if it is one and not a name. */
export function literalOf(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
}

/** True for what an operator writes who means this machine: `localhost`, or a literal loopback address. */
export function meansLoopback(hostname: string): boolean {
  const literal = literalOf(hostname);
  return literal === undefined ? hostname === 'localhost' : ipaddr.process(literal).range() === 'loopback';
}

/** Node's error of a name that leads only where nothing may be sent. */
export class AddressRefused extends Error {
  readonly code = 'EADDRREFUSED';
}

/**
 * Looks a name up for a connection, and gives only addresses that may be connected to: the check is on the very address that is used, so
 * a name that changes its answer gains nothing.
 */
export function guardedLookup(allowed: readonly AllowedNet[]): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const isOpen = (address: string): boolean =>
        refusal(address, allowed) === undefined || (hostname === 'localhost' && meansLoopback(bracketed(address)));
      const open = found.filter(({ address }) => isOpen(address));
      const [first] = open;
      if (first === undefined) {
        const reasons = [...new Set(found.map(({ address }) => refusal(address, allowed)))].join(', ');
        callback(new AddressRefused(`${hostname} leads to a ${reasons} address`), '', 0);
      } else if (options.all === true) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
