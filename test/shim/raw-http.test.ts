import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IntakeTimes } from '../../src/shim/intake.ts';
import type { RawRequest } from './raw-requests.ts';
import { AMBIGUOUS, LEGAL, SMUGGLED, UNUSUAL } from './raw-requests.ts';
import type { Sink, TestShim } from './support.ts';
import { agentReady, endpoint, folderFor, LIMITS, post, startSink, startTestShim } from './support.ts';

/** What came back, and whether the shim closed the connection. */
interface Outcome {
  readonly statuses: readonly number[];
  readonly closed: boolean;
}

/** How requests are cut into packets: at once, and so that most tokens are torn. */
const CUTS = [Number.POSITIVE_INFINITY, 13];
/** The shim waits shorter than this for what does not come. */
const PATIENCE = 10_000;
const AT_ONCE = 24;

/** Sends bytes and waits until the shim closes the connection, or has answered `enough` requests. */
function exchange(port: number, raw: string, cut: number, enough = Number.POSITIVE_INFINITY): Promise<Outcome> {
  return new Promise((resolve) => {
    const bytes = Buffer.from(raw, 'latin1');
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    const end = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ statuses: [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status)), closed });
    };
    const timer = setTimeout(() => end(false), PATIENCE);
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more;
      if ((text.match(/^HTTP\/1\.1 /gm) ?? []).length >= enough && text.endsWith('\n')) end(false);
    });
    // A shim that closes while the rest of a request is on its way resets the connection: closed as well.
    socket.on('error', () => {});
    socket.on('close', () => end(true));
    const send = async (): Promise<void> => {
      // Only the first kilobytes are cut: the rest is the filling of a field that is too long.
      for (let at = 0; at < bytes.length && socket.writable; ) {
        const next = cut === Number.POSITIVE_INFINITY || at > 2_000 ? bytes.length : at + cut;
        await new Promise<void>((written) => void socket.write(bytes.subarray(at, next), () => written()));
        at = next;
      }
    };
    socket.on('connect', () => void send());
  });
}

/** Does all, a few at once. */
async function forEach<T, R>(all: readonly T[], work: (each: T) => Promise<R>): Promise<ReadonlyMap<T, R>> {
  const results = new Map<T, R>();
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let each = left.shift(); each !== undefined; each = left.shift()) results.set(each, await work(each));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Short, so that what waits for more does not keep the test waiting; long enough for a busy machine. */
const TIMES: IntakeTimes = { handshake: 1_500, headers: 1_500, request: 2_000, keepAlive: 1_500, idle: 5_000, check: 100 };
const folder = folderFor('raw');
let sink: Sink;
let shim: TestShim;

beforeAll(async () => {
  sink = await startSink();
  shim = await startTestShim(folder.path, [endpoint(sink.url)], { limits: { ...LIMITS, times: TIMES } });
});

afterAll(async () => {
  await shim.stop();
  await sink.close();
  folder.remove();
});

const metrics = async (): Promise<string> => (await fetch(`${shim.adminUrl}/metrics`)).text();
const agentsOf = (sent: Sink): readonly string[] =>
  sent.got.map(({ text }) => (JSON.parse(text) as { readonly agentId: string }).agentId.replace('@old', ''));

describe('a request that is malformed, or that another server may read in another way, is refused or its connection closed', () => {
  let outcomes: ReadonlyMap<RawRequest, readonly Outcome[]>;

  beforeAll(async () => {
    outcomes = await forEach(AMBIGUOUS, (each) => Promise.all(CUTS.map((cut) => exchange(shim.listen.port, each.raw, cut))));
  }, 120_000);

  it.each(AMBIGUOUS)('$name ($why)', (each) => {
    const answers = outcomes.get(each) ?? [];
    expect(answers).toHaveLength(CUTS.length);
    for (const { statuses, closed } of answers) {
      expect(closed).toBe(true);
      expect(statuses.filter((status) => status < 400 || status > 499)).toEqual([]);
      // A second answer would be one to bytes of the content.
      expect(statuses.length).toBeLessThanOrEqual(1);
    }
  });

  it('and the sink gets the events of good requests, nothing of those', async () => {
    expect((await post(shim.url, agentReady('good', 1))).status).toBe(202);
    await sink.until(1);
    await expect.poll(metrics).toMatch(/^ccc_upcast_outbox_events\{.*\} 0$/m);
    expect(agentsOf(sink).filter((agent) => agent === SMUGGLED)).toEqual([]);
    expect(agentsOf(sink).filter((agent) => agent === 'good')).toHaveLength(1);
  });
});

describe('a request that is unusual but means one thing only is taken', () => {
  it.each(UNUSUAL)('$name ($why)', async ({ raw, events }) => {
    for (const cut of CUTS) {
      const { statuses } = await exchange(shim.listen.port, raw, cut, events);
      expect(statuses).toEqual(Array(events).fill(202));
    }
  });

  it('and each of its events is sent on once', async () => {
    const count = UNUSUAL.reduce((sum, { events }) => sum + events, 0);
    await expect.poll(() => agentsOf(sink).filter((agent) => agent === LEGAL).length).toBe(count);
    await expect.poll(metrics).toMatch(/^ccc_upcast_outbox_events\{.*\} 0$/m);
    expect(agentsOf(sink).filter((agent) => agent === LEGAL)).toHaveLength(count);
  });
});

describe('a connection', () => {
  const whole = (agent: string): string => {
    const body = agentReady(agent, 1);
    return `POST /events HTTP/1.1\r\nHost: shim\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };

  it.each([
    ['broken bytes', 'nonsense\r\n\r\n'],
    ['an upgrade', 'GET /events HTTP/1.1\r\nHost: shim\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['a tunnel', 'CONNECT shim:80 HTTP/1.1\r\nHost: shim\r\n\r\n'],
    ['a broken chunk', 'POST /events HTTP/1.1\r\nHost: shim\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('answers a whole request before it refuses %s behind it', async (name, behind) => {
    const { statuses, closed } = await exchange(shim.listen.port, whole(name) + behind, Number.POSITIVE_INFINITY);
    expect(statuses).toEqual([202, 400]);
    expect(closed).toBe(true);
  });

  it('that is reset after it asked for another protocol does the shim no harm', async () => {
    for (const ask of ['CONNECT shim:80 HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'])
      for (let turn = 0; turn < 50; turn += 1) {
        const socket = connect(shim.listen.port, '127.0.0.1');
        socket.on('error', () => {});
        await new Promise<void>((sent) => socket.on('connect', () => socket.write(`${ask}Host: shim\r\n\r\n`, () => sent())));
        socket.resetAndDestroy();
      }
    // An error that nobody listens to would come with the turns of the event loop that these requests take, and fail the run.
    expect((await post(shim.url, agentReady('after resets', 1))).status).toBe(202);
    await sleep(50);
    expect((await post(shim.url, agentReady('after resets', 2))).status).toBe(202);
  });
});
