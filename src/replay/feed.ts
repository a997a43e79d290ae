import { crc32 } from 'node:zlib';
import type { Sender } from '../deliver/sender-api.ts';
import { EXIT, UpcastError } from '../errors.ts';
import type { InputSource } from '../source/inputs.ts';
import type { ReplayEvent } from './event.ts';
import type { ReplayFiles } from './files.ts';
import type { ReplayJob } from './job.ts';
import type { Pace } from './pace.ts';
import type { Progress } from './progress.ts';
import type { ReadCounts } from './result.ts';
import type { Fed } from './saved-replay.ts';
import type { Item } from './sending.ts';
import type { Series } from './series.ts';
import type { StreamWatch } from './stream.ts';
import { readStream } from './stream.ts';
import type { Waits } from './waits.ts';
import { untilDue } from './waits.ts';

/** Events in memory: enough to keep all connections busy beside those behind one that is sent again. */
const WINDOW = 4_000;
/** However nothing happens, it is looked at again. */
const LONGEST_WAIT = 1_000;

/** What feeding works with. */
export interface FeedParts {
  readonly job: ReplayJob;
  readonly inputs: readonly InputSource[];
  readonly sender: Sender<Item>;
  readonly progress: Progress;
  readonly files: ReplayFiles;
  readonly pace: Pace;
  readonly waits: Waits;
  readonly series: Series;
  /** Monotonic time of the beginning. */
  readonly started: number;
  readonly read: ReadCounts;
  /** How far an earlier run was, and the records that are no events of which it has told. */
  readonly before: { readonly fed: Fed; readonly noEvents: number } | undefined;
  /** By how much times are moved, when the first event has this time. */
  readonly shift: (first: number) => number;
  readonly isOver: () => boolean;
}

/** Gives the events of the stream to the sender when they are due. */
export interface Feed {
  /** Ends when all have ended, or the replay is over. Errors: those of reading; `input-changed` (76). */
  run(): Promise<void>;
  readonly fed: Fed;
}

/** A feed at the beginning of its stream. */
export function createFeed(parts: FeedParts): Feed {
  const { job, inputs, sender, progress, pace, waits, series, started, isOver, before } = parts;
  let fed: Fed = { events: 0, crc32: 0 };
  let isBegun = false;
  // Lines stand in the order of the stream, whoever they are about.
  const keys = job.target.kind === 'http' ? {} : { contact: undefined, agent: undefined };
  /** There is room for it, and it is due. */
  const isReady = (offset: number): boolean => sender.size < WINDOW && !pace.isPaused && pace.due(offset) <= performance.now() && !isOver();
  const wait = async (offset: number): Promise<void> => {
    while (sender.size >= WINDOW && !isOver()) await waits.nap(LONGEST_WAIT);
    await untilDue(pace, offset, waits, isOver);
  };
  const give = async (event: ReplayEvent, offset: number): Promise<void> => {
    if (!isBegun) pace.begin(offset, performance.now());
    isBegun = true;
    series.planned(pace.due(offset) - started);
    if (!isReady(offset)) await wait(offset);
    if (isOver()) return;
    progress.begin(event.seq);
    sender.add({ ...event, ...keys, offset, tries: 0, begun: 0 });
    sender.pump();
  };
  /** Of what the earlier run was at: nothing of it is sent before it is known to be the same. */
  const unchecked: [ReplayEvent, number][] = [];
  const check = async (): Promise<void> => {
    if (fed.crc32 !== before?.fed.crc32) throw inputChanged(inputs, job);
    for (const [event, offset] of unchecked) await give(event, offset);
  };
  return {
    async run() {
      for await (const events of readStream(job, inputs, parts.shift, watchOf(parts))) {
        for (const event of events) {
          if (isOver()) return;
          const offset = pace.offsetOf(event.time);
          fed = { events: fed.events + 1, crc32: crc32(event.body, crc32(event.key, fed.crc32)) };
          const isNew = before === undefined || fed.events > before.fed.events;
          if (isNew) await give(event, offset);
          else if (!progress.hasEnded(event.seq)) unchecked.push([event, offset]);
          if (fed.events === before?.fed.events) await check();
        }
      }
      if (fed.events < (before?.fed.events ?? 0)) throw inputChanged(inputs, job);
      while (sender.size > 0 && !isOver()) await waits.nap(LONGEST_WAIT);
    },
    get fed() {
      // While it is read again it was further.
      return before !== undefined && fed.events < before.fed.events ? before.fed : fed;
    },
  };
}

function watchOf({ read, before, files }: FeedParts): StreamWatch {
  return {
    noEvent({ line }) {
      read.noEvents += 1;
      if (read.noEvents > (before?.noEvents ?? 0)) files.add('deadLetters', line);
    },
    bytes(count) {
      read.bytes += count;
    },
    read(events, skipped) {
      read.events += events;
      read.skipped += skipped;
    },
    meant(events) {
      read.meant += events;
    },
    made(ids) {
      read.made = ids;
    },
  };
}

function inputChanged(inputs: readonly InputSource[], { state }: ReplayJob): UpcastError {
  return new UpcastError({
    code: 'input-changed',
    exit: EXIT.stateMismatch,
    message: `${inputs.map(({ name }) => name).join(', ')}: not what it was when this replay was stopped`,
    place: state,
    hint: 'give the input of that run to go on with it, or --restart to begin anew',
  });
}
