import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { BlockList, isIP } from 'node:net';
import type { SigningKey } from '../deliver/signature.ts';
import { isSigned } from '../deliver/signature.ts';
import { createNameCheck } from './tls.ts';

/** Who may send. With none of them everybody may who can reach the port. */
export interface IntakeAuth {
  /** Bearer tokens. */
  readonly tokens: readonly string[];
  /** Keys of Standard Webhooks. */
  readonly keys: readonly SigningKey[];
  /** For senders that can set no header: a secret as last segment of the path. */
  readonly pathSecrets: readonly string[];
  /** Networks (CIDR) from which alone requests are taken, whatever else they show. */
  readonly networks: readonly string[];
  /** Senders show a certificate in the TLS handshake; names of which it must hold one, if there are any. */
  readonly certificates: { readonly names: readonly string[] } | undefined;
}

/** Checks requests. */
export interface Authenticator {
  /** Goes on with other names of certificates, also on connections that are open. */
  rename(names: readonly string[]): void;
  /** Why whoever is at the other end of a connection may not ask at all: `address` or `certificate`; undefined if he may. */
  mayAsk(socket: Socket): 'address' | 'certificate' | undefined;
  /** True if the path is that of the intake, with its secret if there is one. */
  isIntake(path: string): boolean;
  /** True if a request shows that it may send; a signature is one of the body. `now`: Unix seconds. */
  maySend(request: IncomingMessage, path: string, body: Uint8Array, now: number): boolean;
}

const INTAKE = '/events';

/** True if something of `auth` is needed to send. */
export function isGuarded({ tokens, keys, pathSecrets, networks, certificates }: IntakeAuth): boolean {
  return certificates !== undefined || tokens.length + keys.length + pathSecrets.length + networks.length > 0;
}

/** Checks by `auth`; secrets are compared as hashes, so the time tells nothing. */
export function createAuthenticator(auth: IntakeAuth): Authenticator {
  const tokens = auth.tokens.map(digest);
  const pathSecrets = auth.pathSecrets.map(digest);
  const networks = new BlockList();
  for (const network of auth.networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    networks.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  const isInNetworks = (address: string | undefined): boolean => {
    if (auth.networks.length === 0) return true;
    return address !== undefined && networks.check(plainAddress(address), isIP(plainAddress(address)) === 6 ? 'ipv6' : 'ipv4');
  };
  let isNamed = createNameCheck(auth.certificates?.names ?? []);
  const needsProof = tokens.length + auth.keys.length + pathSecrets.length > 0;
  const secretOf = (path: string): string | undefined => (path.startsWith(`${INTAKE}/`) ? path.slice(INTAKE.length + 1) : undefined);
  const showsPath = (path: string): boolean => {
    const secret = secretOf(path);
    return secret !== undefined && isAmong(pathSecrets, secret);
  };
  return {
    rename(names) {
      isNamed = createNameCheck(names);
    },
    mayAsk(socket) {
      if (!isInNetworks(socket.remoteAddress)) return 'address';
      return isNamed(socket) ? undefined : 'certificate';
    },
    isIntake: (path) => path === INTAKE || (pathSecrets.length > 0 && secretOf(path) !== undefined),
    maySend(request, path, body, now) {
      if (!needsProof) return true;
      const { authorization } = request.headers;
      if (authorization !== undefined && /^bearer /i.test(authorization) && isAmong(tokens, authorization.slice(7).trim())) return true;
      if (showsPath(path)) return true;
      const header = (name: string): string | undefined => {
        const value = request.headers[name];
        return typeof value === 'string' ? value : undefined;
      };
      const signed = { id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature') };
      return auth.keys.length > 0 && isSigned(auth.keys, signed, body, now);
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isAmong(digests: readonly Buffer[], text: string): boolean {
  const own = digest(text);
  // All are compared, always.
  return digests.reduce((found, each) => timingSafeEqual(each, own) || found, false);
}

/** An IPv4 address that a socket for both kinds shows as IPv6. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
