import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot, Snapshots } from '../../src/jetstream/snapshots.ts';
import type { BatchMessage, BatchSink } from '../../src/sink/batch.ts';
import type { Arrival, PartitionSource, Stretch } from '../../src/source/partition.ts';
import type { WorkJob } from '../../src/work/job.ts';
import { workOnPartition } from '../../src/work/partition.ts';
import { hardLog } from '../pipeline/hard-log.ts';
import { mappingNamed } from '../support/stream.ts';

/** One partition, stopped wherever it can be and gone on with by the same machine or by one that knows nothing: each output once, in order. */
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-partition-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const { lines, ids } = hardLog({ seed: 'a', late: [0, 0, 0, 1_000], without: ['CallReleased'] });
const ALL = lines.filter((line) => line !== '').map((line) => Buffer.from(line));

async function jobOf(change: Partial<WorkJob> = {}): Promise<WorkJob> {
  const mapping = await mappingNamed('ccc-2.0');
  return {
    ...{ mapping, ...mapping.waits, ids, timeZone: 'Asia/Shanghai', maxJump: 3_600_000, maxLine: 1 << 20, dupKeys: 'refuse' },
    ...{ input: 'CCC_V1', batch: 40, snapshotEvery: 0, ...change },
  };
}

/** What lasts while workers come and go. */
interface World {
  /** What is in the stream of outputs, with its ids; a server that has forgotten which it had. */
  readonly put: { readonly id: string; readonly text: string }[];
  snapshot: Snapshot | undefined;
  acknowledged: number;
}

const newWorld = (): World => ({ put: [], snapshot: undefined, acknowledged: 0 });

/** The log in stretches of so many messages; at the end all that waits is decided. */
function stretches(size: number): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let at = 0; at < ALL.length; at += size) {
    const arrivals = ALL.slice(at, at + size).map((body, index): Arrival => ({ position: at + index + 1, home: true, body }));
    // Now and then nothing comes for long, and then more.
    const rest = found.length % 5 === 4;
    found.push({ arrivals, cursor: { position: at + arrivals.length, mark: found.length + 1 }, rest });
  }
  return [...found, { arrivals: [], cursor: { position: ALL.length, mark: found.length + 1 }, rest: true }];
}

interface Fate {
  /** Stretches after which the process is gone. */
  readonly after: number;
  /** It is gone in the middle of putting something out. */
  readonly inPut: boolean;
  /** The next one has the same disk. */
  readonly sameDisk: boolean;
}

async function work(world: World, job: WorkJob, state: string, size: number, fate: Fate | undefined): Promise<void> {
  const stop = new AbortController();
  let isOpen = true;
  let left = fate?.after ?? Number.POSITIVE_INFINITY;
  const source: PartitionSource = {
    async *read(from) {
      for (const stretch of stretches(size)) {
        if (stretch.cursor.mark <= from.mark) continue;
        left -= 1;
        if (left < 0 && fate?.inPut === false) throw new Error('gone');
        yield { ...stretch, arrivals: stretch.arrivals.filter(({ position }) => position > from.position) };
      }
      stop.abort();
      while (isOpen) await new Promise((resolve) => setImmediate(resolve));
    },
    async acknowledge(position) {
      world.acknowledged = Math.max(world.acknowledged, position);
    },
    async close() {
      isOpen = false;
    },
  };
  const known = new Set<string>();
  const sink: BatchSink = {
    async put(messages: readonly BatchMessage[]) {
      const isEnd = left < 0 && fate?.inPut === true;
      const some = isEnd ? messages.slice(0, messages.length / 2) : messages;
      for (const { id, body } of some) if (!known.has(id)) world.put.push({ id, text: Buffer.from(body).toString() });
      if (isEnd) throw new Error('gone');
      // Of these: behind them may be others that an earlier worker put in, further on.
      return Math.max(0, ...messages.map((message) => 1 + world.put.findIndex(({ id }) => id === message.id)));
    },
    async recall(after) {
      for (const { id } of world.put.slice(after)) known.add(id);
    },
    async close() {},
  };
  const handover: Snapshots = {
    cursor: async () => world.snapshot?.cursor,
    load: async () => world.snapshot,
    async save(snapshot) {
      world.snapshot = { ...snapshot, image: Buffer.from(snapshot.image) };
    },
  };
  await workOnPartition({ partition: 0, job, source, sink, handover, state, isHeld: () => true }, stop.signal);
}

describe('a partition', () => {
  it('puts out each event once and in order, wherever its workers end', { timeout: 120_000 }, async () => {
    const calm = newWorld();
    await work(calm, await jobOf(), join(folder, 'calm'), 7, undefined);
    expect(calm.put.length).toBeGreaterThan(100);
    expect(calm.acknowledged).toBe(ALL.length);
    const fates = fc.array(fc.record({ after: fc.nat(12), inPut: fc.boolean(), sameDisk: fc.boolean() }), { maxLength: 6 });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fates, fc.constantFrom(3, 7, 50), fc.constantFrom(0, 20, 1e9), async (all, size, snapshotEvery) => {
        const world = newWorld();
        const job = await jobOf({ snapshotEvery });
        let state = '';
        const fresh = (): string => {
          number += 1;
          return join(folder, `state-${number}`);
        };
        for (const fate of [...all, undefined]) {
          if (state === '' || fate?.sameDisk !== true) state = fresh();
          await work(world, job, state, size, fate).catch((error: Error) => {
            if (error.message !== 'gone') throw error;
          });
        }
        // Where nothing came for long depends on the stretches.
        if (size === 7) expect(world.put).toEqual(calm.put);
        expect(new Set(world.put.map(({ id }) => id)).size).toBe(world.put.length);
        expect(world.acknowledged).toBe(ALL.length);
      }),
      { numRuns: 30 },
    );
  });

  it('is left as it is by a worker with another mapping, other ids or other waits (76)', async () => {
    const world = newWorld();
    const state = join(folder, 'state');
    await work(world, await jobOf(), state, 7, undefined);
    const other = await jobOf({ hold: 77 });
    await expect(work(world, other, state, 7, undefined)).rejects.toMatchObject({ code: 'state-other-job', exit: 76 });
    await expect(work(world, other, join(folder, 'fresh'), 7, undefined)).rejects.toMatchObject({ code: 'state-other-job', exit: 76 });
    await work(world, await jobOf(), state, 7, undefined);
  });
});
