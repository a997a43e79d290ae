import { createEventReader } from '../event/read.ts';
import type { BadRecord, RecordView } from '../event/record.ts';
import { createZone } from '../event/zone.ts';
import type { RecordBatch } from '../parse/options.ts';
import { isBad } from '../parse/options.ts';
import type { Portion, Reading } from './read-inputs.ts';
import { firstProgress, openBatches, unread } from './read-inputs.ts';
import type { InputProgress } from './saved-run.ts';

const PORTION = 1000;

/** Event time of a record; what has none goes first. */
type TimeOf = (item: RecordView | BadRecord) => number;

/** One input of a merge: its next record, and how far it was taken. */
interface Cursor {
  readonly index: number;
  readonly counter: { bytes: number };
  readonly batches: AsyncIterator<RecordBatch>;
  items: readonly (RecordView | BadRecord)[];
  at: number;
  time: number;
  /** Of the batch that `items` are. */
  batch: RecordBatch | undefined;
  /** The last border that was taken, and the records and blank lines taken since. */
  border: InputProgress;
  since: number;
  blanks: number;
}

/**
 * Reads all inputs at once and takes their records by event time, at equal times by the order of the inputs. Each input keeps its own
 * order. A run goes on at the last border of each input and skips what was taken since.
 */
export async function* readMerged(reading: Reading): AsyncGenerator<Portion> {
  const timeOf = createTimeOf(reading);
  const progress = firstProgress(reading);
  const heap: Cursor[] = [];
  const merge: Merge = { heap, progress, items: [], blanks: 0, atBorder: false, timeOf, reading };
  for (const [index, from] of progress.entries()) {
    if (from.state !== 'done') await open(merge, index, from);
  }
  while (heap.length > 0) {
    const cursor = heap[0] as Cursor;
    merge.items.push(cursor.items[cursor.at] as RecordView | BadRecord);
    cursor.at += 1;
    cursor.since += 1;
    if (await advance(merge, cursor)) sink(heap);
    else remove(heap);
    if (merge.atBorder || merge.items.length >= PORTION) yield takePortion(merge);
  }
  yield takePortion(merge);
}

interface Merge {
  readonly heap: Cursor[];
  readonly progress: InputProgress[];
  readonly timeOf: TimeOf;
  readonly reading: Reading;
  items: (RecordView | BadRecord)[];
  blanks: number;
  atBorder: boolean;
}

function createTimeOf({ job }: Reading): TimeOf {
  const reader = createEventReader({ ids: job.ids, zone: createZone(job.timeZone), undecidedIsCurrent: false });
  return (item) => {
    const time = isBad(item) ? undefined : reader.time(item);
    return typeof time === 'number' ? time : Number.NEGATIVE_INFINITY;
  };
}

async function open(merge: Merge, index: number, from: InputProgress): Promise<void> {
  const counter = { bytes: 0 };
  const { inputs, job } = merge.reading;
  const isOpen = job.keepOpen && index === inputs.length - 1;
  const batches = openBatches(merge.reading, index, from, counter, isOpen)[Symbol.asyncIterator]();
  const cursor: Cursor = { index, counter, batches, items: [], at: 0, time: 0, batch: undefined, border: from, since: 0, blanks: 0 };
  for (let left = from.skip ?? 0; ; left -= 1) {
    if (!(await advance(merge, cursor))) return;
    if (left === 0) break;
    cursor.at += 1;
    cursor.since += 1;
  }
  merge.heap.push(cursor);
  rise(merge.heap);
}

/** Makes the record at `cursor.at` ready, reading on if need be; false at the end of the input. */
async function advance(merge: Merge, cursor: Cursor): Promise<boolean> {
  while (cursor.at >= cursor.items.length) {
    leaveBatch(merge, cursor);
    const next = await cursor.batches.next();
    if (next.done === true) {
      finishInput(merge, cursor);
      return false;
    }
    cursor.batch = next.value;
    cursor.items = next.value.items;
    cursor.at = 0;
  }
  cursor.time = merge.timeOf(cursor.items[cursor.at] as RecordView | BadRecord);
  merge.progress[cursor.index] = { ...cursor.border, state: 'reading', skip: cursor.since };
  return true;
}

function leaveBatch(merge: Merge, cursor: Cursor): void {
  const { batch } = cursor;
  if (batch === undefined) return;
  cursor.blanks += batch.blanks;
  if (!batch.atBorder || batch.crc32 === undefined) return;
  const { position: offset, line, crc32, format } = batch;
  cursor.border = { ...unread(cursor.border.name), state: 'reading', offset, line, crc32, format };
  cursor.since = 0;
  merge.blanks += cursor.blanks;
  cursor.blanks = 0;
  merge.atBorder = true;
}

function finishInput(merge: Merge, cursor: Cursor): void {
  const { inputs, job } = merge.reading;
  if (job.keepOpen && cursor.index === inputs.length - 1) {
    merge.progress[cursor.index] = { ...cursor.border, state: 'reading', skip: cursor.since };
    return;
  }
  merge.progress[cursor.index] = { ...unread(cursor.border.name), state: 'done', size: cursor.counter.bytes };
  merge.blanks += cursor.blanks;
  merge.atBorder = true;
}

function takePortion(merge: Merge): Portion {
  const { items, blanks, atBorder } = merge;
  merge.items = [];
  merge.blanks = 0;
  merge.atBorder = false;
  return { items, blanks, atBorder, progress: [...merge.progress] };
}

function isFirst(a: Cursor, b: Cursor): boolean {
  return a.time < b.time || (a.time === b.time && a.index < b.index);
}

/** Moves the last cursor of the heap up to its place. */
function rise(heap: Cursor[]): void {
  for (let at = heap.length - 1; at > 0; ) {
    const parent = (at - 1) >> 1;
    if (!isFirst(heap[at] as Cursor, heap[parent] as Cursor)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

/** Moves the first cursor of the heap down to its place. */
function sink(heap: Cursor[]): void {
  for (let at = 0; ; ) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && isFirst(heap[child] as Cursor, heap[least] as Cursor)) least = child;
    }
    if (least === at) return;
    swap(heap, at, least);
    at = least;
  }
}

function remove(heap: Cursor[]): void {
  const last = heap.pop() as Cursor;
  if (heap.length === 0) return;
  heap[0] = last;
  sink(heap);
}

function swap(heap: Cursor[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b] as Cursor, heap[a] as Cursor];
}
