import { afterEach, describe, expect, it } from 'vitest';
import { isSigned, parseKey } from '../../src/deliver/signature.ts';
import type { Sink, TestShim } from './support.ts';
import { agentReady, endpoint, folderFor, post, startSink, startTestShim } from './support.ts';

let ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function sink(): Promise<Sink> {
  const made = await startSink();
  ends.push(() => made.close());
  return made;
}

async function shim(endpoints: Parameters<typeof startTestShim>[1], change: Parameters<typeof startTestShim>[2] = {}): Promise<TestShim> {
  const { path, remove } = folderFor('endpoints');
  const made = await startTestShim(path, endpoints, change);
  ends.push(async () => {
    await made.stop();
    remove();
  });
  return made;
}

const lines = (count: number): string => Array.from({ length: count }, (_, index) => agentReady(`a${index}`, index)).join('\n');

interface Carried {
  readonly agentId: string;
  readonly _upcast: { readonly id: string };
}

describe('an endpoint', () => {
  it('that takes batches gets arrays, each event with its id, and each event once', async () => {
    const to = await sink();
    const from = await shim([endpoint(to.url, { batch: 10, concurrency: 1 })]);
    await post(from.url, lines(40));
    const carried = (): readonly Carried[] => to.got.flatMap(({ text }) => JSON.parse(text) as readonly Carried[]);
    await expect.poll(() => carried().length).toBe(40);
    expect(to.got.length).toBeLessThan(12);
    expect(
      carried()
        .map(({ agentId }) => agentId)
        .sort(),
    ).toEqual(Array.from({ length: 40 }, (_, index) => `a${index}@old`).sort());
    expect(new Set(carried().map(({ _upcast }) => _upcast.id)).size).toBe(40);
  });

  it('that refuses a batch gets its events one by one, so that only the bad one is given up', async () => {
    const to = await sink();
    to.answer = ({ text }, response) => void response.writeHead(text.includes('a7@old') ? 400 : 200).end();
    const from = await shim([endpoint(to.url, { batch: 20, concurrency: 1 })]);
    await post(from.url, lines(20));
    await expect.poll(() => from.log.filter((line) => line.includes('given up')).length, { timeout: 15_000 }).toBe(1);
    const taken = to.got.filter(({ text }) => !text.includes('a7@old')).flatMap(({ text }) => JSON.parse(text) as readonly Carried[]);
    expect(new Set(taken.map(({ agentId }) => agentId)).size).toBe(19);
  });

  it('that wants some types only gets no others', async () => {
    const [all, some] = [await sink(), await sink()];
    const from = await shim([endpoint(all.url), endpoint(some.url, { types: ['AgentBreak'] })]);
    const away = agentReady('b', 100).replace('AgentReady', 'AgentBreak');
    await post(from.url, `${lines(5)}\n${away}`);
    await all.until(6);
    await some.until(1);
    expect(some.got.map(({ text }) => (JSON.parse(text) as { readonly eventType: string }).eventType)).toEqual(['AgentBreak']);
  });

  it('with a rate gets no more requests a second than that, however many wait', async () => {
    const to = await sink();
    const times: number[] = [];
    to.answer = (_got, response) => {
      times.push(performance.now());
      response.writeHead(200).end();
    };
    const from = await shim([endpoint(to.url, { rate: 50 })]);
    await post(from.url, lines(60));
    await to.until(60);
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    // Sixty requests in ten steps of five a second: none before its step.
    expect(last - first).toBeGreaterThan(1_000);
  });

  it('gets requests that its key has signed', async () => {
    const to = await sink();
    const key = parseKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    if (key === undefined) throw new Error('no key');
    const from = await shim([endpoint(to.url, { keys: [key], headers: { 'x-tenant': 'acme' } })]);
    await post(from.url, lines(1));
    await to.until(1);
    const [got] = to.got;
    const header = (name: string): string => String(got?.headers[name]);
    const signed = { id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature') };
    expect(isSigned([key], signed, Buffer.from(got?.text ?? ''), Date.now() / 1000)).toBe(true);
    expect(header('x-tenant')).toBe('acme');
  });

  it('of the old system gets each 1.0 event as it came, repeats too', async () => {
    const [old, new_] = [await sink(), await sink()];
    const from = await shim([endpoint(new_.url)], { dual: endpoint(old.url, { name: 'dual old' }) });
    const event = agentReady('one', 1);
    await post(from.url, `${event}\n${event}\n`);
    await old.until(2);
    await new_.until(1);
    expect(old.got.map(({ text }) => text)).toEqual([event, event]);
    expect(new_.got).toHaveLength(1);
  });
});

describe('who may send', () => {
  const body = agentReady('one', 1);

  it('has to show a token where tokens are set', async () => {
    const from = await shim([endpoint('http://127.0.0.1:9/in')], {
      auth: { tokens: ['right', 'next'], keys: [], pathSecrets: [], networks: [], certificates: undefined },
    });
    expect((await post(from.url, body)).status).toBe(401);
    for (const wrong of ['Bearer wrong', 'Bearer ', 'right', 'Basic right'])
      expect((await post(from.url, body, { authorization: wrong })).status).toBe(401);
    for (const right of ['Bearer right', 'bearer next']) expect((await post(from.url, body, { authorization: right })).status).toBe(202);
  });

  it('may show a secret in the path where the sender can set no header', async () => {
    const from = await shim([endpoint('http://127.0.0.1:9/in')], {
      auth: { tokens: [], keys: [], pathSecrets: ['s3cret'], networks: [], certificates: undefined },
    });
    expect((await post(`${from.url}/wrong`, body)).status).toBe(401);
    expect((await post(from.url, body)).status).toBe(401);
    expect((await post(`${from.url}/s3cret`, body)).status).toBe(202);
  });

  it('has to come from a network that is named, if one is', async () => {
    const auth = (networks: readonly string[]) => ({ auth: { tokens: [], keys: [], pathSecrets: [], networks, certificates: undefined } });
    const out = await shim([endpoint('http://127.0.0.1:9/in')], auth(['10.0.0.0/8']));
    expect((await post(out.url, body)).status).toBe(403);
    const in_ = await shim([endpoint('http://127.0.0.1:9/in')], auth(['127.0.0.0/8', '::1']));
    expect((await post(in_.url, body)).status).toBe(202);
  });
});
