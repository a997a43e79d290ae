import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { UpcastError } from '../errors.ts';
import type { IntakeTls } from '../shim/tls.ts';
import type { Settings } from './config.ts';

type FileOption = 'intake-cert' | 'intake-cert-key' | 'intake-client-ca';

/** How the intake speaks TLS, undefined if it does not. Everything is read and tried. Errors: usage (2) for a flag, configuration (78). */
export function tlsOf(settings: Settings): IntakeTls | undefined {
  const [cert, key] = [settings.get('intake-cert'), settings.get('intake-cert-key')];
  const [ca, names] = [settings.get('intake-client-ca'), settings.get('intake-client-names') ?? []];
  if (cert === undefined) {
    const lonely = (['intake-cert-key', 'intake-client-ca', 'intake-client-names'] as const).find(
      (name) => settings.get(name) !== undefined,
    );
    if (lonely !== undefined)
      throw settings.error(lonely, `${lonely}: without a certificate there is no TLS`, 'give intake-cert and intake-cert-key, too');
    return undefined;
  }
  if (key === undefined) throw settings.error('intake-cert', 'intake-cert: its key is missing', 'give intake-cert-key');
  if (ca === undefined && names.length > 0)
    throw settings.error('intake-client-names', 'intake-client-names: nobody vouches for the names', 'give intake-client-ca, too');
  if ((statOf(settings, 'intake-cert-key', key).mode & 0o077) !== 0)
    throw settings.error('intake-cert-key', `intake-cert-key: ${key} can be read by others`, `chmod 600 ${key}`);
  const tls = {
    cert: read(settings, 'intake-cert', cert),
    key: read(settings, 'intake-cert-key', key),
    clientCa: ca === undefined ? undefined : read(settings, 'intake-client-ca', ca),
    clientNames: names,
  };
  tryOut(settings, 'intake-cert', { cert: tls.cert, key: tls.key });
  if (tls.clientCa !== undefined) tryOut(settings, 'intake-client-ca', { ca: tls.clientCa });
  return tls;
}

function tryOut(settings: Settings, name: FileOption, context: { cert?: string; key?: string; ca?: string }): void {
  try {
    if (context.ca !== undefined && !context.ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate in it');
    createSecureContext(context);
  } catch (error) {
    throw settings.error(name, `${name}: ${(error as Error).message}`, 'PEM files are expected, the key being that of the certificate');
  }
}

function read(settings: Settings, name: FileOption, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cannotRead(settings, name, path, error);
  }
}

function statOf(settings: Settings, name: FileOption, path: string): { readonly mode: number } {
  try {
    return statSync(path);
  } catch (error) {
    throw cannotRead(settings, name, path, error);
  }
}

function cannotRead(settings: Settings, name: FileOption, path: string, error: unknown): UpcastError {
  return settings.error(name, `${name}: cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
}
