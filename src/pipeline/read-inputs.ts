import type { BadRecord, RecordView } from '../event/record.ts';
import { createShapeTree } from '../event/shape.ts';
import { decompress } from '../parse/decompress.ts';
import type { ReadOptions, RecordBatch } from '../parse/options.ts';
import { readRecords } from '../parse/reader.ts';
import type { InputSource } from '../source/inputs.ts';
import type { ConvertJob } from './job.ts';
import type { Notes } from './notes.ts';
import { resumeInput } from './resume-input.ts';
import type { InputProgress } from './saved-run.ts';

/** Records that are translated together. */
export interface Portion {
  readonly items: readonly (RecordView | BadRecord)[];
  readonly blanks: number;
  /** How far the inputs are read behind these items; undefined where a run cannot go on from there. */
  readonly progress: readonly InputProgress[] | undefined;
  /** A place for a checkpoint: it depends on nothing but the input. */
  readonly atBorder: boolean;
}

/** How inputs are read. */
export type ReadJob = Pick<
  ConvertJob,
  'maxLine' | 'dupKeys' | 'eventAt' | 'rs' | 'allowTruncated' | 'checkpointEvery' | 'keepOpen' | 'asReceived' | 'ids' | 'timeZone'
>;

/** What reading works with. */
export interface Reading {
  readonly job: ReadJob;
  readonly inputs: readonly InputSource[];
  readonly notes: Pick<Notes, 'counted'>;
  /** Where an earlier run stopped. */
  readonly saved: readonly InputProgress[] | undefined;
}

/** An input of which nothing was read yet. */
export function unread(name: string): InputProgress {
  return { name, state: 'waiting', size: 0, offset: 0, line: 0, crc32: 0, format: undefined };
}

/** Where every input stands at the beginning. */
export function firstProgress({ inputs, saved }: Reading): InputProgress[] {
  return inputs.map((input, index) => saved?.[index] ?? unread(input.name));
}

/** Reads one input after the other, from where an earlier run stopped. */
export async function* readInOrder(reading: Reading): AsyncGenerator<Portion> {
  const { inputs, job } = reading;
  const progress = firstProgress(reading);
  for (const [index, input] of inputs.entries()) {
    const from = progress[index] as InputProgress;
    if (from.state === 'done') continue;
    const counter = { bytes: 0 };
    const isOpen = job.keepOpen && index === inputs.length - 1;
    for await (const batch of openBatches(reading, index, from, counter, isOpen)) {
      const next = progressOf(from.name, batch);
      if (next !== undefined) progress[index] = next;
      yield {
        items: batch.items,
        blanks: batch.blanks,
        progress: next === undefined ? undefined : [...progress],
        atBorder: batch.atBorder,
      };
    }
    if (isOpen) continue;
    progress[index] = { ...unread(input.name), state: 'done', size: counter.bytes };
    yield { items: [], blanks: 0, progress: [...progress], atBorder: true };
  }
}

function progressOf(name: string, { position, line, crc32, format }: RecordBatch): InputProgress | undefined {
  return crc32 === undefined ? undefined : { name, state: 'reading', size: 0, offset: position, line, crc32, format };
}

/** Of a capture it is known: a record stands in it as it came, and may have line breaks in it. */
function formatOf(job: ReadJob, from: InputProgress): Pick<ReadOptions, 'format'> {
  if (from.format !== undefined) return { format: from.format };
  return job.asReceived ? { format: 'concatenated' } : {};
}

/** The batches of one input from a place on. `counter` is told its stored bytes; `isOpen`: it may grow later. */
export function openBatches(
  { job, inputs, notes }: Reading,
  source: number,
  from: InputProgress,
  counter: { bytes: number },
  isOpen: boolean,
): AsyncGenerator<RecordBatch> {
  const input = inputs[source] as InputSource;
  const { name } = input;
  const bytes = decompress(notes.counted(input.open(), counter), { allowTruncated: job.allowTruncated || isOpen, name });
  const options: ReadOptions = {
    source,
    maxLine: job.maxLine,
    dupKeys: job.dupKeys,
    ...(job.eventAt === undefined ? {} : { eventAt: job.eventAt }),
    name,
    rs: job.rs,
    shapes: createShapeTree({ duplicates: job.dupKeys === 'last' ? 'last' : 'first' }),
    allowTruncated: job.allowTruncated || isOpen,
    borderEvery: job.checkpointEvery,
    keepOpen: isOpen,
    startOffset: from.offset,
    startLine: from.line,
    startCrc: from.crc32,
    ...formatOf(job, from),
  };
  return readRecords(resumeInput(bytes, from), options);
}
