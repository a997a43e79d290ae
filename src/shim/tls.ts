import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { TLSSocket } from 'node:tls';
import { EXIT, UpcastError } from '../errors.ts';

/** How the intake speaks TLS: PEM texts. */
export interface IntakeTls {
  readonly cert: string;
  readonly key: string;
  /** Who signs the certificates of senders; undefined: they need none. */
  readonly clientCa: string | undefined;
  /** Names of which a sender's certificate must hold one: common name, DNS name or URI. Empty: every certificate of that CA will do. */
  readonly clientNames: readonly string[];
}

/** What Node is told. A sender without a certificate of the CA does not get through the handshake. */
export function secureContextOf({ cert, key, clientCa }: IntakeTls): TlsOptions {
  const asked = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert, key, minVersion: 'TLSv1.2', ...asked };
}

/**
 * Ends connections on which no TLS comes about, or not in time, and tells of each. Whoever listens to Node's `clientError` is left alone with
 * them, and words that wait for the end of a handshake never go out: the connection would stay.
 */
export function endBrokenHandshakes(server: Server, onBroken: (socket: Socket) => void): void {
  // Before Node makes a `clientError` of it.
  server.prependListener('tlsClientError', (_error: Error, socket: Socket) => {
    onBroken(socket);
    socket.destroy();
  });
}

/** Node decides once for a server whether it speaks TLS and asks senders for certificates. Errors: `needs-restart` where this would change. */
export function checkTlsChange(before: IntakeTls | undefined, after: IntakeTls | undefined): void {
  const isSame = (before === undefined) === (after === undefined) && (before?.clientCa === undefined) === (after?.clientCa === undefined);
  if (isSame) return;
  throw new UpcastError({
    code: 'needs-restart',
    exit: EXIT.config,
    message: 'intake-cert and intake-client-ca can be changed while the shim runs, but neither set nor left out',
    hint: 'start the shim again',
  });
}

/** Whether the sender on a connection has a name that may send; asked once for each connection and list of names. */
export function createNameCheck(names: readonly string[]): (socket: Socket) => boolean {
  const known = new WeakMap<Socket, boolean>();
  return (socket) => {
    if (names.length === 0) return true;
    let isKnown = known.get(socket);
    if (isKnown === undefined) {
      isKnown = socket instanceof TLSSocket && namesOf(socket).some((name) => names.includes(name));
      known.set(socket, isKnown);
    }
    return isKnown;
  };
}

/** The names in a sender's certificate. */
function namesOf(socket: TLSSocket): readonly string[] {
  const { subject, subjectaltname = '' } = socket.getPeerCertificate();
  // Node puts values with signs of its own form into quotes: these are then no names that anybody lists.
  const others = subjectaltname.split(', ').flatMap((each) => /^(?:DNS|URI):(.+)$/.exec(each)?.[1] ?? []);
  const common: unknown = subject?.CN;
  return typeof common === 'string' ? [common, ...others] : others;
}
