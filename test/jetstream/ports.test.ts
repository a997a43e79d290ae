import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { conduct } from '../../src/jetstream/conductor.ts';
import type { Link } from '../../src/jetstream/connect.ts';
import { partitionOf } from '../../src/jetstream/connect.ts';
import { createLeases, LEASE } from '../../src/jetstream/leases.ts';
import { createStreamLog } from '../../src/jetstream/log.ts';
import { namesOf, partitionsOf, stepsOf } from '../../src/jetstream/setup.ts';
import { createStreamSink, eachBehind } from '../../src/jetstream/sink.ts';
import { createSnapshots } from '../../src/jetstream/snapshots.ts';
import { createPartitionSource } from '../../src/jetstream/source.ts';
import type { BatchMessage } from '../../src/sink/batch.ts';
import type { Arrival, Cursor } from '../../src/source/partition.ts';
import type { Server } from '../support/nats.ts';
import { hasServer, linkTo, startServers } from '../support/nats.ts';

/** A stream server as source and sink of partitions: what the workers rely on, against a real server. */
const PARTITIONS = 3;
const SOURCE = 'CCC_V1';
const SINK = 'CCC_V2';
const PLAN = { source: SOURCE, sink: SINK, partitions: PARTITIONS, replicas: 1, maxAge: 3_600_000, duplicateWindow: 60_000 };

describe.skipIf(!hasServer())('a stream server', { timeout: 60_000 }, () => {
  let folder = '';
  let servers: readonly Server[] = [];
  let link: Link;
  const stops: AbortController[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ccc-nats-'));
    servers = await startServers(folder, 1, PARTITIONS);
    link = await linkTo(servers);
    for (const { act } of await stepsOf(link, PLAN)) await act?.();
  }, 60_000);
  afterEach(() => {
    for (const stop of stops.splice(0)) stop.abort();
  });
  afterAll(async () => {
    await link.close();
    for (const server of servers) await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const body = (text: string): Buffer => Buffer.from(`{"text":"${text}"}`);
  let ids = 0;
  const letters = (tokens: readonly string[]) =>
    tokens.map((token) => {
      ids += 1;
      return { id: `m${ids}`, token, body: body(`${token} ${ids}`) };
    });
  const publish = async (tokens: readonly string[]): Promise<number> => {
    const log = await createStreamLog(link, SOURCE);
    const { number } = await log.last();
    expect(await log.add(letters(tokens), number)).toBe(tokens.length);
    return number + tokens.length;
  };
  const startConductor = (restAfter = 60_000): void => {
    const stop = new AbortController();
    stops.push(stop);
    const glances = (bodies: readonly Uint8Array[]) => bodies.map((each) => `seen ${Buffer.from(each).toString()}`);
    void conduct(link, { stream: SOURCE, glances, restAfter, isHeld: () => !stop.signal.aborted }, stop.signal);
  };
  /** Reads a partition from a place up to a position. */
  const read = async (
    partition: number,
    from: Cursor,
    to: number,
  ): Promise<{ readonly arrivals: readonly Arrival[]; readonly cursors: readonly Cursor[] }> => {
    const gone: number[] = [];
    const source = createPartitionSource(link, { stream: SOURCE, partition, batch: 2_000 }, (position) => gone.push(position));
    const arrivals: Arrival[] = [];
    const cursors: Cursor[] = [];
    for await (const stretch of source.read(from)) {
      arrivals.push(...stretch.arrivals);
      cursors.push(stretch.cursor);
      await source.acknowledge(stretch.cursor.position);
      if (stretch.cursor.position >= to) break;
    }
    await source.close();
    expect(gone).toEqual([]);
    return { arrivals, cursors };
  };

  it('is set up once, and is then as it should be; another number of partitions is refused', async () => {
    const steps = await stepsOf(link, PLAN);
    expect(steps.map(({ state }) => state)).toEqual(steps.map(() => 'right'));
    expect(await partitionsOf(link, SOURCE)).toEqual({ partitions: PARTITIONS, replicas: 1 });
    await expect(stepsOf(link, { ...PLAN, partitions: 4 })).rejects.toMatchObject({ code: 'partitions-differ', exit: 76 });
    await expect(partitionsOf(link, 'NONE')).rejects.toMatchObject({ code: 'no-stream', exit: 66 });
  });

  it('maps a token to the partition that we say', async () => {
    const tokens = ['3000000320', '-', 'job-1', '-a0123', 'x_y'];
    const last = await publish(tokens);
    for (const [index, token] of tokens.entries()) {
      const message = await link.manager.streams.getMessage(SOURCE, { seq: last - tokens.length + 1 + index });
      expect(message?.subject).toBe(`ccc.v1.part.${partitionOf(token, PARTITIONS)}.${token}`);
    }
  });

  it('gives every partition the whole in one order, its own messages in full and of the others what they show', async () => {
    startConductor();
    const tokens = Array.from({ length: 1_200 }, (_, index) => `c${index % 37}`);
    const last = await publish(tokens);
    const parts = await Promise.all([0, 1, 2].map((partition) => read(partition, { position: 0, mark: 0 }, last)));
    for (const [partition, { arrivals }] of parts.entries()) {
      expect(arrivals.map(({ position }) => position)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
      for (const arrival of arrivals.slice(-tokens.length)) {
        const text = typeof arrival.body === 'string' ? arrival.body : Buffer.from(arrival.body ?? '').toString();
        const token = /c\d+/.exec(text)?.[0] ?? '';
        expect(arrival.home).toBe(partitionOf(token, PARTITIONS) === partition);
        expect(text.startsWith('seen ')).toBe(!arrival.home);
      }
    }
    // From any place on, what is behind it and nothing else.
    const [first] = parts;
    const place = first?.cursors.find(({ position }) => position > last / 2 && position < last) as Cursor;
    const again = await read(0, place, last);
    expect(again.arrivals).toEqual(first?.arrivals.filter(({ position }) => position > place.position));
  });

  it('tells all partitions at the same place that nothing came for long', async () => {
    startConductor(300);
    const last = await publish(['c1', 'c2']);
    const restOf = async (partition: number): Promise<number> => {
      const source = createPartitionSource(link, { stream: SOURCE, partition, batch: 2_000 }, () => {});
      try {
        for await (const { cursor, rest } of source.read({ position: 0, mark: 0 })) if (rest && cursor.position >= last) return cursor.mark;
        return -1;
      } finally {
        await source.close();
      }
    };
    const [a, b] = [await restOf(0), await restOf(1)];
    expect(a).toBe(b);
    expect(a).toBeGreaterThan(0);
  });

  it('lets two who make marks make one series of them', async () => {
    const { state } = await link.manager.streams.info(namesOf(SOURCE).marks);
    startConductor();
    startConductor();
    const last = await publish(Array.from({ length: 900 }, (_, index) => `d${index % 11}`));
    const { arrivals } = await read(2, { position: 0, mark: 0 }, last);
    expect(arrivals.map(({ position }) => position)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    expect((await link.manager.streams.info(namesOf(SOURCE).marks)).state.messages).toBeGreaterThan(state.messages);
  });

  it('tells who publishes that somebody else did, instead of mixing their orders', async () => {
    const log = await createStreamLog(link, SOURCE);
    const { number } = await log.last();
    await publish(['x']);
    expect(await log.add(letters(['y', 'z']), number)).toBe(0);
    expect((await log.last()).number).toBe(number + 1);
  });

  const message = (id: string, token: string): BatchMessage => ({
    id,
    kind: 'event',
    token,
    keys: [token],
    body: body(id),
    headers: { 'Upcast-Kind': 'renamed' },
  });
  const inSink = async (after: number): Promise<readonly string[]> => {
    const found: string[] = [];
    await eachBehind(link.js, SINK, 'ccc.v2.out.1.>', after, (each) => found.push(each.headers?.get('Nats-Msg-Id') ?? ''));
    return found;
  };

  it('takes outputs once, those of a call in their order, also from a successor that knows nothing of the window', async () => {
    const sink = await createStreamSink(link, SINK, 1);
    const messages = Array.from({ length: 60 }, (_, index) => message(`e${index}`, `c${index % 5}`));
    const last = await sink.put(messages, () => true);
    await sink.put(messages.slice(10, 40), () => true);
    const found = await inSink(0);
    expect([...found].sort()).toEqual(messages.map(({ id }) => id).sort());
    for (let call = 0; call < 5; call += 1) {
      const own = messages.filter(({ token }) => token === `c${call}`).map(({ id }) => id);
      expect(found.filter((id) => own.includes(id))).toEqual(own);
    }
    const successor = await createStreamSink(link, SINK, 1);
    await successor.recall(0);
    // The server has forgotten them.
    await link.manager.streams.update(SINK, { duplicate_window: 100_000_000 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    await successor.put([...messages.slice(30), message('new', 'c1')], () => true);
    expect(await inSink(last)).toEqual(['new']);
  });

  it('is not written to by who has lost the partition', async () => {
    const sink = await createStreamSink(link, SINK, 1);
    await expect(sink.put([message('never', 'c9')], () => false)).rejects.toMatchObject({ code: 'lost' });
    expect(await inSink(0)).not.toContain('never');
  });

  it('keeps the state of a partition, whole, and refuses one who comes second', async () => {
    const bucket = await link.bucket(namesOf(SOURCE).state, 1);
    const { state } = namesOf(SOURCE);
    const snapshots = (partition: number) => createSnapshots(bucket, partition, (keys) => link.drop(state, keys));
    const [a, b] = [snapshots(0), snapshots(0)];
    expect(await a.load()).toBeUndefined();
    expect(await b.cursor()).toBeUndefined();
    const image = Buffer.alloc(3 << 20);
    for (let at = 0; at < image.length; at += 1) image[at] = (at * 2654435761) >>> 24;
    await a.save({ cursor: { position: 7, mark: 2 }, image });
    await expect(b.save({ cursor: { position: 5, mark: 1 }, image: Buffer.from('old') })).rejects.toMatchObject({ code: 'lost' });
    const found = await snapshots(0).load();
    expect(found?.cursor).toEqual({ position: 7, mark: 2 });
    expect(Buffer.from(found?.image ?? []).equals(image)).toBe(true);
    await a.save({ cursor: { position: 9, mark: 3 }, image: Buffer.from('small') });
    expect((await b.load())?.cursor).toEqual({ position: 9, mark: 3 });
    // Nothing is left of the others, not even a sign that they were.
    expect(await link.keysOf(state)).toHaveLength(2);
    await expect(snapshots(1).load()).resolves.toBeUndefined();
  });

  it('gives a lease to one worker, to the next when it is given back, and to another when its holder shows no sign of life', async () => {
    const { work } = namesOf(SOURCE);
    const bucket = await link.bucket(work, 1);
    let now = 0;
    const leases = (name: string) =>
      createLeases(bucket, name, { list: () => link.keysOf(work), drop: (key) => link.drop(work, key) }, () => now);
    const [a, b] = [leases('a'), leases('b')];
    for (const each of [a, b]) await each.sign();
    for (const each of [a, b]) await each.look();
    expect([a.workers(), b.workers()]).toEqual([2, 2]);
    const lease = await a.take('part.0');
    expect(lease?.isHeld()).toBe(true);
    await b.look();
    expect(await b.take('part.0')).toBeUndefined();
    await lease?.release();
    await b.look();
    const second = await b.take('part.0');
    expect(second?.isHeld()).toBe(true);
    // Signs keep it.
    for (let turn = 0; turn < 4; turn += 1) {
      now += LEASE / 2;
      await b.sign();
      await a.look();
      expect(await a.take('part.0')).toBeUndefined();
    }
    now += LEASE + 1;
    expect(second?.isHeld()).toBe(false);
    const third = await a.take('part.0');
    expect(third?.isHeld()).toBe(true);
    // The old holder learns of it, and does not take it back.
    await b.sign();
    await b.look();
    expect(second?.isHeld()).toBe(false);
    expect(await b.take('part.0')).toBeUndefined();
    await a.leave();
    await b.look();
    expect(b.workers()).toBe(1);
  });
});
