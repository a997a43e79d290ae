import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Networks that are opened by the operator although a name must not lead there by itself. */
export type AllowedNet = readonly [Address, number];

/** Reads `10.0.0.0/8`; undefined if it is no network. */
export function parseNet(text: string): AllowedNet | undefined {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  try {
    // `10.1/16` would be 10.0.0.1 and `010.0.0.0/8` 8.0.0.0: what is not written in full is not guessed.
    return addressOf(address) === undefined ? undefined : ipaddr.parseCIDR(`${plain(address)}/${length}`);
  } catch {
    return undefined;
  }
}

/** Of IPv6 only this is given to machines that anybody may talk to (RFC 4291, section 2.4, and IANA's registry of the address space). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Looks public, and is the metadata and control service of Azure inside each of its machines. */
const METADATA = '168.63.129.16';

/** Why an address is not to be connected to (`private`, `loopback`, `linkLocal` …), or undefined if it may be. */
export function refusal(address: string, allowed: readonly AllowedNet[]): string | undefined {
  const found = addressOf(address);
  if (found === undefined) return 'invalid';
  if (allowed.some((net) => net[0].kind() === found.kind() && found.match(net as never))) return undefined;
  if (address === METADATA) return 'metadata';
  const range = found.range();
  // Everything that is not a public unicast address: loopback, private, link-local (metadata services among it), carrier-grade NAT,
  // multicast, reserved, unique local; and IPv6 that leads to an IPv4 address which nobody has looked at: mapped, NAT64, 6to4, Teredo.
  if (range !== 'unicast') return range;
  // What the list of special ranges leaves out: IPv4-compatible addresses (::127.0.0.1), and all that is not given out.
  return found.kind() === 'ipv6' && !found.match(GLOBAL_UNICAST as never) ? 'reserved' : undefined;
}

/** Why a URL with this host is not to be used; undefined for a name, which is judged by where it leads, and for what is meant. */
export function hostRefusal(hostname: string, allowed: readonly AllowedNet[]): string | undefined {
  const literal = literalOf(hostname);
  return literal === undefined || meansLoopback(hostname) ? undefined : refusal(literal, allowed);
}

/** The host of a URL as an address, if it is one and not a name. */
export function literalOf(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return addressOf(bare) === undefined ? undefined : bare;
}

/** True for what an operator writes who means this machine: `localhost`, or a literal loopback address. */
export function meansLoopback(hostname: string): boolean {
  const literal = literalOf(hostname);
  return literal === undefined ? hostname === 'localhost' : isLoopback(literal);
}

/** Node's error of a name that leads only where nothing may be sent. */
export class AddressRefused extends Error {
  readonly code = 'EADDRREFUSED';
}

/** Finds all addresses of a name, as `dns.lookup` does. */
export type Resolver = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/**
 * Looks a name up for a connection, and gives only addresses that may be connected to: the check is on the very address that is used, so
 * a name that changes its answer gains nothing.
 */
export function guardedLookup(allowed: readonly AllowedNet[], resolve: Resolver = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const isOpen = (address: string): boolean =>
        refusal(address, allowed) === undefined || (hostname === 'localhost' && isLoopback(address));
      const open = found.filter(({ address }) => isOpen(address));
      const [first] = open;
      if (first === undefined) {
        const reasons = [...new Set(found.map(({ address }) => refusal(address, allowed)))].join(', ');
        callback(new AddressRefused(found.length === 0 ? `${hostname} has no address` : `${hostname} leads to: ${reasons}`), '', 0);
      } else if (options.all === true) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}

/** An address as the system reads it. Its other spellings (octal, hexadecimal, short) a URL has turned into this one; elsewhere they are none. */
function addressOf(text: string): Address | undefined {
  const address = plain(text);
  return isIP(text) !== 0 && ipaddr.isValid(address) ? ipaddr.parse(address) : undefined;
}

/** ipaddr.js takes ::127.0.0.1 for ::ffff:127.0.0.1; with a zero in front it is read as what it is. */
function plain(text: string): string {
  return text.replace(/^::(?=\d+\.)/, '0::');
}

function isLoopback(address: string): boolean {
  return addressOf(address)?.range() === 'loopback';
}
