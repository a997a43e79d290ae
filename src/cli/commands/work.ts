import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import { conduct } from '../../jetstream/conductor.ts';
import { createLeases, SIGN_EVERY } from '../../jetstream/leases.ts';
import { namesOf, partitionsOf } from '../../jetstream/setup.ts';
import { createStreamSink } from '../../jetstream/sink.ts';
import { createSnapshots } from '../../jetstream/snapshots.ts';
import { createPartitionSource } from '../../jetstream/source.ts';
import type { Log, LogFields } from '../../observe/log.ts';
import { createLog } from '../../observe/log.ts';
import { loadMapping } from '../../source/mapping-folder.ts';
import type { PartitionProgress, WorkJob } from '../../work/job.ts';
import { createGlances } from '../../work/records.ts';
import type { Happening } from '../../work/worker.ts';
import { runWorker } from '../../work/worker.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { maxLineOf, readIds, readingOf } from '../job.ts';
import { asked, connectWith, partitionsIn, streamOf } from '../nats.ts';
import type { Io } from '../output.ts';

/** `work`: translates partitions of a stream, as one of any number of workers. Ends on SIGTERM, behind what it has begun. */
export async function workCommand(flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const [source, sink] = [streamOf(settings, 'source'), streamOf(settings, 'sink')];
  const state = settings.get('state');
  if (state === undefined)
    throw settings.error('state', 'state: expected a folder, got nothing', 'give --state DIR: it may be lost, but not shared');
  const job = await jobOf(settings, source.stream);
  const signal = io.stopSignal?.(STOP_PATIENCE) ?? new AbortController().signal;
  const link = await connectWith(settings, source);
  const out = sameServers(source.servers, sink.servers) ? link : await connectWith(settings, sink);
  try {
    const { partitions: count, replicas } = await asked(source, link, () => partitionsOf(link, source.stream));
    await asked(sink, out, () => partitionsOf(out, sink.stream));
    const partitions = wantedOf(settings, count);
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const names = namesOf(source.stream);
    const bucket = await asked(source, link, () => link.bucket(names.work, replicas));
    const states = await asked(source, link, () => link.bucket(names.state, replicas));
    const worker = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
    const tell = tellerOf(createLog(io.stderr, settings.on('quiet') ? 'error' : settings.on('verbose') ? 'debug' : 'info'));
    const conducting = {
      stream: source.stream,
      glances: createGlances(job),
      restAfter: settings.need('rest-after'),
    };
    await runWorker(
      {
        ...{ job, partitions, count, state, signEvery: SIGN_EVERY },
        leases: createLeases(bucket, worker, { list: () => link.keysOf(names.work), drop: (key) => link.drop(names.work, key) }),
        source: async (partition) =>
          createPartitionSource(link, { stream: source.stream, partition, batch: job.batch }, (position) => tell.gone(partition, position)),
        sink: (partition) => createStreamSink(out, sink.stream, partition),
        handover: (partition) => createSnapshots(states, partition, (keys) => link.drop(names.state, keys)),
        conduct: (isHeld, stop) => conduct(link, { ...conducting, isHeld }, stop),
        onTrouble: () => link.reconnect(),
        onProgress: tell.progress,
        onHappening: tell.happening,
      },
      signal,
    );
    return EXIT.ok;
  } finally {
    await link.close();
    if (out !== link) await out.close();
  }
}

/** A worker that is to stop hands over what it has: that may take longer than others need to stop; milliseconds. */
const STOP_PATIENCE = 60_000;

async function jobOf(settings: Settings, input: string): Promise<WorkJob> {
  const mapping = await loadMapping(settings.need('mapping'));
  return {
    mapping,
    ids: await readIds(settings.get('ids')),
    timeZone: readingOf(settings).timeZone,
    lateness: settings.get('lateness') ?? mapping.waits.lateness,
    hold: settings.get('hold') ?? mapping.waits.hold,
    idle: settings.get('idle') ?? mapping.waits.idle,
    retention: settings.get('retention') ?? mapping.waits.retention,
    maxJump: settings.need('max-jump'),
    maxLine: maxLineOf(settings),
    dupKeys: settings.get('dup-keys') === 'last' ? 'last' : 'refuse',
    input,
    batch: batchOf(settings),
    snapshotEvery: settings.need('snapshot-every'),
  };
}

/** A mark may name 500 messages of one partition, and as many more may be dealt with before they are acknowledged. */
const LEAST_BATCH = 1200;

function batchOf(settings: Settings): number {
  const batch = settings.need('work-batch');
  if (batch >= LEAST_BATCH) return batch;
  throw settings.error('work-batch', `work-batch: expected at least ${LEAST_BATCH}, got ${batch}`);
}

function wantedOf(settings: Settings, count: number): readonly number[] {
  const text = settings.get('partitions');
  if (text === undefined) return Array.from({ length: count }, (_, partition) => partition);
  const found = partitionsIn(text);
  if (found?.every((partition) => partition < count)) return found;
  throw settings.error(
    'partitions',
    `partitions: expected some of 0-${count - 1}, got ${JSON.stringify(text)}`,
    'for example 0-3, or 0,2,5-7',
  );
}

function sameServers(a: readonly string[], b: readonly string[]): boolean {
  return a.join() === b.join();
}

/** What a worker tells in its log: what it takes and gives, and, if asked, how far it is. */
function tellerOf(log: Log) {
  const name = (partition: number | undefined): LogFields => (partition === undefined ? {} : { partition });
  return {
    happening(happening: Happening) {
      const { what, partition } = happening;
      if (what !== 'failed') log.info(SAID[what], name(partition));
      else log.warn('failed; it is tried again', { ...name(partition), detail: messageOf(happening.error) });
    },
    progress({ partition, position, events, outputs, deadLetters }: PartitionProgress) {
      log.debug('committed', { partition, position, events, outputs, deadLetters });
    },
    gone(partition: number, position: number) {
      log.error('a message was removed from the stream before it was translated', { partition, position });
    },
  };
}

const SAID = {
  took: 'works on a partition',
  left: 'has handed a partition over',
  lost: 'has lost a partition to another worker',
  conducts: 'makes the marks of the stream',
} as const;

function messageOf(error: unknown): string {
  if (error instanceof UpcastError) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
