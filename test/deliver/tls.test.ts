import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import tls from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Attempt } from '../../src/deliver/client.ts';
import { createClient } from '../../src/deliver/client.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from './certificate.ts';
import { response } from './raw-server.ts';

/** The certificate is one of "localhost": by that name, and by no other, the server may be who it says. */
interface Asked {
  readonly host?: string;
  readonly ca?: string;
  readonly server?: TlsOptions;
}

/** What comes of an attempt, the number of requests that got through, and the version of TLS. */
async function attempt({
  host = 'localhost',
  ca,
  server: options = {},
}: Asked): Promise<Attempt & { requests: number; version: string | null }> {
  let requests = 0;
  let version: string | null = null;
  const server = tls.createServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY, ...options }, (socket) => {
    version = socket.getProtocol();
    socket.on('error', () => {});
    socket.once('data', () => {
      requests += 1;
      socket.end(response(200, { connection: 'close' }));
    });
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createClient(
    { url: new URL(`https://${host}:${port}/`), headers: {}, keys: [], concurrency: 1, deadline: 10_000, ca, allowed: [] },
    (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
  );
  const result = await client.send('event-1', Buffer.from('{}'), 0);
  await client.close();
  await new Promise((resolve) => server.close(resolve));
  return { ...result, requests, version };
}

const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
afterEach(() => {
  vi.unstubAllEnvs();
  Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS });
});

describe('an endpoint over https', () => {
  it('is delivered to when its certificate is of an authority that is trusted', async () => {
    expect(await attempt({ ca: CERTIFICATE })).toMatchObject({ outcome: 'delivered', requests: 1, version: 'TLSv1.3' });
  });

  it('is sent nothing when nobody vouches for its certificate', async () => {
    expect(await attempt({})).toMatchObject({ outcome: 'unreachable', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT', requests: 0 });
  });

  it('is sent nothing then, whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await attempt({})).toMatchObject({ outcome: 'unreachable', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT', requests: 0 });
  });

  it('is sent nothing when its certificate is of another name', async () => {
    expect(await attempt({ host: '127.0.0.1', ca: CERTIFICATE })).toMatchObject({
      outcome: 'unreachable',
      detail: 'ERR_TLS_CERT_ALTNAME_INVALID',
      requests: 0,
    });
  });

  it('may speak TLS 1.2', async () => {
    expect(await attempt({ ca: CERTIFICATE, server: { maxVersion: 'TLSv1.2' } })).toMatchObject({
      outcome: 'delivered',
      version: 'TLSv1.2',
    });
  });

  it('is sent nothing over TLS 1.1, also where the process would allow that', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1', DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0' });
    expect(await speaks(old)).toBe('TLSv1.1');
    expect(await attempt({ ca: CERTIFICATE, server: old })).toMatchObject({ outcome: 'unreachable', requests: 0, version: null });
  });
});

/** The version that the process itself would agree on with such a server. */
async function speaks(options: TlsOptions): Promise<string | null> {
  const server = tls.createServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY, ...options }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const version = await new Promise<string | null>((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: CERTIFICATE }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on('error', reject);
  });
  await new Promise((resolve) => server.close(resolve));
  return version;
}
