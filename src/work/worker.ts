import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UpcastError } from '../errors.ts';
import type { Lease, Leases } from '../jetstream/leases.ts';
import type { Snapshots } from '../jetstream/snapshots.ts';
import type { BatchSink } from '../sink/batch.ts';
import type { PartitionSource } from '../source/partition.ts';
import type { PartitionProgress, WorkJob } from './job.ts';
import { workOnPartition } from './partition.ts';

/** What a worker works with. */
export interface WorkerParts {
  readonly job: WorkJob;
  /** Partitions that this worker may have. */
  readonly partitions: readonly number[];
  /** Partitions that there are. */
  readonly count: number;
  /** Folder of the states. */
  readonly state: string;
  readonly leases: Leases;
  readonly source: (partition: number) => Promise<PartitionSource>;
  readonly sink: (partition: number) => Promise<BatchSink>;
  readonly handover: (partition: number) => Snapshots;
  /** Tells all partitions what is in the stream, until it may not any more. */
  readonly conduct: (isHeld: () => boolean, signal: AbortSignal) => Promise<void>;
  readonly signEvery: number;
  /** The server has not answered for some time. */
  readonly onTrouble: () => Promise<void>;
  readonly onProgress: (progress: PartitionProgress) => void;
  readonly onHappening: (happening: Happening) => void;
}

/** What a worker tells of itself. */
export type Happening =
  | { readonly what: 'took' | 'left' | 'lost' | 'conducts'; readonly partition: number | undefined }
  | { readonly what: 'failed'; readonly partition: number | undefined; readonly error: unknown };

interface Work {
  readonly name: string;
  readonly lease: Lease;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  isOver: boolean;
}

/** One turn of looking after everything; milliseconds. */
const TURN = 500;
const CONDUCTOR = 'conductor';
/** Turns that fail before a connection is given up. */
const MOST_FAILURES = 2;

/**
 * Works on its share of the partitions until `signal` says to stop: takes what is free or whose worker is gone, gives up what is more than
 * its share when another worker comes, and does everything again that failed. Errors: those that trying again does not mend (76, 77, 78).
 */
export async function runWorker(parts: WorkerParts, signal: AbortSignal): Promise<void> {
  const { leases, partitions, count } = parts;
  const works = new Map<string, Work>();
  let fatal: unknown;

  const begin = (
    name: string,
    lease: Lease,
    work: (isHeld: () => boolean, signal: AbortSignal) => Promise<void>,
    partition?: number,
  ): void => {
    const stop = new AbortController();
    const done = work(() => lease.isHeld(), stop.signal)
      .then(
        () => {
          if (partition !== undefined) parts.onHappening({ what: 'left', partition });
        },
        (error: unknown) => {
          if (error instanceof UpcastError && error.code === 'lost') parts.onHappening({ what: 'lost', partition });
          else if (isForGood(error)) fatal ??= error;
          else parts.onHappening({ what: 'failed', error, partition });
        },
      )
      .then(() => lease.release())
      .then(() => {
        entry.isOver = true;
      });
    const entry: Work = { name, lease, stop, done, isOver: false };
    works.set(name, entry);
  };

  const takePartition = async (partition: number): Promise<boolean> => {
    const name = `part.${partition}`;
    const lease = await leases.take(name);
    if (lease === undefined) return false;
    parts.onHappening({ what: 'took', partition });
    begin(
      name,
      lease,
      async (isHeld, stop) => {
        const [source, sink] = await Promise.all([parts.source(partition), parts.sink(partition)]);
        const state = join(parts.state, `part-${partition}.state`);
        const { job, onProgress } = parts;
        await workOnPartition({ partition, job, source, sink, handover: parts.handover(partition), state, isHeld, onProgress }, stop);
      },
      partition,
    );
    return true;
  };

  const look = async (): Promise<void> => {
    await leases.look();
    for (const [name, { isOver }] of works) if (isOver) works.delete(name);
    if (!works.has(CONDUCTOR)) {
      const lease = await leases.take(CONDUCTOR);
      if (lease !== undefined) {
        parts.onHappening({ what: 'conducts', partition: undefined });
        begin(CONDUCTOR, lease, parts.conduct);
      }
    }
    const share = Math.min(partitions.length, Math.ceil(count / leases.workers()));
    const mine = [...works.values()].filter(({ name, stop }) => name !== CONDUCTOR && !stop.signal.aborted);
    if (mine.length > share) mine[mine.length - 1]?.stop.abort();
    let lacking = share - mine.length;
    // Not all workers begin at the same one.
    const first = Math.floor(Math.random() * partitions.length);
    for (let index = 0; index < partitions.length && lacking > 0; index += 1) {
      const partition = partitions[(first + index) % partitions.length] as number;
      if (!works.has(`part.${partition}`) && (await takePartition(partition))) lacking -= 1;
    }
  };

  let signed = Number.NEGATIVE_INFINITY;
  let failures = 0;
  while (!signal.aborted && fatal === undefined) {
    try {
      if (performance.now() - signed >= parts.signEvery) {
        const now = performance.now();
        await leases.sign();
        signed = now;
      }
      await look();
      failures = 0;
    } catch (error) {
      if (isForGood(error)) fatal ??= error;
      else parts.onHappening({ what: 'failed', error, partition: undefined });
      failures += 1;
      if (failures % MOST_FAILURES === 0) await parts.onTrouble().catch(() => {});
    }
    await pause(TURN, undefined, { signal }).catch(() => {});
  }
  // What is held is still to be signed for while it is handed over.
  const signing = setInterval(() => void leases.sign().catch(() => {}), parts.signEvery);
  try {
    for (const { stop } of works.values()) stop.abort();
    await Promise.all([...works.values()].map(({ done }) => done));
  } finally {
    clearInterval(signing);
  }
  await leases.leave();
  if (fatal !== undefined) throw fatal;
}

function isForGood(error: unknown): boolean {
  return error instanceof UpcastError && [76, 77, 78].includes(error.exit);
}
