import { readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { agentReady, closed, endpoint, folderFor, listening, startSink, startTestShim } from '../shim/support.ts';
import type { Forward, Message } from './bridge.ts';
import { bridge } from './bridge.ts';

const { decide, createForward } = await bridge('forward');
const { pump, lanesOf } = await bridge('pump');
const { createShim } = await bridge('shim');
const { createLetters } = await bridge('letters');
const { readSettings } = await bridge('settings');

let ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

function folder(): string {
  const made = folderFor('bridge');
  ends.push(() => made.remove());
  return made.path;
}

/** What a scripted shim does with a request. */
type Step = (response: ServerResponse, body: string) => void;

const answer =
  (status: number, body: object = {}, headers: Record<string, string> = {}): Step =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const accepted = answer(202, { accepted: 1, duplicates: 0, rejected: [] });
const reset: Step = (response) => void response.socket?.destroy();
const silent: Step = () => {};
const halfAnswer: Step = (response) => {
  response.writeHead(202, { 'content-length': 100 });
  response.write('{"accepted":1', () => response.socket?.destroy());
};

/** A server that answers as `script` says, by the body of the request; what happened, in order, is in `events`. */
async function scripted(script: (body: string) => Step): Promise<{ readonly url: string; readonly events: string[] }> {
  const events: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      events.push(`got ${body}`);
      script(body)(response, body);
    });
  });
  ends.push(() => closed(server));
  return { url: `http://127.0.0.1:${await listening(server)}/events`, events };
}

const message = (id: string, body: string | Buffer = `{"contactId":"${id}"}`): Message => ({ id, body: Buffer.from(body), attempt: 1 });

/** A forwarder over real HTTP; acknowledgements and dead letters are written down where the requests are. */
function forwarderTo({ url, events }: { readonly url: string; readonly events: string[] }, letters = join(folder(), 'letters')): Forward {
  const bury = createLetters(letters);
  return createForward({
    post: createShim({ url, deadline: 300 }).post,
    acknowledge: async ({ id }) => void events.push(`acknowledged ${id}`),
    bury: async (each, why) => {
      await bury(each, why);
      events.push(`buried ${each.id}`);
    },
    log: () => {},
  });
}

describe('one message of the bridge', () => {
  it('is acknowledged after the 202 and not before', async () => {
    let isAnswered = false;
    const to = await scripted(() => (response, body) => {
      setTimeout(() => {
        isAnswered = true;
        accepted(response, body);
      }, 50);
    });
    const { post } = createShim({ url: to.url, deadline: 5_000 });
    let wasAnswered: boolean | undefined;
    const acknowledge = async (): Promise<void> => {
      wasAnswered = isAnswered;
    };
    const forward = createForward({ post, acknowledge, bury: async () => {}, log: () => {} });
    expect(await forward(message('1'))).toEqual({ outcome: 'taken' });
    expect(wasAnswered).toBe(true);
  });

  it.each([
    ['503', answer(503, { error: 'outbox-full' }, { 'retry-after': '7' }), 7],
    ['429', answer(429, {}, { 'retry-after': '2' }), 2],
    ['500', answer(500), undefined],
    ['401: the token is wrong, not the event', answer(401, { error: 'unauthorized' }), undefined],
    ['404', answer(404, { error: 'not-found' }), undefined],
    ['a redirect', answer(302, {}, { location: '/elsewhere' }), undefined],
    ['200, which is no word of the shim', answer(200), undefined],
    ['a 400 that a proxy could have given', answer(400), undefined],
    ['a 400 for the way it was sent', answer(400, { error: 'host' }), undefined],
    ['a 413 of a proxy', answer(413), undefined],
    ['a reset', reset, undefined],
    ['half a 202', halfAnswer, undefined],
    ['no answer in time', silent, undefined],
  ])('is left to come again: %s', async (_name, step, after) => {
    const to = await scripted(() => step);
    expect(await forwarderTo(to)(message('1'))).toEqual(after === undefined ? { outcome: 'left' } : { outcome: 'left', after });
    expect(to.events).toEqual(['got {"contactId":"1"}']);
  });

  it('is left when nobody listens', async () => {
    const server = createServer();
    const url = `http://127.0.0.1:${await listening(server)}/events`;
    await closed(server);
    const events: string[] = [];
    expect(await forwarderTo({ url, events })(message('1'))).toEqual({ outcome: 'left' });
    expect(events).toEqual([]);
  });

  it.each([
    [400, 'not-json'],
    [413, 'too-large'],
  ])('goes to the dead letters before it is acknowledged: %i %s', async (status, error) => {
    const to = await scripted(() => answer(status, { error }));
    const letters = join(folder(), 'letters');
    const forward = forwarderTo(to, letters);
    expect(await forward(message('1', 'no json'))).toEqual({ outcome: 'buried' });
    expect(await forward(message('2', Buffer.from([0xff, 0x00])))).toEqual({ outcome: 'buried' });
    expect(to.events.filter((each) => !each.startsWith('got'))).toEqual(['buried 1', 'acknowledged 1', 'buried 2', 'acknowledged 2']);
    const lines = readFileSync(letters, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: '1', attempt: 1, status, error, body: 'no json' },
      { message: '2', status, error, bodyBase64: '/wA=' },
    ]);
    expect(statSync(letters).mode & 0o777).toBe(0o600);
  });

  it('is left when the dead letter cannot be written', async () => {
    const to = await scripted(() => answer(400, { error: 'not-json' }));
    expect(await forwarderTo(to, join(folder(), 'no', 'such', 'folder'))(message('1'))).toEqual({ outcome: 'left' });
    expect(to.events).toEqual(['got {"contactId":"1"}']);
  });

  it('comes again without harm when RocketMQ could not be told', async () => {
    const to = await scripted(() => accepted);
    const acknowledge = () => Promise.reject(new Error('the receipt has run out'));
    const { post } = createShim({ url: to.url, deadline: 1_000 });
    const forward = createForward({ post, acknowledge, bury: async () => {}, log: () => {} });
    expect(await forward(message('1'))).toEqual({ outcome: 'repeated' });
  });

  it('is not even posted when it did not come whole', async () => {
    const to = await scripted(() => accepted);
    expect(await forwarderTo(to)({ ...message('1'), corrupted: true })).toEqual({ outcome: 'corrupted' });
    expect(to.events).toEqual([]);
  });

  it('is decided by the answer alone', () => {
    const of = (status: number, error?: string) => decide({ status, error, after: undefined, rejected: 0 });
    expect([of(202), of(400, 'not-json'), of(413, 'too-large'), of(503), of(400), decide(undefined)]).toEqual([
      'acknowledge',
      'bury',
      'bury',
      'leave',
      'leave',
      'leave',
    ]);
  });
});

describe('the bridge in front of a shim', () => {
  it('gets the answers that it decides by', async () => {
    const sink = await startSink();
    ends.push(() => sink.close());
    const path = folder();
    const auth = { tokens: ['t0ken'], keys: [], pathSecrets: [], networks: [], certificates: undefined };
    const shim = await startTestShim(path, [endpoint(sink.url)], { auth });
    ends.push(() => shim.stop());
    const { post, probe } = createShim({ url: shim.url, token: 't0ken', deadline: 5_000 });
    const done: string[] = [];
    const forward = createForward({
      post,
      acknowledge: async ({ id }) => void done.push(`acknowledged ${id}`),
      bury: async ({ id }) => void done.push(`buried ${id}`),
      log: () => {},
    });
    expect(await probe()).toBe(true);
    const outcomes = [];
    for (const each of [
      message('event', agentReady('a', 1)),
      message('again', agentReady('a', 1)),
      message('bad event', '{"a":1}'),
      message('no json', 'nonsense'),
      message('empty', ''),
      message('large', 'x'.repeat(262_145)),
    ])
      outcomes.push((await forward(each)).outcome);
    expect(outcomes).toEqual(['taken', 'taken', 'taken', 'buried', 'buried', 'buried']);
    await sink.until(1);
    expect(sink.got).toHaveLength(1);
    const wrong = createShim({ url: shim.url, token: 'other', deadline: 5_000 });
    expect(await wrong.probe()).toBe(false);
    expect(decide(await wrong.post('nonsense'))).toBe('leave');
  });
});

/** A topic in memory: what is not acknowledged comes again when the rest is through. */
function topic(messages: readonly Message[], batch: number) {
  const waiting = [...messages];
  const out = new Map<string, Message>();
  return {
    waiting,
    receive: async (): Promise<readonly Message[]> => {
      if (waiting.length === 0) for (const [id, each] of out) if (out.delete(id)) waiting.push(each);
      const taken = waiting.splice(0, batch);
      for (const each of taken) out.set(each.id, each);
      return taken;
    },
    acknowledge: async ({ id }: Message): Promise<void> => void out.delete(id),
    isEmpty: () => waiting.length === 0 && out.size === 0,
  };
}

describe('the pump of the bridge', () => {
  const calls = (count: number, events: number): Message[] =>
    Array.from({ length: count * events }, (_, index) => message(`${index}`, `{"contactId":"${index % count}","n":${index}}`));

  async function run(messages: readonly Message[], script: (body: string) => Step, batch = 16) {
    const to = await scripted((body) => (body === '[]' ? answer(202, { accepted: 0, duplicates: 0, rejected: [] }) : script(body)));
    const queue = topic(messages, batch);
    const { post, probe } = createShim({ url: to.url, deadline: 300 });
    const stop = new AbortController();
    const pauses: number[] = [];
    const forward = createForward({
      post,
      acknowledge: async (each) => {
        to.events.push(`acknowledged ${each.id}`);
        await queue.acknowledge(each);
        if (queue.isEmpty()) stop.abort();
      },
      bury: async () => {},
      log: () => {},
    });
    const pause = async (time: number): Promise<void> => void pauses.push(time);
    await pump({ receive: queue.receive, forward, probe, pause, concurrency: 4, signal: stop.signal, log: () => {} });
    return { events: to.events, pauses, queue };
  }

  it('posts and acknowledges the events of a call in the order of the topic, each after its own 202', async () => {
    const messages = calls(5, 8);
    const delay: Step = (response, body) => void setTimeout(() => accepted(response, body), Number(JSON.parse(body).n) % 7);
    const { events } = await run(messages, () => delay);
    const numbers = (prefix: string): number[] =>
      events.filter((each) => each.startsWith(prefix)).map((each) => Number(each.split(' ')[1]));
    const acknowledged = numbers('acknowledged');
    const got = events.filter((each) => each.includes('"n"')).map((each) => Number(JSON.parse(each.slice(4)).n));
    expect(acknowledged).toHaveLength(40);
    for (let call = 0; call < 5; call++) {
      const own = Array.from({ length: 8 }, (_, index) => index * 5 + call);
      expect(got.filter((n) => n % 5 === call)).toEqual(own);
      expect(acknowledged.filter((n) => n % 5 === call)).toEqual(own);
    }
    for (const { id, body } of messages)
      expect(events.indexOf(`acknowledged ${id}`)).toBeGreaterThan(events.indexOf(`got ${body.toString('utf8')}`));
    // Several calls at once, or the delays would have been waited for one after the other.
    expect(got).not.toEqual([...got].sort((a, b) => a - b));
  });

  it('sends nothing of a call before what was not taken, and loses nothing', async () => {
    const messages = calls(1, 4);
    let refused = 0;
    const { events, queue } = await run(messages, (body) => (body.includes('"n":1') && refused++ < 2 ? answer(503) : accepted));
    const got = events.filter((each) => each.includes('"n"')).map((each) => Number(JSON.parse(each.slice(4)).n));
    expect(got.slice(0, 3)).toEqual([0, 1, 1]);
    expect(got.indexOf(2)).toBeGreaterThan(got.indexOf(1));
    expect(events.filter((each) => each.startsWith('acknowledged'))).toHaveLength(4);
    expect(queue.isEmpty()).toBe(true);
  });

  it('receives nothing while the shim does not take events, and waits longer each time', async () => {
    const messages = calls(20, 1);
    let isUp = false;
    let probes = 0;
    const to = await scripted((body) => {
      if (body === '[]' && ++probes === 7) isUp = true;
      return isUp ? accepted : answer(503, { error: 'disk-full' }, { 'retry-after': '5' });
    });
    const queue = topic(messages, 16);
    const stop = new AbortController();
    const happened: string[] = [];
    const { post, probe } = createShim({ url: to.url, deadline: 300 });
    await pump({
      receive: async () => {
        happened.push('receive');
        return queue.receive();
      },
      forward: createForward({
        post,
        acknowledge: async (each) => {
          await queue.acknowledge(each);
          if (queue.isEmpty()) stop.abort();
        },
        bury: async () => {},
        log: () => {},
      }),
      probe,
      pause: async (time) => void happened.push(`pause ${time}`),
      concurrency: 4,
      signal: stop.signal,
      log: () => {},
    });
    expect(happened.slice(0, 8)).toEqual([
      'pause 0',
      'pause 1000',
      'pause 2000',
      'pause 4000',
      'pause 8000',
      'pause 16000',
      'pause 30000',
      'receive',
    ]);
    expect(queue.isEmpty()).toBe(true);
  });

  it('heeds Retry-After, and leaves the rest of the batch alone', async () => {
    let count = 0;
    const { events, pauses } = await run(calls(16, 1), () => (++count <= 4 ? answer(503, {}, { 'retry-after': '5' }) : accepted));
    expect(pauses.slice(0, 2)).toEqual([0, 5_000]);
    // Four at once were under way; of the other twelve none was tried before the shim said that it is well.
    expect(events.slice(1).indexOf('got []')).toBe(4);
  });

  it('ends when it is stopped, with what is under way dealt with', async () => {
    const stop = new AbortController();
    const done: string[] = [];
    await pump({
      receive: async () => calls(1, 3),
      forward: async ({ id }) => {
        stop.abort();
        await new Promise((resolve) => setTimeout(resolve, 20));
        done.push(id);
        return { outcome: 'taken' };
      },
      probe: async () => true,
      pause: async () => {},
      concurrency: 4,
      signal: stop.signal,
      log: () => {},
    });
    expect(done).toEqual(['0']);
  });

  it('goes on after RocketMQ gave nothing', async () => {
    const stop = new AbortController();
    let asked = 0;
    const pauses: number[] = [];
    await pump({
      receive: async () => {
        if (++asked === 1) throw new Error('unavailable');
        stop.abort();
        return [];
      },
      forward: async () => ({ outcome: 'taken' }),
      probe: async () => true,
      pause: async (time) => void pauses.push(time),
      concurrency: 1,
      signal: stop.signal,
      log: () => {},
    });
    expect([asked, pauses]).toEqual([2, [0, 5_000]]);
  });

  it('keeps events of one call or one agent together and in order', () => {
    const bodies = ['{"contactId":"1"}', '{"agentId":"x"}', 'no json', '{"contactId":"2"}', '{"contactId":"1","agentId":"x"}', 'null'];
    const lanes = lanesOf(bodies.map((body, index) => message(`${index}`, body)));
    expect(lanes.map((lane) => lane.map(({ id }) => id)).sort()).toEqual([['0', '1', '4'], ['2'], ['3'], ['5']]);
  });
});

describe('settings of the bridge', () => {
  const needed = { ROCKETMQ_ENDPOINTS: 'mq.example:8080', ROCKETMQ_TOPIC: 'ccc', ROCKETMQ_GROUP: 'g', DEAD_LETTERS: 'letters' };

  it('come from the environment', () => {
    expect(readSettings({ ...needed, SHIM_TOKEN: 't', ROCKETMQ_TLS: 'off' })).toMatchObject({
      shim: { url: 'http://127.0.0.1:8210/events', token: 't' },
      letters: 'letters',
      concurrency: 4,
      rocketmq: { endpoints: 'mq.example:8080', topic: 'ccc', group: 'g', tag: '*', tls: false },
    });
  });

  it('are refused all at once, and without the values', () => {
    const wrong = { ROCKETMQ_TOPIC: 'ccc', ROCKETMQ_GROUP: 'g', SHIM_URL: 'ftp://x', CONCURRENCY: '0', ROCKETMQ_PASSWORD: 's3cret' };
    expect(() => readSettings(wrong)).toThrow(
      'SHIM_URL is no http or https URL; of ROCKETMQ_USERNAME and ROCKETMQ_PASSWORD one is not set; DEAD_LETTERS is not set; CONCURRENCY is no whole number from 1 to 32; ROCKETMQ_ENDPOINTS is not set',
    );
  });
});
