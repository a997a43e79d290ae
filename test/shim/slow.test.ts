import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { IntakeTimes } from '../../src/shim/intake.ts';
import { agentReady, endpoint, folderFor, LIMITS, post, startSink, startTestShim } from './support.ts';

const { CCC_SLOW = '1000' } = process.env;
/** Slow connections; CCC_SLOW=5000 for more. */
const SLOW = Number(CCC_SLOW);
const GOOD = 200;
/** Good requests under way at once. */
const AT_ONCE = 4;
/** Long enough for all to be open while the good ones are posted, short enough to wait for. */
const SHORT = 4_000 + 2 * SLOW;
const TIMES: IntakeTimes = { handshake: SHORT, headers: SHORT, request: SHORT + 1_000, keepAlive: SHORT, idle: SHORT + 2_000, check: 100 };
const DRIP_EVERY = 500;
/** What a close may come late on a machine that does other things as well. */
const LATE = 3_000;

/** A way to be slow: what is sent at first and what again and again, and how long the shim bears it. */
interface Kind {
  readonly name: string;
  readonly first: string;
  readonly drip: string;
  readonly limit: number;
}

const HEAD = 'POST /events HTTP/1.1\r\nHost: shim\r\nContent-Type: application/json\r\n';
const EVENT = agentReady('kept alive', 0);
// The slow bodies announce more, all together, than there may be of bodies in memory: this must keep nobody else out.
const KINDS: readonly Kind[] = [
  { name: 'idle', first: '', drip: '', limit: TIMES.headers },
  { name: 'slow head', first: `${HEAD}X: `, drip: 'a', limit: TIMES.headers },
  { name: 'slow body', first: `${HEAD}Content-Length: ${LIMITS.maxBody}\r\n\r\n`, drip: ' ', limit: TIMES.request },
  { name: 'never ending body', first: `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, drip: '1\r\n \r\n', limit: TIMES.request },
  { name: 'idle after a request', first: `${HEAD}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`, drip: '', limit: TIMES.keepAlive },
];

/** A connection to the shim, and what became of it. */
interface Slow {
  readonly kind: Kind;
  readonly socket: Socket;
  readonly opened: number;
  closed: number | undefined;
  answer: string;
}

function open(port: number, kind: Kind): Promise<Slow> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('error', reject);
    socket.on('connect', () => {
      const slow: Slow = { kind, socket, opened: Date.now(), closed: undefined, answer: '' };
      socket.on('data', (data) => {
        slow.answer += data.toString('latin1');
      });
      socket.on('close', () => {
        slow.closed = Date.now();
      });
      socket.write(kind.first);
      resolve(slow);
    });
  });
}

/** Opens connections of all kinds in turn, some at once, as the queue of connections that are not accepted yet has an end. */
async function openAll(port: number): Promise<readonly Slow[]> {
  const all: Slow[] = [];
  while (all.length < SLOW) {
    const next = Array.from({ length: Math.min(100, SLOW - all.length) }, (_, index) =>
      open(port, KINDS[(all.length + index) % KINDS.length] as Kind),
    );
    all.push(...(await Promise.all(next)));
  }
  return all;
}

/** Posts good requests; gives how long each took, the shortest first. */
async function postGood(url: string): Promise<{ readonly statuses: readonly number[]; readonly times: readonly number[] }> {
  const statuses: number[] = [];
  const times: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < GOOD) {
      next += 1;
      const begin = performance.now();
      const { status } = await post(url, agentReady('good', next));
      times.push(performance.now() - begin);
      statuses.push(status);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { statuses, times: times.sort((one, other) => one - other) };
}

let ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function start(times: IntakeTimes) {
  const folder = folderFor('slow');
  ends.push(() => folder.remove());
  const sink = await startSink();
  ends.push(() => sink.close());
  const shim = await startTestShim(folder.path, [endpoint(sink.url)], { limits: { ...LIMITS, times } });
  ends.push(() => shim.stop());
  return { sink, shim };
}

describe('a shim with slow senders', () => {
  it(`answers good requests within a second while ${SLOW} slow connections are open, and closes each of those when its time is over`, {
    timeout: 60_000 + 3 * SHORT,
  }, async () => {
    const { sink, shim } = await start(TIMES);
    const all = await openAll(shim.listen.port);
    const dripping = setInterval(() => {
      for (const { socket, kind } of all) if (kind.drip !== '' && socket.writable) socket.write(kind.drip);
    }, DRIP_EVERY);
    ends.push(() => clearInterval(dripping));
    // The shim closes while another drip is on its way: a reset is a close as well.
    for (const { socket } of all) socket.removeAllListeners('error').on('error', () => {});

    const { statuses, times } = await postGood(shim.url);
    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(times[Math.ceil(0.99 * times.length) - 1]).toBeLessThan(1_000);
    // Else they were not there long enough to keep anybody waiting.
    expect(all.flatMap(({ kind, closed }) => (closed === undefined ? [] : [kind.name]))).toEqual([]);

    await expect.poll(() => all.filter(({ closed }) => closed === undefined).length, { timeout: TIMES.request + LATE + 5_000 }).toBe(0);
    for (const { kind, opened, closed = Number.POSITIVE_INFINITY, answer } of all) {
      expect(closed - opened, kind.name).toBeLessThan(kind.limit + LATE);
      const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
      expect(status, kind.name).toBe(kind.name === 'idle after a request' ? '202' : '408');
    }
    const good = sink.got.filter(({ text }) => text.includes('good@old'));
    expect(good).toHaveLength(GOOD);
  });

  it('closes a connection whose sender never reads its answer', async () => {
    const idle = 1_000;
    const { shim } = await start({ ...TIMES, idle });
    // Each line is rejected with a sentence: the answer is far longer than what the system keeps for a reader that does not read.
    const body = 'x\n'.repeat(LIMITS.maxBody / 2);
    const socket = connect(shim.listen.port, '127.0.0.1');
    socket.pause().on('error', () => {});
    socket.write(`${HEAD.replace('json', 'x-ndjson')}Content-Length: ${body.length}\r\n\r\n${body}`);
    const begun = await new Promise<Buffer>((resolve) => socket.once('readable', () => resolve(socket.read() as Buffer)));
    const announced = Number(/content-length: (\d+)/.exec(begun.toString('latin1'))?.[1]);
    await sleep(idle + LATE);
    let received = begun.length;
    socket.on('data', (data) => {
      received += data.length;
    });
    await new Promise<void>((closed) => socket.on('close', () => closed()));
    expect(received).toBeLessThan(announced);
  });
});
