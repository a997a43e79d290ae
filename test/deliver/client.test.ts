import type { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Attempt, Client, Target } from '../../src/deliver/client.ts';
import { createClient } from '../../src/deliver/client.ts';
import type { Resolver } from '../../src/deliver/guard.ts';
import type { SigningKey } from '../../src/deliver/signature.ts';
import { isSigned, parseKey } from '../../src/deliver/signature.ts';
import type { RawRequest, RawServer } from './raw-server.ts';
import { drip, response, startRawServer } from './raw-server.ts';

const NOW = Date.UTC(2025, 5, 1, 12, 0, 0, 999);
const BODY = Buffer.from('{"type":"AgentReady","name":"坐席"}');
/** Longer than any test may take: what waits for it has failed. */
const LONG = 20_000;
/** What a machine with other work may add to a wait. */
const SLACK = 3_000;

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of closing.splice(0).reverse()) await each.close();
});

async function server(answer: (socket: Socket, request: RawRequest) => void, connected?: (socket: Socket) => void): Promise<RawServer> {
  const started = await startRawServer(answer, connected);
  closing.push(started);
  return started;
}

function clientOf(url: string, change: Partial<Target> = {}, resolve?: Resolver): Client {
  const target: Target = {
    url: new URL(url),
    headers: {},
    keys: [],
    concurrency: 4,
    deadline: LONG,
    ca: undefined,
    allowed: [],
    ...change,
  };
  const client = createClient(target, resolve);
  closing.push(client);
  return client;
}

interface Timed extends Attempt {
  readonly took: number;
}

async function send(client: Client, id = 'event-1'): Promise<Timed> {
  const started = performance.now();
  const attempt = await client.send(id, BODY, NOW);
  return { ...attempt, took: performance.now() - started };
}

/** What comes of an attempt that is answered so. */
async function answered(answer: (socket: Socket, request: RawRequest) => void, change: Partial<Target> = {}): Promise<Timed> {
  const { url } = await server(answer);
  return send(clientOf(url, change));
}

/** A whole answer with this status. */
const status = (code: number, headers: Readonly<Record<string, string>> = {}) =>
  answered((socket) => socket.write(response(code, headers, code === 204 || code === 304 ? '' : '{"some":"answer"}')));

async function eventually(isTrue: () => boolean): Promise<void> {
  const until = performance.now() + SLACK;
  while (!isTrue() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isTrue()).toBe(true);
}

describe('a status', () => {
  it.each([200, 201, 202, 203, 204, 205, 206, 226, 299])('%i: delivered', async (code) => {
    expect(await status(code)).toMatchObject({ outcome: 'delivered', status: code, wait: undefined, detail: String(code) });
  });

  it.each([408, 425, 429, 500, 501, 502, 503, 504, 507, 599])('%i: again', async (code) => {
    expect(await status(code)).toMatchObject({ outcome: 'again', status: code, wait: undefined, detail: String(code) });
  });

  it.each([401, 403])('%i: unauthorized', async (code) => {
    expect(await status(code)).toMatchObject({ outcome: 'unauthorized', status: code });
  });

  it('410: gone', async () => {
    expect(await status(410)).toMatchObject({ outcome: 'gone', status: 410 });
  });

  it.each([400, 402, 404, 405, 406, 407, 409, 411, 413, 414, 415, 418, 421, 422, 423, 426, 428, 431, 451, 499])(
    '%i: refused',
    async (code) => {
      expect(await status(code)).toMatchObject({ outcome: 'refused', status: code, detail: String(code) });
    },
  );

  it('is all that is told of an answer: what the endpoint wrote is not', async () => {
    const { detail } = await answered((socket) => socket.write(response('500 secret-in-reason', { 'x-secret': 'a' }, 'secret-in-body')));
    expect(detail).toBe('500');
  });
});

describe('a redirect', () => {
  it.each([300, 301, 302, 303, 304, 305, 307, 308])('%i is refused and never followed', async (code) => {
    const elsewhere = await server((socket) => socket.write(response(200)));
    const there = await server((socket) => socket.write(response(code, { location: elsewhere.url })));
    expect(await send(clientOf(there.url))).toMatchObject({ outcome: 'refused', status: code });
    expect(there.requests).toHaveLength(1);
    expect(elsewhere.sockets).toHaveLength(0);
  });

  it('to the same endpoint is not followed either', async () => {
    const there = await server((socket) => socket.write(response(307, { location: '/elsewhere' })));
    expect(await send(clientOf(there.url))).toMatchObject({ outcome: 'refused' });
    expect(there.requests).toHaveLength(1);
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', '7', 7_000],
    ['no time', '0', 0],
    ['a date', new Date(NOW + 5_001).toUTCString(), 5_001],
    ['a date that is past', new Date(NOW - 60_000).toUTCString(), 0],
    ['a far date', 'Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['too many seconds', '999999999999', 3_600_000],
    ['nonsense', 'in a while 3', undefined],
    ['less than nothing', '-1', undefined],
    ['nothing', '', undefined],
  ])('as %s is told with 429 and 503', async (_name, header, wait) => {
    for (const code of [429, 503]) expect(await status(code, { 'retry-after': header })).toMatchObject({ outcome: 'again', wait });
  });

  it('twice says nothing', async () => {
    const head = 'HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nRetry-After: 6\r\nContent-Length: 0\r\n\r\n';
    expect(await answered((socket) => socket.write(head))).toMatchObject({ outcome: 'again', wait: undefined });
  });

  it('counts only where the event is to be sent again', async () => {
    for (const code of [200, 301, 403, 404, 410]) expect((await status(code, { 'retry-after': '9' })).wait).toBeUndefined();
  });
});

describe('no answer is no fault of the event', () => {
  const unreachable = { outcome: 'unreachable', status: undefined, wait: undefined };

  it('a connection that is refused', async () => {
    const closed = await startRawServer(() => {});
    await closed.close();
    expect(await send(clientOf(closed.url))).toMatchObject({ ...unreachable, detail: 'ECONNREFUSED' });
  });

  it('a connection that is closed as soon as it is made', async () => {
    const { url } = await server(
      () => {},
      (socket) => socket.destroy(),
    );
    expect(await send(clientOf(url))).toMatchObject(unreachable);
  });

  it.each([
    ['a reset before the head', (socket: Socket) => socket.resetAndDestroy()],
    ['an end before the head', (socket: Socket) => socket.end()],
    ['half a status line', (socket: Socket) => socket.end('HTTP/1.1 20')],
    ['a status line alone', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n')],
    ['half a head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
    ['a head without its last line', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n')],
    ['half a head and a reset', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nConte', () => socket.resetAndDestroy())],
    ['garbage', (socket: Socket) => socket.end('\x00\x01\x02 what is this')],
    ['the greeting of a mail server', (socket: Socket) => socket.end('220 mail.example ESMTP\r\n')],
    ['the alert of a TLS server', (socket: Socket) => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 70]))],
    ['a version that is not ours', (socket: Socket) => socket.end('HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n')],
    ['a status of two digits', (socket: Socket) => socket.end('HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n')],
    ['a status that is no number', (socket: Socket) => socket.end('HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n')],
    ['two lengths', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab')],
    ['a length that is no number', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n')],
    [
      'an upgrade that nobody asked for',
      (socket: Socket) => socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    ],
    ['100 and then an end', (socket: Socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n')],
    ['102 and then an end', (socket: Socket) => socket.end('HTTP/1.1 102 Processing\r\n\r\n')],
  ])('%s', async (_name, act) => {
    const attempt = await answered(act);
    expect(attempt).toMatchObject(unreachable);
    expect(attempt.detail).toMatch(/^(?:UND_ERR_[A-Z_]+|ECONNRESET|HTTPParserError)$/);
    expect(attempt.took).toBeLessThan(LONG / 2);
  });

  it('an endless head, of which no more is read than a head may be', async () => {
    const attempt = await answered((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const line = `X-More: ${'a'.repeat(1_000)}\r\n`;
      while (socket.writable && socket.write(line.repeat(100))) {}
    });
    expect(attempt).toMatchObject({ ...unreachable, detail: 'UND_ERR_HEADERS_OVERFLOW' });
    expect(attempt.took).toBeLessThan(LONG / 2);
  });

  it('is not sent again by the client itself: who sends decides that', async () => {
    const there = await server((socket) => socket.resetAndDestroy());
    await send(clientOf(there.url));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(there.requests).toHaveLength(1);
  });

  it('and the next attempt is made over a new connection', async () => {
    const there = await server((socket, { connection }) => (connection === 0 ? socket.end('HTTP/1.1 2') : socket.write(response(200))));
    const client = clientOf(there.url);
    expect((await send(client)).outcome).toBe('unreachable');
    expect((await send(client)).outcome).toBe('delivered');
    expect(there.requests.map(({ connection }) => connection)).toEqual([0, 1]);
  });
});

describe('the deadline', () => {
  const deadline = 400;
  const late = { outcome: 'unreachable', status: undefined, detail: 'deadline' };

  function inTime({ took }: Timed): void {
    // Timers may run out a moment early.
    expect(took).toBeGreaterThan(deadline - 20);
    expect(took).toBeLessThan(deadline + SLACK);
  }

  it.each([
    ['an endpoint that accepts and never answers', () => {}],
    ['a head that drips', (socket: Socket) => drip(socket, `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(10_000)}`, 20)],
    ['a status line that drips', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 60)],
    ['headers that come one by one for ever', (socket: Socket) => drip(socket, `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(1_000)}`, 10)],
    ['a flood of 103', (socket: Socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n')],
    ['102 again and again', (socket: Socket) => repeat(socket, 'HTTP/1.1 102 Processing\r\n\r\n', 30)],
  ])('ends %s', async (_name, act) => {
    const attempt = await answered(act, { deadline });
    expect(attempt).toMatchObject(late);
    inTime(attempt);
  });

  it('is that of the attempt as a whole: what has come in between does not prolong it', async () => {
    // Each wait alone is within it: before the first byte, between the lines, before the end of the head.
    const pieces = ['HTTP/1.1 200 OK\r\n', 'X-One: 1\r\n', 'X-Two: 2\r\n', 'Content-Length: 0\r\n', '\r\n'];
    const attempt = await answered(
      (socket) => {
        for (const [at, piece] of pieces.entries()) setTimeout(() => socket.write(piece), (at + 1) * deadline * 0.4);
      },
      { deadline },
    );
    expect(attempt).toMatchObject(late);
    inTime(attempt);
  });

  it('holds while a name is looked up', async () => {
    const attempt = await send(clientOf('http://sink.example/', { deadline }, () => {}));
    expect(attempt.detail).toMatch(/^(?:deadline|UND_ERR_CONNECT_TIMEOUT)$/);
    inTime(attempt);
  });

  it('holds while a TLS handshake is waited for', async () => {
    const { url } = await server(() => {});
    const attempt = await send(clientOf(url.replace('http:', 'https:'), { deadline }));
    expect(attempt.detail).toMatch(/^(?:deadline|UND_ERR_CONNECT_TIMEOUT)$/);
    inTime(attempt);
  });

  it('leaves 5 s at most for the connection, however long the attempt may take', async () => {
    const { url } = await server(() => {});
    const clients = [clientOf('http://sink.example/', {}, () => {}), clientOf(url.replace('http:', 'https:'))];
    for (const attempt of await Promise.all(clients.map((client) => send(client)))) {
      expect(attempt).toMatchObject({ outcome: 'unreachable', detail: 'UND_ERR_CONNECT_TIMEOUT' });
      expect(attempt.took).toBeGreaterThan(4_900);
      expect(attempt.took).toBeLessThan(5_000 + SLACK);
    }
  });

  it('of one attempt does not touch another one', async () => {
    const there = await server((socket, { headers }) => {
      if (headers.get('webhook-id') === 'fast') socket.write(response(200));
    });
    const client = clientOf(there.url, { deadline });
    const slow = send(client, 'slow');
    for (let at = 0; at < 5; at += 1) expect((await send(client, 'fast')).outcome).toBe('delivered');
    expect(await slow).toMatchObject(late);
  });

  it('closes the connection of an attempt that it ends', async () => {
    const there = await server(() => {});
    await send(clientOf(there.url, { deadline }));
    await eventually(() => there.sockets[0]?.readyState === 'closed' || there.sockets[0]?.destroyed === true);
  });
});

describe('what comes behind the head changes nothing', () => {
  it.each([
    ['that drips', (socket: Socket) => drip(socket, 'x', 20), 'Content-Length: 60000'],
    ['that drips in chunks', (socket: Socket) => repeat(socket, '1\r\nx\r\n', 20), 'Transfer-Encoding: chunked'],
    ['that never comes', () => {}, 'Content-Length: 5'],
    ['that ends too early', (socket: Socket) => socket.end('half'), 'Content-Length: 50'],
    ['that is reset', (socket: Socket) => setTimeout(() => socket.resetAndDestroy(), 20), 'Content-Length: 50'],
    ['of garbage where chunks should be', (socket: Socket) => socket.write('this is no chunk'), 'Transfer-Encoding: chunked'],
    ['that is said to be too large', () => {}, `Content-Length: ${2 ** 40}`],
    ['that is endless', (socket: Socket) => flood(socket, 'x'.repeat(65_536)), 'X-Length: none'],
    ['that is endless, in chunks', (socket: Socket) => flood(socket, `8000\r\n${'x'.repeat(0x8000)}\r\n`), 'Transfer-Encoding: chunked'],
    ['that is packed and never unpacked', (socket: Socket) => socket.write('\x1f\x8b\x08 bomb'), 'Content-Encoding: gzip'],
  ])('a body %s: the head decides, promptly', async (_name, body, header) => {
    for (const [code, outcome] of [
      [200, 'delivered'],
      [503, 'again'],
      [404, 'refused'],
    ] as const) {
      const attempt = await answered((socket) => {
        socket.write(`HTTP/1.1 ${code} X\r\n${header}\r\n\r\n`, () => void body(socket));
      });
      expect(attempt).toMatchObject({ outcome, status: code });
      expect(attempt.took).toBeLessThan(SLACK);
    }
  });

  it('and hints before the head change nothing either', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(50);
    expect(await answered((socket) => socket.write(`${hints}${response(202)}`))).toMatchObject({ outcome: 'delivered', status: 202 });
  });

  it.each([
    ['without a length', 'X-Length: none', 'x'.repeat(65_536)],
    ['in chunks', 'Transfer-Encoding: chunked', `8000\r\n${'x'.repeat(0x8000)}\r\n`],
  ])('an endless body %s is read for 64 KiB and cut off', async (_name, header, piece) => {
    const there = await server((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`);
      flood(socket, piece);
    });
    expect((await send(clientOf(there.url))).outcome).toBe('delivered');
    const [socket] = there.sockets as [Socket];
    await eventually(() => socket.destroyed);
    // What was taken over is more than what was read: the system keeps some megabytes on the way.
    expect(socket.bytesWritten).toBeLessThan(32 * 2 ** 20);
  });

  it('a body that is said to be too large is not waited for: its connection is closed', async () => {
    const there = await server((socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * 1024 + 1}\r\n\r\n`));
    await send(clientOf(there.url));
    await eventually(() => there.sockets[0]?.destroyed === true);
  });

  it('a body that drips is cut off at the deadline', async () => {
    const there = await server((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n');
      drip(socket, 'x', 20);
    });
    const { outcome, took } = await send(clientOf(there.url, { deadline: 600 }));
    expect(outcome).toBe('delivered');
    expect(took).toBeLessThan(600);
    expect(there.sockets[0]?.destroyed).toBe(false);
    await eventually(() => there.sockets[0]?.destroyed === true);
  });

  it('bodies that drip do not keep the next event waiting for a connection, nor are there more connections than allowed', async () => {
    let most = 0;
    const there = await server(
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n');
        drip(socket, 'x', 20);
      },
      () => {
        most = Math.max(most, there.sockets.filter(({ destroyed, readyState }) => !destroyed && readyState === 'open').length);
      },
    );
    const client = clientOf(there.url, { concurrency: 2 });
    for (let at = 0; at < 6; at += 1) {
      const { outcome, took } = await send(client, `event-${at}`);
      expect(outcome).toBe('delivered');
      expect(took).toBeLessThan(SLACK);
    }
    expect(there.requests).toHaveLength(6);
    // The end of a connection may be seen a moment after the beginning of the next one.
    expect(most).toBeLessThanOrEqual(3);
  });
});

describe('connections', () => {
  it.each([
    ['without a body', response(200)],
    ['with a small one', response(200, {}, '{"ok":true}')],
    ['with one in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['with one of 64 KiB', response(200, {}, 'x'.repeat(65_536))],
    ['of 204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['that is a failure', response(503, {}, 'busy')],
  ])('are used again after an answer %s', async (_name, whole) => {
    const there = await server((socket) => socket.write(whole));
    const client = clientOf(there.url);
    for (let at = 0; at < 10; at += 1) await send(client, `event-${at}`);
    expect(there.requests).toHaveLength(10);
    // Two in turn, because the pool learns a moment late that one is free; never one for each request.
    expect(there.sockets.length).toBeLessThanOrEqual(2);
    const single = clientOf(there.url, { concurrency: 1 });
    const before = there.sockets.length;
    for (let at = 0; at < 10; at += 1) await send(single, `event-${at}`);
    expect(there.sockets.length - before).toBe(1);
  });

  it('are used again when the body comes a little after the head', async () => {
    const there = await server((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
      setTimeout(() => socket.write('ok'), 5);
    });
    const client = clientOf(there.url, { concurrency: 1 });
    for (let at = 0; at < 5; at += 1) await send(client);
    expect(there.sockets).toHaveLength(1);
  });

  it('are as many as may be at once and no more, each with one request at a time', async () => {
    const open = new Set<Socket>();
    let most = 0;
    const there = await server((socket) => {
      expect(open.has(socket)).toBe(false);
      open.add(socket);
      most = Math.max(most, open.size);
      setTimeout(() => {
        open.delete(socket);
        socket.write(response(200));
      }, 20);
    });
    const client = clientOf(there.url, { concurrency: 3 });
    const all = await Promise.all(Array.from({ length: 12 }, (_, at) => send(client, `event-${at}`)));
    expect(all.map(({ outcome }) => outcome)).toEqual(all.map(() => 'delivered'));
    expect({ most, sockets: there.sockets.length }).toEqual({ most: 3, sockets: 3 });
  });

  it('are all closed at the end, and what is under way ends with them', async () => {
    const there = await server((socket, { headers }) => {
      if (headers.get('webhook-id') === 'drips') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx');
    });
    const client = clientOf(there.url);
    expect((await send(client, 'drips')).outcome).toBe('delivered');
    const waiting = send(client, 'waits');
    await eventually(() => there.requests.length === 2);
    await client.close();
    expect(await waiting).toMatchObject({ outcome: 'unreachable', status: undefined });
    await eventually(() => there.sockets.every(({ destroyed }) => destroyed));
    expect(await send(client)).toMatchObject({ outcome: 'unreachable' });
    expect(there.sockets).toHaveLength(2);
  });

  it('go to the endpoint and not to a proxy that the environment names', async () => {
    const proxy = await server((socket) => socket.write(response(200)));
    const there = await server((socket) => socket.write(response(200)));
    for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'ALL_PROXY']) vi.stubEnv(name, proxy.url);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    expect((await send(clientOf(there.url))).outcome).toBe('delivered');
    expect(proxy.sockets).toHaveLength(0);
    expect(there.requests).toHaveLength(1);
  });
});

describe('a request', () => {
  const keyOf = (byte: number): SigningKey => parseKey(`whsec_${Buffer.alloc(24, byte).toString('base64')}`) as SigningKey;
  const keys = [keyOf(1), keyOf(2)];

  async function requestOf(change: Partial<Target>, id = 'evt_1'): Promise<RawRequest> {
    const there = await server((socket) => socket.write(response(200)));
    await send(clientOf(there.url, change), id);
    return there.requests[0] as RawRequest;
  }

  function verifies({ headers, body }: RawRequest, known: readonly SigningKey[]): boolean {
    const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers.get(name));
    return isSigned(known, { id, timestamp, signature }, body, Math.floor(NOW / 1000));
  }

  it('is a POST of the event’s bytes to the path and the query of the URL', async () => {
    const { head, headers, body } = await requestOf({});
    expect(head).toBe('POST /in?tenant=7 HTTP/1.1');
    expect(body).toEqual(BODY);
    expect(headers.get('content-length')).toBe(String(BODY.length));
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('user-agent')).toBe('ccc-upcast');
    expect(headers.get('host')).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('names the event and the second in which it is sent', async () => {
    const { headers } = await requestOf({});
    expect(headers.get('webhook-id')).toBe('evt_1');
    expect(headers.get('idempotency-key')).toBe('evt_1');
    expect(headers.get('webhook-timestamp')).toBe('1748779200');
  });

  it('is signed with each key, and a receiver that knows one of them can verify it', async () => {
    const request = await requestOf({ keys });
    expect(request.headers.get('webhook-signature')?.split(' ')).toHaveLength(2);
    for (const key of keys) expect(verifies(request, [key])).toBe(true);
    expect(verifies(request, [keyOf(3)])).toBe(false);
    expect(verifies({ ...request, body: Buffer.from('{}') }, keys)).toBe(false);
  });

  it('without a key has no signature', async () => {
    expect((await requestOf({})).headers.has('webhook-signature')).toBe(false);
  });

  it('has its headers under the names that an endpoint wants, and not those that it does not', async () => {
    const headerNames = { 'webhook-id': 'x-event-id', 'webhook-signature': 'x-signature', 'idempotency-key': null };
    const { headers, body } = await requestOf({ keys, headerNames });
    const [id, timestamp, signature] = ['x-event-id', 'webhook-timestamp', 'x-signature'].map((name) => headers.get(name));
    expect(id).toBe('evt_1');
    expect(isSigned(keys, { id, timestamp, signature }, body, Math.floor(NOW / 1000))).toBe(true);
    for (const name of ['webhook-id', 'webhook-signature', 'idempotency-key']) expect(headers.has(name)).toBe(false);
  });

  it('of a second attempt has the same id, and its own time and signature', async () => {
    const there = await server((socket) => socket.write(response(503)));
    const client = clientOf(there.url, { keys });
    await client.send('evt_1', BODY, NOW);
    await client.send('evt_1', BODY, NOW + 60_000);
    const [first, second] = there.requests as [RawRequest, RawRequest];
    const header = (name: string) => [first.headers.get(name), second.headers.get(name)];
    expect(header('webhook-id')).toEqual(['evt_1', 'evt_1']);
    expect(header('idempotency-key')).toEqual(['evt_1', 'evt_1']);
    expect(header('webhook-timestamp')).toEqual(['1748779200', '1748779260']);
    expect(new Set(header('webhook-signature')).size).toBe(2);
    expect(second.body).toEqual(first.body);
    expect(verifies(second, keys)).toBe(true);
  });

  it('carries the headers of its endpoint', async () => {
    const { headers } = await requestOf({ headers: { authorization: 'Bearer abc', 'X-Tenant': '7' } });
    expect({ authorization: headers.get('authorization'), tenant: headers.get('x-tenant') }).toEqual({
      authorization: 'Bearer abc',
      tenant: '7',
    });
  });

  it('carries a header once, whatever the case in which the endpoint names it', async () => {
    const { headers } = await requestOf({ headers: { 'User-Agent': 'own/1.0', 'CONTENT-TYPE': 'application/cloudevents+json' } });
    expect({ agent: headers.get('user-agent'), type: headers.get('content-type') }).toEqual({
      agent: 'own/1.0',
      type: 'application/cloudevents+json',
    });
  });

  it.each(['webhook-id', 'Webhook-Id', 'WEBHOOK-TIMESTAMP', 'Webhook-Signature', 'Idempotency-Key'])(
    'is named and signed by the delivery, not by a header "%s" of the endpoint',
    async (name) => {
      const request = await requestOf({ keys, headers: { [name]: 'forged' } });
      expect([...request.headers.values()]).not.toContain('forged');
      expect(verifies(request, keys)).toBe(true);
    },
  );

  it('that cannot be written is not sent, and an attempt all the same', async () => {
    const there = await server((socket) => socket.write(response(200)));
    const client = clientOf(there.url, { headers: { 'x-bad': 'a\r\nx-injected: b' } });
    expect(await send(client)).toMatchObject({ outcome: 'unreachable', detail: 'UND_ERR_INVALID_ARG' });
    expect(there.requests).toHaveLength(0);
  });
});

/** Writes a text as fast as it is taken, as long as somebody listens. */
function flood(socket: Socket, text: string): void {
  const more = (): void => {
    while (socket.writable && socket.write(text)) {}
  };
  socket.on('drain', more);
  more();
}

function repeat(socket: Socket, text: string, every: number): void {
  const timer = setInterval(() => socket.write(text), every);
  socket.on('close', () => clearInterval(timer));
}
