import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { fc, it } from '@fast-check/vitest';
import { afterEach, describe, expect } from 'vitest';
import { createClientRate, isLoopback, limitConnections, MOST_CLIENTS } from '../../src/shim/clients.ts';
import { agentReady, closed, endpoint, folderFor, LIMITS, listening, post, startTestShim } from './support.ts';

let ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

describe('the rate of a sender', () => {
  it('is a second’s worth at once, then what comes back', () => {
    const rate = createClientRate(10);
    for (let count = 0; count < 10; count += 1) expect(rate.take('a', 1, 0)).toBe(0);
    expect(rate.take('a', 1, 0)).toBe(100);
    expect(rate.take('a', 1, 99)).toBeGreaterThan(0);
    expect(rate.take('a', 1, 100)).toBe(0);
    expect(rate.take('a', 1, 100)).toBe(100);
  });

  it('lets a batch through that is larger than it, and makes up for it', () => {
    const rate = createClientRate(10);
    expect(rate.take('a', 1000, 0)).toBe(0);
    expect(rate.take('a', 1, 1000)).toBe(98_100);
    expect(rate.take('a', 1, 99_100)).toBe(0);
  });

  it('is each sender’s own', () => {
    const rate = createClientRate(1);
    expect(rate.take('a', 5, 0)).toBe(0);
    expect(rate.take('b', 1, 0)).toBe(0);
    expect(rate.take('a', 1, 0)).toBeGreaterThan(0);
  });

  it.prop([
    fc.integer({ min: 1, max: 1000 }),
    fc.array(fc.record({ wait: fc.integer({ min: 0, max: 500 }), count: fc.integer({ min: 1, max: 50 }) })),
  ])('over any time is never more than a second’s worth and one request above it', (perSecond, steps) => {
    const rate = createClientRate(perSecond);
    let [now, taken] = [0, 0];
    for (const { wait, count } of steps) {
      now += wait;
      if (rate.take('a', count, now) === 0) taken += count;
      expect(taken).toBeLessThanOrEqual(perSecond + (now * perSecond) / 1000 + 50);
    }
  });

  it('is forgotten when all of it is there again', () => {
    const rate = createClientRate(10);
    for (let sender = 0; sender < 100; sender += 1) rate.take(`a${sender}`, 5, 0);
    expect(rate.size).toBe(100);
    rate.take('b', 5, 500);
    expect(rate.size).toBe(1);
  });

  it('is remembered of so many senders at most, of those that were heard last', () => {
    const rate = createClientRate(1);
    for (let sender = 0; sender < MOST_CLIENTS + 500; sender += 1) rate.take(`a${sender}`, 100, 0);
    expect(rate.size).toBe(MOST_CLIENTS);
    expect(rate.take(`a${MOST_CLIENTS + 499}`, 1, 0)).toBeGreaterThan(0);
    expect(rate.take('a0', 1, 0)).toBe(0);
  });

  it('is told with the time to wait, and nothing of the request is stored', async () => {
    const made = folderFor('rate');
    ends.push(made.remove);
    const shim = await startTestShim(made.path, [endpoint('http://127.0.0.1:9/in')], { limits: { ...LIMITS, maxRate: 2 } });
    ends.push(shim.stop);
    const three = [1, 2, 3].map((second) => agentReady('one', second)).join('\n');
    expect((await post(shim.url, three)).status).toBe(202);
    const over = await post(shim.url, agentReady('one', 4));
    expect([over.status, over.json, over.headers.get('retry-after')]).toEqual([429, { error: 'rate' }, '1']);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await post(shim.url, agentReady('one', 4))).json).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
  });
});

describe('connections of one address', () => {
  async function open(port: number): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    ends.push(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }
  const isClosed = (socket: Socket): Promise<boolean> =>
    Promise.race([once(socket, 'close').then(() => true), new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300))]);

  it('are as many as it may have; the next one is closed, and there is room again when one ends', async () => {
    let refused = 0;
    const server = createServer();
    limitConnections(
      server,
      3,
      () => (refused += 1),
      () => false,
    );
    const port = await listening(server);
    ends.push(() => closed(server));
    const [first] = [await open(port), await open(port), await open(port)];
    expect(await isClosed(await open(port))).toBe(true);
    expect(refused).toBe(1);
    first.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await isClosed(await open(port))).toBe(false);
  });

  it('are not counted where they come from the same machine', async () => {
    const server = createServer();
    limitConnections(server, 1, () => expect.unreachable());
    const port = await listening(server);
    ends.push(() => closed(server));
    for (let count = 0; count < 5; count += 1) await open(port);
    expect(await isClosed(await open(port))).toBe(false);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['::2', false],
    ['', false],
  ])('%s is on the same machine: %s', (address, is) => {
    expect(isLoopback(address)).toBe(is);
  });
});
