import { existsSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { EXIT, UpcastError } from '../errors.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { releaseRecord } from '../event/record.ts';
import { compressionOf } from '../sink/compressed.ts';
import type { SavedFile } from '../sink/file.ts';
import { createNamedSink, openFileSink, openStdoutSink, refuseExisting } from '../sink/file.ts';
import { createProvenance } from '../sink/provenance.ts';
import type { SideContext } from '../sink/side-lines.ts';
import { badRecordLine, deadLetterLine, droppedLine } from '../sink/side-lines.ts';
import type { LineSink, Sink } from '../sink/sink.ts';
import type { TextSink } from '../sink/text.ts';
import { createTextSink } from '../sink/text.ts';
import type { Outcome, Output } from '../translate/outcome.ts';
import type { Frontier } from '../translate/turns.ts';
import type { ConvertJob, WrittenFile } from './job.ts';
import type { MergeTarget } from './lanes/merger.ts';
import type { Notes } from './notes.ts';
import type { SavedFiles, SavedRun } from './saved-run.ts';
import type { ShardEnd } from './shards/places.ts';
import { createPlaces, PLACES } from './shards/places.ts';

/** All files that a job writes, as one: what a batch wrote is handed on together. */
export interface Outputs {
  /** Writes what became of an event, which is then done with: its record is released. */
  outcome(outcome: Outcome): void;
  badRecord(bad: BadRecord): void;
  /** Of a shard: a late event came, of whatever shard, when all before `frontier` had been told; `outcome` is what became of it, if it is here. */
  late(frontier: Frontier, outcome: Outcome | undefined): void;
  /** Of a shard: all before `frontier` was told. */
  mark(frontier: Frontier): void;
  /** Of a shard: that was all. */
  end(end: ShardEnd): void;
  /** Where lanes' lines go once they are put together. */
  merged(notes: Pick<Notes, 'deadLetter'>): MergeTarget;
  /** Hands everything on; waits if more is on its way to the files than should be held in memory. */
  flush(): Promise<void>;
  /** Makes all that was written durable; returns where each file ends. `meanwhile` is done while the disk works. */
  sync(meanwhile?: () => void): Promise<SavedFiles>;
  /** Completes all files; side files that were not asked for and hold nothing are not left behind. */
  finish(): Promise<readonly WrittenFile[]>;
  /** Leaves the unfinished files. */
  abandon(): Promise<void>;
  readonly written: number;
}

/** What files depend on. */
export type OutputsJob = Pick<ConvertJob, 'output' | 'deadLetters' | 'dropped' | 'provenance' | 'keepEmpty' | 'force' | 'shard'> & {
  readonly mapping: Pick<ConvertJob['mapping'], 'name' | 'version'>;
};

/** Bytes that may be on their way to one file. */
const MOST_PENDING = 2 * 1024 * 1024;

/** Refuses outputs that exist already: before anything is touched, the state of the run that wrote them above all. */
export function refuseExistingOutputs(job: OutputsJob): void {
  for (const path of Object.values(pathsOf(job))) if (path !== undefined && path !== '-') refuseExisting(path, { force: job.force });
}

/** True if any of a job's files is compressed. */
export function isCompressed(job: OutputsJob): boolean {
  return Object.values(pathsOf(job)).some((path) => path !== undefined && compressionOf(path) !== undefined);
}

function pathsOf(job: OutputsJob): { readonly [kind in keyof SavedFiles]-?: string | undefined } {
  const { output, deadLetters, dropped, provenance, shard } = job;
  return {
    ...{ output, deadLetters, dropped },
    provenance: provenance.kind === 'file' ? provenance.path : undefined,
    places: shard === undefined ? undefined : `${output}${PLACES}`,
  };
}

const KINDS = { output: 'output', provenance: 'provenance', dropped: 'dropped', deadLetters: 'dead letters', places: 'places' } as const;

/** The files of a finished job. Errors: `output-gone` (65) if one is not there as it was. */
export function writtenFiles(job: OutputsJob, saved: SavedFiles): readonly WrittenFile[] {
  const paths = pathsOf(job);
  return (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((kind) => {
    const path = paths[kind];
    const file = saved[kind];
    if (path === undefined || file === undefined || isLeftOut(job, kind, file.lines)) return [];
    // An empty compressed file has some bytes that no checkpoint knows of.
    if (!existsSync(path) || (file.bytes > 0 && statSync(path).size !== file.bytes)) throw gone(path);
    return [{ kind: KINDS[kind], path, lines: file.lines, bytes: file.plain }];
  });
}

function gone(path: string): UpcastError {
  return new UpcastError({
    code: 'output-gone',
    exit: EXIT.damaged,
    message: 'this job is finished, but its output is not there as it was written',
    place: path,
    hint: 'convert anew with --restart --force',
  });
}

/** Side files that were not asked for and hold nothing are not left behind. */
function isLeftOut(job: OutputsJob, kind: keyof SavedFiles, lines: number): boolean {
  return kind === 'deadLetters' && lines === 0 && !job.keepEmpty;
}

/**
 * Opens the files of a job, or goes on with those of an earlier run. `shard`: what a shard's places file begins with, and how many items of
 * the inputs were taken so far. Errors: see `openFileSink`.
 */
export async function openOutputs(
  job: OutputsJob,
  inputs: readonly string[],
  saved: Pick<SavedRun, 'files' | 'phase'> | undefined,
  shard?: { readonly head: (path: string) => string; readonly items: () => number },
): Promise<Outputs> {
  const context: SideContext = { inputs, mapping: `${job.mapping.name}@${job.mapping.version}` };
  const sources = createProvenance(context);
  const opened: Sink[] = [];
  const paths = pathsOf(job);
  const open = (kind: keyof SavedFiles): Sink | undefined => {
    const path = paths[kind];
    if (path === undefined) return undefined;
    const sink = openOutput(job, kind, path, saved);
    opened.push(sink);
    return sink;
  };
  const text = (sink: Sink | undefined): TextSink | undefined => (sink === undefined ? undefined : createTextSink(sink));
  let outputSink: Sink;
  let placesSink: TextSink | undefined;
  let deadLetters: TextSink | undefined;
  let dropped: TextSink | undefined;
  let provenance: Sink | undefined;
  try {
    outputSink = open('output') as Sink;
    deadLetters = text(open('deadLetters'));
    dropped = text(open('dropped'));
    provenance = open('provenance');
    placesSink = text(open('places'));
  } catch (error) {
    for (const sink of opened) await (saved === undefined ? sink.remove() : sink.abandon());
    throw error;
  }
  const places =
    placesSink === undefined || shard === undefined
      ? undefined
      : createPlaces({ write: placesSink.line, output: outputSink, items: shard.items });
  if (saved === undefined && placesSink !== undefined) placesSink.line(shard?.head(placesSink.sink.path) ?? '');
  const output: LineSink = places?.output ?? outputSink;
  const toProvenance: LineSink | undefined = provenance === undefined ? undefined : (places?.provenance(provenance) ?? provenance);
  const withField = job.provenance.kind === 'field';
  // Outputs that were written and whose bytes the sinks have not taken over yet, counted by chunk.
  let held: { readonly chunk: Output['chunk']; count: number }[] = [];
  const hold = ({ chunk }: Output): void => {
    const last = held[held.length - 1];
    if (last?.chunk === chunk) last.count += 1;
    else held.push({ chunk, count: 1 });
  };
  const write = (each: Output): void => {
    each.label.row.out += 1;
    hold(each);
    if (withField) sources.field(output, each);
    else output.line(each.bytes, each.start, each.end);
    if (toProvenance !== undefined) sources.line(toProvenance, each);
  };
  const put = (outcome: Outcome): void => {
    for (const each of outcome.outputs) {
      write(each);
      places?.wrote(each, outcome.contact);
    }
    const line = dropped === undefined || !outcome.home ? undefined : droppedLine(context, outcome);
    if (line === undefined) return;
    places?.text('dropped', line);
    dropped?.line(line);
  };
  const dead = (
    line: string,
    at: RecordView | BadRecord,
    { reason = 'unknown', message = reason }: { readonly reason?: string | undefined; readonly message?: string | undefined },
  ): void => {
    deadLetters?.line(line);
    places?.text('deadLetters', line);
    places?.dead(at, reason, message);
  };
  const flush = async (): Promise<void> => {
    for (const sink of [outputSink, deadLetters, dropped, provenance, placesSink]) sink?.flush();
    sources.flushed();
    for (const { chunk, count } of held) chunk.live -= count;
    held = [];
    for (const sink of opened) if (sink.pending > MOST_PENDING) await sink.drain();
  };
  const endOf = async (sink: Sink | undefined): Promise<SavedFile | undefined> =>
    sink === undefined ? undefined : { ...(await sink.sync()), plain: sink.bytes };
  const ends = async (meanwhile: () => void): Promise<readonly (SavedFile | undefined)[]> => {
    const syncing = Promise.allSettled([outputSink, deadLetters?.sink, dropped?.sink, provenance, placesSink?.sink].map(endOf));
    try {
      // Work that keeps the event loop busy comes after the system was asked to flush.
      await setImmediate();
      meanwhile();
    } finally {
      await syncing;
    }
    return (await syncing).map((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    });
  };
  return {
    outcome(outcome) {
      if (outcome.account === 'deadLetters') dead(deadLetterLine(context, outcome), outcome.record, outcome);
      else if (places === undefined) put(outcome);
      else places.entry(outcome, () => put(outcome));
      releaseRecord(outcome.record);
    },
    badRecord: (bad) => dead(badRecordLine(context, bad), bad, { reason: bad.code, message: bad.message }),
    late(frontier, outcome) {
      places?.late(frontier, () => {
        if (outcome !== undefined) put(outcome);
      });
      if (outcome !== undefined) releaseRecord(outcome.record);
    },
    mark: (frontier) => places?.mark(frontier),
    end: (end) => places?.end(end),
    merged: (notes) => ({
      output: outputSink.line,
      provenance: (bytes, start, end, lines) => provenance?.line(bytes, start, end, lines),
      dropped: (bytes, start, end, lines) => dropped?.sink.line(bytes, start, end, lines),
      dead(letter) {
        deadLetters?.line(letter.text);
        notes.deadLetter(letter, letter.code, letter.message);
      },
    }),
    flush,
    async sync(meanwhile = () => {}) {
      await flush();
      for (const sink of opened) await sink.drain();
      const [outputEnd, deadLettersEnd, droppedEnd, provenanceEnd, placesEnd] = await ends(meanwhile);
      return { output: outputEnd, deadLetters: deadLettersEnd, dropped: droppedEnd, provenance: provenanceEnd, places: placesEnd };
    },
    async finish() {
      await flush();
      const files: WrittenFile[] = [];
      const complete = async (kind: WrittenFile['kind'], sink: Sink | undefined, isOptional: boolean): Promise<void> => {
        if (sink === undefined) return;
        if (isOptional && sink.lines === 0) {
          await sink.remove();
          return;
        }
        await sink.finish();
        files.push({ kind, path: sink.path, lines: sink.lines, bytes: sink.bytes });
      };
      await complete('dead letters', deadLetters?.sink, isLeftOut(job, 'deadLetters', 0));
      await complete('dropped', dropped?.sink, false);
      await complete('provenance', provenance, false);
      await complete('places', placesSink?.sink, false);
      // Last: who sees the output sees all that belongs to it.
      await complete('output', outputSink, false);
      return files.reverse();
    },
    async abandon() {
      for (const sink of opened) await sink.abandon();
    },
    get written() {
      return outputSink.lines;
    },
  };
}

/** A file that is written from its beginning, from a checkpoint on, or not at all any more since it has its name already. */
function openOutput(job: OutputsJob, kind: keyof SavedFiles, path: string, saved: Pick<SavedRun, 'files' | 'phase'> | undefined): Sink {
  if (path === '-') return openStdoutSink();
  const resume = saved?.files[kind];
  if (saved === undefined || resume === undefined) return openFileSink(path, { force: job.force });
  const isNamed = saved.phase === 'done' || (saved.phase === 'complete' && !existsSync(`${path}.partial`));
  if (isNamed) return createNamedSink(path, resume);
  return openFileSink(path, { force: job.force, resume });
}
