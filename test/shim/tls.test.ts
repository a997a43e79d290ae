import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveSettings } from '../../src/cli/config.ts';
import { tlsOf } from '../../src/cli/intake-options.ts';
import { UpcastError } from '../../src/errors.ts';
import type { IntakeLimits } from '../../src/shim/intake.ts';
import type { IntakeTls } from '../../src/shim/tls.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from '../deliver/certificate.ts';
import { CLIENT, CLIENT_CA, EXPIRED, FOREIGN, OTHER } from './certificates.ts';
import type { TestShim } from './support.ts';
import { agentReady, endpoint, folderFor, LIMITS, startTestShim } from './support.ts';

let ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

function folder(): string {
  const made = folderFor('tls');
  ends.push(made.remove);
  return made.path;
}

const PLAIN: IntakeTls = { cert: CERTIFICATE, key: CERTIFICATE_KEY, clientCa: undefined, clientNames: [] };
const MUTUAL: IntakeTls = { ...PLAIN, clientCa: CLIENT_CA };

async function shim(tls: IntakeTls, limits: IntakeLimits = LIMITS): Promise<TestShim> {
  const certificates = tls.clientCa === undefined ? undefined : { names: tls.clientNames };
  const auth = { tokens: [], keys: [], pathSecrets: [], networks: [], certificates };
  const made = await startTestShim(folder(), [endpoint('http://127.0.0.1:9/in')], { tls, auth, limits });
  ends.push(made.stop);
  return made;
}

const TIMES = { handshake: 300, headers: 600, request: 2_000, keepAlive: 600, idle: 2_000, check: 100 };

/** A connection that says nothing, not even hello. */
function silent(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => {});
    ends.push(() => socket.destroy());
  });
}

const closes = (socket: Socket, within: number): Promise<boolean> =>
  Promise.race([once(socket, 'close').then(() => true), sleep(within, false)]);

interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Posts an event over a connection of its own, or of an agent: the status, and the code of a refusal; or the code of the error. */
function send(url: string, identity?: Identity, ca: string = CERTIFICATE, agent: Agent | false = false): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', headers, ca, servername: 'localhost', agent, ...identity };
    const sent = request(url, options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(`${response.statusCode} ${(JSON.parse(text) as { readonly error?: string }).error ?? ''}`.trim()));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    sent.end(agentReady('one', 1));
  });
}

const isStatus = (told: string): boolean => /^\d/.test(told);

describe('an intake with a certificate', () => {
  it('takes events over TLS', async () => {
    expect(await send((await shim(PLAIN)).url)).toBe('202');
  });

  it('does not answer who speaks plain HTTP, or nothing at all, and goes on', async () => {
    const { url, listen } = await shim(PLAIN);
    for (const words of ['POST /events HTTP/1.1\r\nhost: a\r\n\r\n', 'hello\r\n', '\x16\x03\x01\x00\x05hello']) {
      const told = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connectTcp(listen.port, '127.0.0.1', () => socket.write(words));
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve(text));
      });
      expect(told).not.toContain('HTTP/1.1 2');
    }
    expect(await send(url)).toBe('202');
  });

  it('closes connections that do not agree on TLS in time, and those that agree and then say nothing', async () => {
    const { url, listen } = await shim(PLAIN, { ...LIMITS, times: TIMES });
    expect(await closes(await silent(listen.port), 3_000)).toBe(true);
    const agreed = connect({ port: listen.port, host: '127.0.0.1', ca: CERTIFICATE, servername: 'localhost' });
    agreed.on('error', () => {}).resume();
    expect(await closes(agreed, 5_000)).toBe(true);
    expect(await send(url)).toBe('202');
  });

  it('closes a connection at once on which something else than TLS comes', async () => {
    const { listen } = await shim(PLAIN);
    const socket = await silent(listen.port);
    socket.resume().write('POST /events HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(await closes(socket, 3_000)).toBe(true);
  });

  it('stops though somebody has not agreed on TLS yet', async () => {
    const { listen, stop } = await startTestShim(folder(), [endpoint('http://127.0.0.1:9/in')], { tls: PLAIN });
    await silent(listen.port);
    const began = performance.now();
    await stop();
    expect(performance.now() - began).toBeLessThan(8_000);
  }, 15_000);

  it('speaks no TLS before 1.2', async () => {
    const { listen } = await shim(PLAIN);
    const told = await new Promise<string>((resolve) => {
      const socket: TLSSocket = connect(
        {
          port: listen.port,
          host: '127.0.0.1',
          ca: CERTIFICATE,
          servername: 'localhost',
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        },
        () => resolve('connected'),
      );
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
    expect(told).not.toBe('connected');
  });

  it('checks requests as strictly as over plain HTTP', async () => {
    const { listen } = await shim(PLAIN);
    for (const bad of [
      'GET /events HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
      'POST /events HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      'POST http://a/events HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}',
    ]) {
      const told = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect({ port: listen.port, host: '127.0.0.1', ca: CERTIFICATE, servername: 'localhost' }, () => socket.write(bad));
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve(text));
      });
      expect(told).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(told).toMatch(/connection: close/i);
    }
  });

  it('takes another certificate while it runs', async () => {
    const from = await shim(PLAIN);
    expect(await send(from.url, undefined, FOREIGN.cert)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    from.resume({ tls: { ...PLAIN, ...FOREIGN } });
    // Trusted now, though it is not for this name.
    expect(await send(from.url, undefined, FOREIGN.cert)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await send(from.url)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });
});

describe('an intake that wants certificates of its senders', () => {
  it('takes events of those that have one of its CA, and of nobody else', async () => {
    const { url } = await shim(MUTUAL);
    expect(await send(url, CLIENT)).toBe('202');
    expect(await send(url, OTHER)).toBe('202');
    expect(isStatus(await send(url))).toBe(false);
    expect(isStatus(await send(url, FOREIGN))).toBe(false);
    expect(isStatus(await send(url, EXPIRED))).toBe(false);
    expect(await send(url, CLIENT)).toBe('202');
  });

  it.each(['sender', 'sender.example', 'spiffe://example/sender'])('takes them only of those that are named: %s', async (name) => {
    const { url } = await shim({ ...MUTUAL, clientNames: ['nobody', name] });
    expect(await send(url, CLIENT)).toBe('202');
    expect(await send(url, OTHER)).toBe('403 certificate');
  });
});

describe('certificates and names that change while the intake runs', () => {
  it('are those of another CA from then on, also for who has been here before', async () => {
    const from = await shim(MUTUAL);
    expect(await send(from.url, CLIENT)).toBe('202');
    from.resume({ tls: { ...MUTUAL, clientCa: FOREIGN.cert } });
    expect(isStatus(await send(from.url, CLIENT))).toBe(false);
    expect(await send(from.url, FOREIGN)).toBe('202');
  });

  it('are other names, also on a connection that is open', async () => {
    const named = { ...MUTUAL, clientNames: ['sender'] };
    const from = await shim(named);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    ends.push(() => agent.destroy());
    expect(await send(from.url, CLIENT, CERTIFICATE, agent)).toBe('202');
    from.resume({ tls: { ...named, clientNames: ['somebody'] } });
    expect(await send(from.url, CLIENT, CERTIFICATE, agent)).toBe('403 certificate');
    expect(await send(from.url, OTHER)).toBe('202');
  });

  it.each([
    ['a CA where none was', PLAIN, MUTUAL],
    ['no CA where one was', MUTUAL, PLAIN],
    ['no TLS any more', PLAIN, undefined],
    ['TLS where none was', undefined, PLAIN],
  ])('need a new start, and nothing is changed: %s', async (_, before, after) => {
    const path = folder();
    const made = await startTestShim(path, [endpoint('http://127.0.0.1:9/in')], { tls: before });
    ends.push(made.stop);
    expect(() => made.resume({ tls: after })).toThrow('can be changed while the shim runs, but neither set nor left out');
    if (before !== undefined) expect(await send(made.url, CLIENT)).toBe('202');
  });
});

describe('the settings of TLS', () => {
  function settled(change: Readonly<Record<string, string | undefined>>): IntakeTls | undefined {
    const path = folder();
    const write = (name: string, text: string): string => {
      writeFileSync(join(path, name), text);
      chmodSync(join(path, name), 0o600);
      return join(path, name);
    };
    const flags = {
      'intake-cert': write('cert', CERTIFICATE),
      'intake-cert-key': write('key', CERTIFICATE_KEY),
      'intake-client-ca': write('ca', CLIENT_CA),
    };
    const merged = Object.fromEntries(Object.entries({ ...flags, ...change }).map(([name, value]) => [name, value?.replace('DIR', path)]));
    writeFileSync(join(path, 'open'), CERTIFICATE_KEY);
    chmodSync(join(path, 'open'), 0o644);
    return tlsOf(resolveSettings(merged, {}));
  }

  it('are read and tried', () => {
    expect(settled({})).toEqual(MUTUAL);
    expect(settled({ 'intake-client-ca': undefined })).toEqual(PLAIN);
    expect(settled({ 'intake-cert': undefined, 'intake-cert-key': undefined, 'intake-client-ca': undefined })).toBeUndefined();
  });

  it.each([
    ['a certificate without its key', { 'intake-cert-key': undefined }, 'its key is missing'],
    ['a key without its certificate', { 'intake-cert': undefined, 'intake-client-ca': undefined }, 'without a certificate there is no TLS'],
    ['a CA without a certificate', { 'intake-cert': undefined, 'intake-cert-key': undefined }, 'without a certificate there is no TLS'],
    ['names without a CA', { 'intake-client-ca': undefined, 'intake-client-names': 'sender' }, 'nobody vouches'],
    ['a key that others may read', { 'intake-cert-key': 'DIR/open' }, 'can be read by others'],
    ['a file that is not there', { 'intake-cert': 'DIR/none' }, 'ENOENT'],
    ['a key of another certificate', { 'intake-cert': 'DIR/ca' }, 'intake-cert: '],
    ['a CA that is none', { 'intake-client-ca': 'DIR/key' }, 'no certificate in it'],
  ])('are refused: %s', (_, change, message) => {
    expect(() => settled(change)).toThrow(UpcastError);
    expect(() => settled(change)).toThrow(message);
  });
});
